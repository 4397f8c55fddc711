"""MiniMax: the M models, in OpenAI's and Anthropic's shapes."""

from modelhall.providers.lists import read_list
from modelhall.providers.provider import Discovery, Links, Provider, anthropic_at, openai_at

PROVIDER = Provider(
    name="minimax",
    title="MiniMax",
    origin="https://api.minimax.io",
    speaks={**openai_at("/v1", embeddings=False), **anthropic_at("/anthropic/v1")},
    key_env=("MINIMAX_API_KEY",),
    discovery=Discovery("/v1/models", read_list),
    links=Links(
        keys="https://platform.minimax.io/user-center/basic-information/interface-key",
        docs="https://platform.minimax.io/docs/guides/quickstart",
        pricing="https://platform.minimax.io/docs/guides/pricing",
    ),
    catalog="minimax",
    hosts=("api.minimax.io",),
)
