"""What a file wants of the configuration: which objects are to be as it says, and which are to go."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from msgspec import UNSET

from modelhall.domain.errors import ModelhallError
from modelhall.services.files.carry_out import Telling
from modelhall.services.files.document import Document
from modelhall.services.files.foreign_text import Said
from modelhall.services.files.kinds.kind import Fields, Present, Task
from modelhall.services.files.kinds.registry import BY_WORD, KINDS
from modelhall.services.files.outcome import Held
from modelhall.services.files.secrets import Secrets
from modelhall.services.files.state import State, bare_names, differing, said_in, tidy, wanted, with_full_names
from modelhall.services.files.stock import Stock

Name: TypeAlias = tuple[str, str]
"""Kind and name of an object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenFile:
    """A file as it comes from a person or program."""

    text: bytes = field(repr=False)
    name: str
    """By which it is told and remembered; without folders."""
    form: str | None = None
    """`toml`, `yaml` or `json`; otherwise as the name ends."""
    prune: bool = False
    """Whether everything that is not in it goes."""
    keep: bool = False
    """Whether nothing goes, not even what an earlier apply of this file made and it no longer says."""
    passphrase: str | None = field(default=None, repr=False)
    """For the secrets in it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A file as it was read."""

    document: Document
    said: Said
    given: GivenFile
    secrets: Secrets


def said_by(wish: Wish, stock: Stock, before: State, who: str | None, telling: Telling) -> dict[Name, Fields]:
    """What the file says of each object, in the spelling in which it is kept, with what it leaves open filled in.

    Raises BadRequest with the place.
    """
    plain = said_in(wish.document)
    known = bare_names(stock, plain["model"])
    today = stock.now.date().isoformat()
    found: dict[Name, Fields] = {}
    for kind in KINDS:
        for name, given in plain[kind.word].items():
            # A bare name that a profile says is one of its own models.
            words: Fields = given if kind.word == "profile" else with_full_names(given, known)
            if kind.word == "profile" and name in wish.secrets and "headers" not in given:
                words = {**words, "headers": wish.secrets[name].headers}
            try:
                words = kind.normal(tidy(words))
            except ModelhallError as error:
                raise telling(kind.word, name, error) from error
            found[kind.word, name] = kind.settle(words, Present(name, before[kind.word].get(name), today, who))
    return found


def tasks_of(wish: Wish, said: Mapping[Name, Fields], before: State, held: Held) -> list[Task]:
    """What is to be made or changed."""
    tasks: list[Task] = []
    whole = wish.document.head.whole
    for (word, name), words in said.items():
        kind, old, one = BY_WORD[word], before[word].get(name), held.get((word, name))
        last: Fields = one.said if one is not None and one.file == wish.given.name else {}
        new = wanted(kind, words, old, last, whole=whole)
        if old is None or differing(old, new):
            tasks.append(Task(word, name, old, new, exact=whole or old is not None))
    return tasks


def removals_of(given: GivenFile, said: Mapping[Name, Fields], before: State, held: Held) -> list[Name]:
    """What is to go: what an earlier apply of this file made and it says no more; with `prune` all that it does not."""
    going: list[Name] = []
    for kind in KINDS if not given.keep else ():
        for name, fields in before[kind.word].items() if kind.remove is not None else ():
            one = held.get((kind.word, name))
            made = one is not None and one.made and one.file == given.name
            if (kind.word, name) not in said and (made or given.prune) and not kind.kept(name, fields):
                going.append((kind.word, name))
    return going


def warnings_of(wish: Wish, said: Mapping[Name, Fields], after: State) -> tuple[str, ...]:
    """What the file could not say: secrets that stayed closed, headers without a value."""
    found: list[str] = []
    if wish.document.secrets is not UNSET and wish.given.passphrase is None:
        found.append("the secrets in the file were left alone; give the passphrase to have them applied")
    for profile in wish.document.profiles:
        names = () if profile.header_names is UNSET else profile.header_names
        there = after["profile"].get(profile.id, {}).get("headers", {})
        if missing := [name for name in names if name not in there]:
            found.append(f"profile {profile.id}: the file has no value of {', '.join(missing)}; give it by hand")
    return tuple(found)
