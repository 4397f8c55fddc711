"""NVIDIA: hosted models at build.nvidia.com."""

from modelhall.providers.lists import read_list
from modelhall.providers.provider import Discovery, Links, Provider, openai_at

PROVIDER = Provider(
    name="nvidia",
    title="NVIDIA",
    origin="https://integrate.api.nvidia.com",
    speaks=openai_at("/v1", completions=True),
    key_env=("NVIDIA_API_KEY",),
    discovery=Discovery("/v1/models", read_list),
    links=Links(
        keys="https://build.nvidia.com/settings/api-keys",
        docs="https://docs.api.nvidia.com/nim/reference/llm-apis",
        pricing="https://build.nvidia.com",
    ),
    catalog="nvidia",
    hosts=("integrate.api.nvidia.com",),
)
