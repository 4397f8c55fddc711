"""LM Studio on the owner's machines."""

from modelhall.providers.lists import read_list
from modelhall.providers.provider import Discovery, Links, Provider, anthropic_at, openai_at

PROVIDER = Provider(
    name="lmstudio",
    title="LM Studio",
    origin="http://127.0.0.1:1234",
    speaks={**openai_at("/v1", completions=True), **anthropic_at("/v1")},
    key_optional=True,
    key_env=("LMSTUDIO_API_KEY",),
    base_url_env=("LMSTUDIO_BASE_URL",),
    base_url_has_path=False,
    base_url_hint="http://127.0.0.1:1234/v1",
    discovery=Discovery("/v1/models", read_list, needs_key=False),
    links=Links(docs="https://lmstudio.ai/docs/developer/openai-compat"),
    free=True,
    local=True,
)
