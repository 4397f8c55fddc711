"""Anthropic: the Claude models."""

from modelhall.providers.lists import read_list
from modelhall.providers.provider import Discovery, Links, Provider, anthropic_at

PROVIDER = Provider(
    name="anthropic",
    title="Anthropic",
    origin="https://api.anthropic.com",
    speaks=anthropic_at("/v1", counts_tokens=True),
    auth="x-api-key",
    key_env=("ANTHROPIC_API_KEY",),
    base_url_env=("ANTHROPIC_BASE_URL",),
    base_url_has_path=False,
    headers=(("anthropic-version", "2023-06-01"),),
    passes_headers=("anthropic-version", "anthropic-beta"),
    discovery=Discovery("/v1/models?limit=1000", read_list),
    links=Links(
        keys="https://platform.claude.com/settings/keys",
        docs="https://platform.claude.com/docs",
        status="https://status.claude.com",
        pricing="https://claude.com/pricing#api",
    ),
    catalog="anthropic",
    hosts=("api.anthropic.com",),
    stream_usage="always",
)
