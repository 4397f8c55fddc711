"""The SDKs of OpenAI and Anthropic, and all programs built on them: the variables that they read."""

from collections.abc import Sequence

from modelhall.services.snippets.offer import Offer
from modelhall.services.snippets.program import KEY, File, Program


def write_openai(offer: Offer) -> Sequence[File]:
    """Address and key."""
    return [File(".env", _exports(OPENAI_BASE_URL=offer.openai))]


def write_anthropic(offer: Offer) -> Sequence[File]:
    """The same; its clients add the path themselves."""
    return [File(".env", _exports(ANTHROPIC_BASE_URL=offer.address))]


def _exports(**addresses: str) -> str:
    (name, address), *_ = addresses.items()
    key = name.replace("BASE_URL", "API_KEY")
    return f'export {name}="{address}"\nexport {key}="${KEY}"\n'


STEPS = (f"Set {KEY} to your key in the shell, then run these lines there.",)
OPENAI = Program("openai", "OpenAI's SDKs", write_openai, STEPS)
ANTHROPIC = Program("anthropic", "Anthropic's SDKs", write_anthropic, STEPS)
