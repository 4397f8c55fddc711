"""Any server that speaks Anthropic's shape."""

from modelhall.providers.lists import read_list
from modelhall.providers.provider import Discovery, Links, Provider, anthropic_at

PROVIDER = Provider(
    name="anthropic-compatible",
    title="Anthropic-compatible",
    origin=None,
    speaks=anthropic_at("/v1", counts_tokens=True),
    auth="x-api-key",
    key_optional=True,
    base_url_has_path=False,
    base_url_hint="https://server.example",
    headers=(("anthropic-version", "2023-06-01"),),
    passes_headers=("anthropic-version", "anthropic-beta"),
    discovery=Discovery("/v1/models?limit=1000", read_list, needs_key=False),
    links=Links(docs="https://platform.claude.com/docs/en/api/messages"),
    stream_usage="always",
)
