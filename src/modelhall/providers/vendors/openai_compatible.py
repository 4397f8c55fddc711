"""Any server that speaks OpenAI's shape."""

from modelhall.providers.lists import read_list
from modelhall.providers.provider import Discovery, Links, Provider, openai_at

PROVIDER = Provider(
    name="openai-compatible",
    title="OpenAI-compatible",
    origin=None,
    speaks=openai_at("/v1", completions=True),
    key_optional=True,
    base_url_hint="https://server.example/v1",
    discovery=Discovery("/v1/models", read_list, needs_key=False),
    links=Links(docs="https://platform.openai.com/docs/api-reference/chat"),
)
