"""Together AI: open models."""

from modelhall.providers.lists import per_million, read_list_with
from modelhall.providers.provider import Discovery, Links, Provider, openai_at

PROVIDER = Provider(
    name="togetherai",
    title="Together AI",
    origin="https://api.together.xyz",
    speaks=openai_at("/v1", completions=True),
    key_env=("TOGETHER_API_KEY", "TOGETHERAI_API_KEY"),
    discovery=Discovery("/v1/models", read_list_with(per_million)),
    links=Links(
        keys="https://api.together.ai/settings/api-keys",
        docs="https://docs.together.ai/docs/openai-api-compatibility",
        status="https://status.together.ai",
        pricing="https://www.together.ai/pricing",
    ),
    catalog="togetherai",
    hosts=("api.together.xyz", "api.together.ai"),
)
