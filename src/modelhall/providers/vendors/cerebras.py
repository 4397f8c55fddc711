"""Cerebras: open models at high speed."""

from modelhall.providers.lists import read_list
from modelhall.providers.provider import Discovery, Links, Provider, openai_at

PROVIDER = Provider(
    name="cerebras",
    title="Cerebras",
    origin="https://api.cerebras.ai",
    speaks=openai_at("/v1", completions=True, embeddings=False),
    key_env=("CEREBRAS_API_KEY",),
    discovery=Discovery("/v1/models", read_list),
    links=Links(
        keys="https://cloud.cerebras.ai",
        docs="https://inference-docs.cerebras.ai/resources/openai",
        status="https://status.cerebras.ai",
        pricing="https://www.cerebras.ai/pricing",
    ),
    catalog="cerebras",
    hosts=("api.cerebras.ai",),
    output_limit_name="max_completion_tokens",
)
