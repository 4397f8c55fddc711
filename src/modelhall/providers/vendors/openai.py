"""OpenAI: the reference of its family."""

from modelhall.providers.lists import read_list
from modelhall.providers.provider import Discovery, Links, Provider, openai_at

PROVIDER = Provider(
    name="openai",
    title="OpenAI",
    origin="https://api.openai.com",
    speaks=openai_at("/v1", completions=True),
    key_env=("OPENAI_API_KEY",),
    base_url_env=("OPENAI_BASE_URL", "OPENAI_API_BASE"),
    passes_headers=("openai-beta",),
    organisation_header="openai-organization",
    project_header="openai-project",
    discovery=Discovery("/v1/models", read_list),
    links=Links(
        keys="https://platform.openai.com/api-keys",
        docs="https://platform.openai.com/docs",
        status="https://status.openai.com",
        pricing="https://openai.com/api/pricing",
    ),
    catalog="openai",
    hosts=("api.openai.com",),
    # The reasoning models refuse `max_tokens`; all chat models take this name.
    output_limit_name="max_completion_tokens",
)
