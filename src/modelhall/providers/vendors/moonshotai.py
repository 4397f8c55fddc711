"""Moonshot AI: the Kimi models, in OpenAI's and Anthropic's shapes."""

from modelhall.providers.lists import read_list
from modelhall.providers.provider import Discovery, Links, Provider, anthropic_at, openai_at

PROVIDER = Provider(
    name="moonshotai",
    title="Moonshot AI",
    origin="https://api.moonshot.ai",
    speaks={**openai_at("/v1", embeddings=False), **anthropic_at("/anthropic/v1")},
    key_env=("MOONSHOT_API_KEY",),
    discovery=Discovery("/v1/models", read_list),
    links=Links(
        keys="https://platform.moonshot.ai/console/api-keys",
        docs="https://platform.moonshot.ai/docs/api/chat",
        pricing="https://platform.moonshot.ai/docs/pricing/chat",
    ),
    catalog="moonshotai",
    hosts=("api.moonshot.ai",),
)
