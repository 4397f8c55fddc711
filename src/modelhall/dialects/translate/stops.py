"""Why an answer ended, in each dialect's words."""

from collections.abc import Mapping

from modelhall.domain.messages import Stop

OPENAI: Mapping[str, Stop] = {
    "stop": "end",
    "length": "length",
    "tool_calls": "tool",
    "function_call": "tool",
    "content_filter": "refused",
    # Of vendors that speak the dialect.
    "eos": "end",
    "eos_token": "end",
    "stop_sequence": "sequence",
    "max_tokens": "length",
    "model_length": "context",
}
FAILURES = frozenset({"error", "insufficient_system_resource"})
"""Reasons by which some vendors tell, in place of an error, that the answer broke off (OpenRouter, DeepSeek)."""

TO_OPENAI: Mapping[Stop, str] = {
    "end": "stop",
    "sequence": "stop",
    "length": "length",
    "context": "length",
    "tool": "tool_calls",
    "refused": "content_filter",
    "paused": "stop",
}

ANTHROPIC: Mapping[str, Stop] = {
    "end_turn": "end",
    "stop_sequence": "sequence",
    "max_tokens": "length",
    "tool_use": "tool",
    "refusal": "refused",
    "pause_turn": "paused",
    "model_context_window_exceeded": "context",
}
TO_ANTHROPIC: Mapping[Stop, str] = {stop: name for name, stop in ANTHROPIC.items()}


def stop_of(name: str | None, names: Mapping[str, Stop]) -> Stop | None:
    """The reason by its name; a name that nobody knows is an end in peace, none is not told."""
    return None if not name else names.get(name, "end")


def with_calls(stop: Stop | None, *, calls: bool) -> Stop | None:
    """Vendors also say `stop` where the model asked for a tool, as OpenAI itself does for a named one."""
    return "tool" if calls and stop == "end" else stop
