"""Nebius Token Factory: open models in Europe."""

from modelhall.providers.lists import per_token, read_list_with
from modelhall.providers.provider import Discovery, Links, Provider, openai_at

PROVIDER = Provider(
    name="nebius",
    title="Nebius Token Factory",
    origin="https://api.tokenfactory.nebius.com",
    speaks=openai_at("/v1", completions=True),
    key_env=("NEBIUS_API_KEY",),
    discovery=Discovery("/v1/models?verbose=true", read_list_with(per_token)),
    links=Links(
        keys="https://tokenfactory.nebius.com",
        docs="https://docs.tokenfactory.nebius.com",
        pricing="https://nebius.com/token-factory/prices",
    ),
    catalog="nebius",
    hosts=("api.tokenfactory.nebius.com", "api.studio.nebius.com", "api.studio.nebius.ai"),
)
