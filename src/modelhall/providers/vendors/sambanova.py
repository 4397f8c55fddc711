"""SambaNova: open models, in OpenAI's and Anthropic's shapes."""

from modelhall.providers.lists import per_token, read_list_with
from modelhall.providers.provider import Discovery, Links, Provider, anthropic_at, openai_at

PROVIDER = Provider(
    name="sambanova",
    title="SambaNova",
    origin="https://api.sambanova.ai",
    speaks={**openai_at("/v1"), **anthropic_at("/v1", counts_tokens=True)},
    key_env=("SAMBANOVA_API_KEY",),
    discovery=Discovery("/v1/models", read_list_with(per_token)),
    links=Links(
        keys="https://cloud.sambanova.ai/apis",
        docs="https://docs.sambanova.ai/docs/en/get-started/api-keys-urls",
        pricing="https://cloud.sambanova.ai/pricing",
    ),
    catalog="sambanova",
    hosts=("api.sambanova.ai",),
)
