"""The command `llm`: models in `extra-openai-models.yaml` (llm 0.36, `default_plugins/openai_models.py`)."""

from collections.abc import Sequence

from modelhall.services.snippets.forms import Value, yaml_text
from modelhall.services.snippets.offer import Offer, OfferedModel
from modelhall.services.snippets.program import KEY, File, Program, chatting

CAPABILITIES = {"json_schema": "supports_schema", "tools": "supports_tools", "vision": "vision", "audio": "audio"}


def write(offer: Offer) -> Sequence[File]:
    """One entry for each model, under Modelhall's own name of it."""
    entries: list[Value] = [_model(offer, model) for model in chatting(offer)]
    return [File("extra-openai-models.yaml", yaml_text(entries))]


def _model(offer: Offer, model: OfferedModel) -> dict[str, Value]:
    entry: dict[str, Value] = {
        "model_id": model.name,
        "model_name": model.name,
        "api_base": offer.openai,
        "api_key_name": "modelhall",
    }
    return entry | {word: True for name, word in CAPABILITIES.items() if name in model.capabilities}


PROGRAM = Program(
    "llm",
    "llm",
    write,
    (
        'Save the file in the folder that `dirname "$(llm logs path)"` names.',
        f'llm keys set modelhall --value "${KEY}"',
    ),
)
