"""opencode: a provider in `opencode.json` (by examples that its users published, 2026-11)."""

from collections.abc import Sequence

from modelhall.services.snippets.forms import Value, json_text
from modelhall.services.snippets.offer import Offer, OfferedModel
from modelhall.services.snippets.program import KEY, NAME, File, Program, chatting

COSTS = {"input": "input", "output": "output", "cache_read": "cache_read", "cache_write_5m": "cache_write"}
CAPABILITIES = {"tools": "tool_call", "vision": "attachment", "reasoning": "reasoning"}
PROVIDER = "modelhall"


def write(offer: Offer) -> Sequence[File]:
    """The provider with its models, and the first as the model to begin with."""
    models = chatting(offer)
    whole: dict[str, Value] = {
        "$schema": "https://opencode.ai/config.json",
        "provider": {
            PROVIDER: {
                "npm": "@ai-sdk/openai-compatible",
                "name": NAME,
                "options": {"baseURL": offer.openai, "apiKey": f"{{env:{KEY}}}"},
                "models": {model.name: _model(model) for model in models},
            }
        },
        "model": f"{PROVIDER}/{models[0].name}",
    }
    return [File("opencode.json", json_text(whole))]


def _model(model: OfferedModel) -> dict[str, Value]:
    entry: dict[str, Value] = {"name": model.title}
    entry |= {word: True for name, word in CAPABILITIES.items() if name in model.capabilities}
    if model.context_window is not None and model.max_output is not None:
        entry["limit"] = {"context": model.context_window, "output": model.max_output}
    cost = {word: model.usd_per_mtok[name] for name, word in COSTS.items() if name in model.usd_per_mtok}
    if "input" in cost and "output" in cost:
        entry["cost"] = cost
    return entry


PROGRAM = Program(
    "opencode",
    "opencode",
    write,
    (f"Set {KEY} to your key in the shell.", "Save the file as opencode.json in your project or ~/.config/opencode."),
)
