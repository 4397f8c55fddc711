"""Google Gemini through its OpenAI-compatible endpoint."""

from dataclasses import replace

from modelhall.dialects import openai_chat
from modelhall.dialects.openai_usage import read_usage_with_reasoning_apart
from modelhall.providers.lists import read_list
from modelhall.providers.provider import DiscoveredModel, Discovery, Links, Provider, openai_at


def _read_models(body: bytes) -> tuple[DiscoveredModel, ...]:
    """The list says `models/gemini-…`, while calls want the plain name."""
    return tuple(replace(model, id=model.id.removeprefix("models/")) for model in read_list(body))


PROVIDER = Provider(
    name="google",
    title="Google Gemini",
    origin="https://generativelanguage.googleapis.com",
    speaks=openai_at("/v1beta/openai"),
    key_env=("GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GENERATIVE_AI_API_KEY"),
    discovery=Discovery("/v1beta/openai/models", _read_models),
    links=Links(
        keys="https://aistudio.google.com/apikey",
        docs="https://ai.google.dev/gemini-api/docs/openai",
        status="https://aistudio.google.com/status",
        pricing="https://ai.google.dev/gemini-api/docs/pricing",
    ),
    catalog="google",
    hosts=("generativelanguage.googleapis.com",),
    # `completion_tokens` leaves thoughts out; only the total has them (Clarifai/clarifai-python #978, 2026-03).
    reads_usage={openai_chat: read_usage_with_reasoning_apart},
)
