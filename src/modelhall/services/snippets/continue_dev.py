"""Continue: models in `config.yaml` (continuedev/continue, `packages/config-yaml/src/schemas/models.ts`, 2026-11)."""

from collections.abc import Sequence

from modelhall.services.snippets.forms import Value, yaml_text
from modelhall.services.snippets.offer import TAKES_TEXT, Offer, OfferedModel
from modelhall.services.snippets.program import KEY, NAME, File, Program

CAPABILITIES = {"tools": "tool_use", "vision": "image_input"}


def write(offer: Offer) -> Sequence[File]:
    """One entry for each model, with the roles that it can fill."""
    whole: dict[str, Value] = {
        "name": NAME,
        "version": "0.0.1",
        "schema": "v1",
        "models": [_model(offer, model) for model in offer.models],
    }
    return [File("config.yaml", yaml_text(whole))]


def _model(offer: Offer, model: OfferedModel) -> dict[str, Value]:
    entry: dict[str, Value] = {
        "name": model.title,
        "provider": "openai",
        "model": model.name,
        "apiBase": offer.openai,
        "apiKey": f"${{{{ secrets.{KEY} }}}}",
        "roles": ["embed"] if model.kind == TAKES_TEXT else ["chat", "edit", "apply"],
    }
    if can := [word for name, word in CAPABILITIES.items() if name in model.capabilities]:
        entry["capabilities"] = can
    if model.context_window is not None and model.chats:
        entry["defaultCompletionOptions"] = {"contextLength": model.context_window}
    return entry


PROGRAM = Program(
    "continue",
    "Continue",
    write,
    (f"Put `{KEY}=mh_…` into ~/.continue/.env.", "Put the models into ~/.continue/config.yaml."),
)
