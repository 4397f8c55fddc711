"""A llama.cpp server of one's own."""

from modelhall.providers.lists import read_list
from modelhall.providers.provider import Discovery, Links, Provider, anthropic_at, openai_at

PROVIDER = Provider(
    name="llama-cpp",
    title="llama.cpp",
    origin="http://127.0.0.1:8080",
    speaks={**openai_at("/v1", completions=True), **anthropic_at("/v1", counts_tokens=True)},
    key_optional=True,
    key_env=("LLAMA_CPP_API_KEY",),
    base_url_env=("LLAMA_CPP_BASE_URL",),
    base_url_has_path=False,
    base_url_hint="http://127.0.0.1:8080/v1",
    discovery=Discovery("/v1/models", read_list, needs_key=False),
    links=Links(docs="https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md"),
    free=True,
    local=True,
)
