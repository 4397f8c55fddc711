"""All dialects that the house speaks."""

from modelhall.dialects import (
    anthropic_count_tokens,
    anthropic_messages,
    openai_chat,
    openai_completions,
    openai_embeddings,
)
from modelhall.dialects.dialect import Dialect

DIALECTS: tuple[Dialect, ...] = (
    openai_chat,
    openai_completions,
    openai_embeddings,
    anthropic_messages,
    anthropic_count_tokens,
)
