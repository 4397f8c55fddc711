"""What is known of the built-in model."""

from modelhall.domain.library import BUILT_IN_MODEL
from modelhall.providers.provider import DiscoveredModel
from modelhall.services.local.status import CONTEXT_TOKENS

BUILT_IN = DiscoveredModel(
    id=BUILT_IN_MODEL,
    name="SmolLM2 135M Instruct",
    maker="Hugging Face",
    kind="chat",
    context=CONTEXT_TOKENS,
    max_output=CONTEXT_TOKENS,
    capabilities=frozenset({"streaming"}),
)
"""Its context is what one call may fill, prompt and answer together."""
