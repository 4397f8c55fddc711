"""Open WebUI: a connection in variables of its environment (its `config.py`, 2026-11)."""

from collections.abc import Sequence

from modelhall.services.snippets.forms import scalar
from modelhall.services.snippets.offer import Offer
from modelhall.services.snippets.program import KEY, File, Program, chatting


def write(offer: Offer) -> Sequence[File]:
    """The variables; the models only where they were chosen, because it asks for the list itself."""
    models = [model.name for model in chatting(offer)] if offer.chosen else []
    connection = {"enable": True, "connection_type": "external", "model_ids": models}
    lines = (
        "ENABLE_OPENAI_API=true",
        f"OPENAI_API_BASE_URLS={offer.openai}",
        f"OPENAI_API_KEYS=${{{KEY}}}",
        f"OPENAI_API_CONFIGS='{_quoted(scalar({'0': connection}))}'",
    )
    return [File(".env", "\n".join(lines) + "\n")]


def _quoted(json: str) -> str:
    """Without single quotes, which would end the value."""
    return json.replace("'", "\\u0027")


PROGRAM = Program(
    "open-webui",
    "Open WebUI",
    write,
    (
        f"Put the lines and `{KEY}=mh_…` into the .env beside its compose file.",
        "It reads them at its first start only; later, enter address and key under Admin Settings, Connections.",
        "In a container 127.0.0.1 is the container itself: give an address that it can reach with --address.",
    ),
)
