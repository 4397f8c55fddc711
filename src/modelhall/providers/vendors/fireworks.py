"""Fireworks AI: open models."""

from modelhall.providers.lists import read_list
from modelhall.providers.provider import Discovery, Links, Provider, openai_at

PROVIDER = Provider(
    name="fireworks-ai",
    title="Fireworks AI",
    origin="https://api.fireworks.ai",
    speaks=openai_at("/inference/v1", completions=True),
    key_env=("FIREWORKS_API_KEY",),
    discovery=Discovery("/inference/v1/models", read_list),
    links=Links(
        keys="https://app.fireworks.ai/settings/users/api-keys",
        docs="https://docs.fireworks.ai/tools-sdks/openai-compatibility",
        status="https://status.fireworks.ai",
        pricing="https://fireworks.ai/pricing",
    ),
    catalog="fireworks-ai",
    hosts=("api.fireworks.ai",),
)
