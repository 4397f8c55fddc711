"""aider: its model, address and the model's limits and prices (aider.chat/docs, advanced model settings, 2026-11)."""

from collections.abc import Sequence

from modelhall.domain.price_units import in_unit
from modelhall.services.snippets.forms import Value, json_text, yaml_text
from modelhall.services.snippets.offer import Offer, OfferedModel
from modelhall.services.snippets.program import KEY, File, Program, chatting

COSTS = {
    "input": "input_cost_per_token",
    "output": "output_cost_per_token",
    "cache_read": "cache_read_input_token_cost",
    "cache_write_5m": "cache_creation_input_token_cost",
}


def write(offer: Offer) -> Sequence[File]:
    """Three files: what to call, the key's variable, and what aider cannot know of the models."""
    models = chatting(offer)
    conf: dict[str, Value] = {"model": _name(models[0]), "openai-api-base": offer.openai}
    return [
        File(".aider.conf.yml", yaml_text(conf)),
        File(".env", f"OPENAI_API_KEY=${{{KEY}}}\n"),
        File(".aider.model.metadata.json", json_text({_name(model): _model(model) for model in models})),
    ]


def _name(model: OfferedModel) -> str:
    """What stands before the first slash tells aider which shape to speak."""
    return f"openai/{model.name}"


def _model(model: OfferedModel) -> dict[str, Value]:
    entry: dict[str, Value] = {"litellm_provider": "openai", "mode": "chat"}
    if model.context_window is not None:
        entry["max_input_tokens"] = model.context_window
    if model.max_output is not None:
        entry |= {"max_output_tokens": model.max_output, "max_tokens": model.max_output}
    prices = model.usd_per_mtok
    return entry | {word: in_unit(prices[name], "per_token") for name, word in COSTS.items() if name in prices}


PROGRAM = Program(
    "aider",
    "aider",
    write,
    (f"Set {KEY} to your key in the shell.", "Save the files in the root of your project, or in your home folder."),
)
