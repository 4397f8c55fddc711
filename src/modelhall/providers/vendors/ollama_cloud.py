"""Ollama Cloud: large open models at ollama.com."""

from modelhall.providers.lists import read_list
from modelhall.providers.provider import Discovery, Links, PrivacyFact, Provider, anthropic_at, openai_at

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
    privacy=(PrivacyFact("no_training", True, "trains no models", "https://docs.ollama.com/cloud", "2026-11-20"),),
    catalog="ollama-cloud",
    hosts=("ollama.com",),
)
