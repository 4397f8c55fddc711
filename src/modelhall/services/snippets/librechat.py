"""LibreChat: a custom endpoint in `librechat.yaml` (librechat.ai/docs, custom endpoint object structure, 2026-11)."""

from collections.abc import Sequence

from modelhall.services.snippets.forms import Value, yaml_text
from modelhall.services.snippets.offer import Offer, OfferedModel
from modelhall.services.snippets.program import KEY, NAME, File, Program, chatting

VERSION = "1.2.1"
"""Of the file's form; LibreChat only hints at a newer one."""


def write(offer: Offer) -> Sequence[File]:
    """The endpoint with its models; names that appear later are fetched unless the models were chosen."""
    models = chatting(offer)
    endpoint: dict[str, Value] = {
        "name": NAME,
        "apiKey": f"${{{KEY}}}",
        "baseURL": offer.openai,
        "models": {"default": [model.name for model in models], "fetch": not offer.chosen},
        "titleConvo": True,
        "titleModel": "current_model",
        "modelDisplayLabel": NAME,
    }
    if prices := {model.name: told for model in models if (told := _tokens(model)) is not None}:
        endpoint["tokenConfig"] = prices
    return [File("librechat.yaml", yaml_text({"version": VERSION, "endpoints": {"custom": [endpoint]}}))]


def _tokens(model: OfferedModel) -> dict[str, Value] | None:
    """LibreChat wants all three together: US dollars per million tokens, and the window."""
    input_, output = model.usd_per_mtok.get("input"), model.usd_per_mtok.get("output")
    if input_ is None or output is None or model.context_window is None:
        return None
    return {"prompt": input_, "completion": output, "context": model.context_window}


PROGRAM = Program(
    "librechat",
    "LibreChat",
    write,
    (
        f"Put `{KEY}=mh_…` into LibreChat's .env.",
        "Put the endpoint into the list endpoints.custom of librechat.yaml, then restart LibreChat.",
        "In a container 127.0.0.1 is the container itself: give an address that it can reach with --address.",
    ),
)
