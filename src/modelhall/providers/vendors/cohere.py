"""Cohere through its compatibility API."""

from modelhall.providers.lists import read_list
from modelhall.providers.provider import Discovery, Links, Provider, openai_at

PROVIDER = Provider(
    name="cohere",
    title="Cohere",
    origin="https://api.cohere.ai",
    speaks=openai_at("/compatibility/v1"),
    key_env=("COHERE_API_KEY", "CO_API_KEY"),
    discovery=Discovery("/v1/models?page_size=1000", read_list),
    links=Links(
        keys="https://dashboard.cohere.com/api-keys",
        docs="https://docs.cohere.com/docs/compatibility-api",
        status="https://status.cohere.com",
        pricing="https://cohere.com/pricing",
    ),
    catalog="cohere",
    hosts=("api.cohere.ai", "api.cohere.com"),
    # The compatibility API refuses `stream_options` (strandsagents.com, Cohere, read 2026-11).
    stream_usage="never",
)
