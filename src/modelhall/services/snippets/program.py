"""A program that can be pointed here, and what is written for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from modelhall.domain.errors import NotFound
from modelhall.services.snippets.offer import Offer, OfferedModel

KEY = "MODELHALL_KEY"
"""The variable in which every snippet expects the key."""
NAME = "Modelhall"


@dataclass(frozen=True, slots=True)
class File:
    """A file of the program's own form."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Program:
    """A program, and how its configuration is written."""

    name: str
    title: str
    write: Callable[[Offer], Sequence[File]]
    steps: Sequence[str] = field(default=())
    """What to do with the files, in order."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """What a program needs to call this house."""

    program: str
    title: str
    address: str
    """As the program is told it, without the path of a dialect."""
    models: tuple[str, ...]
    files: tuple[File, ...]
    steps: tuple[str, ...]


def chatting(offer: Offer) -> Sequence[OfferedModel]:
    """The models that answer chats. Raises NotFound when there is none."""
    found = [model for model in offer.models if model.chats]
    if not found:
        raise NotFound("none of these models chats; `modelhall model list` shows what there is")
    return found
