"""Z.ai: the GLM models, in OpenAI's and Anthropic's shapes."""

from modelhall.providers.lists import read_list
from modelhall.providers.provider import Discovery, Links, Provider, anthropic_at, openai_at

PROVIDER = Provider(
    name="zai",
    title="Z.ai",
    origin="https://api.z.ai",
    speaks={**openai_at("/api/paas/v4"), **anthropic_at("/api/anthropic/v1")},
    key_env=("ZAI_API_KEY", "ZHIPU_API_KEY"),
    discovery=Discovery("/api/paas/v4/models", read_list),
    links=Links(
        keys="https://z.ai/manage-apikey/apikey-list",
        docs="https://docs.z.ai/guides/develop/openai/python",
        pricing="https://docs.z.ai/guides/overview/pricing",
    ),
    catalog="zai",
    hosts=("api.z.ai",),
    stream_usage="always",
)
