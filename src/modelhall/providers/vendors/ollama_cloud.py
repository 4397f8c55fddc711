"""Ollama Cloud: large open models at ollama.com."""

from modelhall.providers.lists import read_list
from modelhall.providers.provider import Discovery, Links, Provider, anthropic_at, openai_at

PROVIDER = Provider(
    name="ollama-cloud",
    title="Ollama Cloud",
    origin="https://ollama.com",
    # Only the bearer form of the key is taken, in both shapes (docs.ollama.com, Anthropic compatibility, read 2026-11).
    speaks={**openai_at("/v1"), **anthropic_at("/v1")},
    key_env=("OLLAMA_API_KEY",),
    headers=(("anthropic-version", "2023-06-01"),),
    discovery=Discovery("/v1/models", read_list),
    links=Links(
        keys="https://ollama.com/settings/keys",
        docs="https://docs.ollama.com/cloud",
        pricing="https://ollama.com/pricing",
    ),
    catalog="ollama-cloud",
    hosts=("ollama.com",),
)
