"""A vLLM server of one's own."""

from modelhall.providers.lists import read_list
from modelhall.providers.provider import Discovery, Links, Provider, anthropic_at, openai_at

PROVIDER = Provider(
    name="vllm",
    title="vLLM",
    origin="http://127.0.0.1:8000",
    speaks={**openai_at("/v1", completions=True), **anthropic_at("/v1", counts_tokens=True)},
    key_optional=True,
    key_env=("VLLM_API_KEY",),
    base_url_env=("VLLM_BASE_URL",),
    base_url_has_path=False,
    base_url_hint="http://127.0.0.1:8000/v1",
    discovery=Discovery("/v1/models", read_list, needs_key=False),
    links=Links(docs="https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html"),
    free=True,
    local=True,
)
