"""A configuration as plain values: what the database holds, what a file says, and where they differ."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import msgspec

from modelhall.services.files.document import Document
from modelhall.services.files.kinds.kind import Fields, Kind, Objects
from modelhall.services.files.kinds.organisation import THE_ONE
from modelhall.services.files.kinds.registry import KINDS
from modelhall.services.files.stock import Stock
from modelhall.storage.files import FileStep

State: TypeAlias = Mapping[str, Objects]
"""Objects by kind and name."""
LISTS = ("models",)
SINGLE = ("default_model", "successor")
SEVERAL_LINES = frozenset({"notes"})


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of an object; `None`: it has its default."""

    field: str
    old: Any
    new: Any


def state_of(stock: Stock) -> State:
    """What the database holds."""
    return {kind.word: kind.read(stock) for kind in KINDS}


def said_in(document: Document) -> dict[str, dict[str, dict[str, Any]]]:
    """What a file says, as it says it."""
    # By way of JSON, so that it is what comes back out of the database.
    plain = msgspec.json.decode(msgspec.json.encode(document))
    said: dict[str, dict[str, dict[str, Any]]] = {}
    for kind in KINDS:
        given = plain.get(kind.word, () if kind.key else None)
        if kind.key is None:
            said[kind.word] = {} if given is None else {THE_ONE: given}
        else:
            said[kind.word] = {
                entry[kind.key]: {name: value for name, value in entry.items() if name != kind.key} for entry in given
            }
    return said


def tidy(fields: Fields) -> Fields:
    """The fields without blanks around texts of one line; a text of nothing but blanks is none."""
    new = dict(fields)
    for name, value in fields.items():
        if isinstance(value, str):
            new[name] = None if not value.strip() else value if name in SEVERAL_LINES else value.strip()
    return new


def wanted(kind: Kind, said: Fields, old: Fields | None, last: Fields, *, whole: bool) -> dict[str, Any]:
    """What an object is to be: what is said of it; what was said `last` and is said no more has its default again.

    Anything else stays as it is, or in a `whole` file has its default.
    """
    gone = set(kind.defaults) if whole else set(last) & set(kind.defaults)
    new = {name: value for name, value in (old or {}).items() if name not in gone}
    for name, value in said.items():
        if name in kind.defaults and value in (None, kind.defaults[name]):
            new.pop(name, None)
        else:
            new[name] = value
    return new


def differing(old: Fields | None, new: Fields | None) -> list[FieldChange]:
    """The fields in which these are not the same."""
    before, after = old or {}, new or {}
    names = sorted({*before, *after})
    return [
        FieldChange(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
    ]


def steps_between(old: State, new: State) -> list[FileStep]:
    """What became of which object, in the order of the kinds."""
    found: list[FileStep] = []
    for kind in KINDS:
        before, after = old[kind.word], new[kind.word]
        for name in dict.fromkeys((*before, *after)):
            if before.get(name) != after.get(name):
                found.append(FileStep(kind.word, name, before.get(name), after.get(name)))
    return found


def with_full_names(fields: Fields, known: Mapping[str, str], places: Iterable[str] = (*LISTS, *SINGLE)) -> Fields:
    """The fields with models by their public names. `known`: public names by bare id."""
    new = dict(fields)
    for place in places:
        value = new.get(place)
        if isinstance(value, str):
            new[place] = known.get(value, value)
        elif isinstance(value, list | tuple):
            names = cast("list[str]", value)
            new[place] = [*dict.fromkeys(known.get(each, each) for each in names)]
    return new


def bare_names(stock: Stock, said_models: Iterable[str]) -> dict[str, str]:
    """Public names by the provider's own name, the first profile's first; full names mean themselves."""
    order = {profile.id: (profile.position, profile.slug) for profile in stock.profiles}
    found: dict[str, str] = {}
    for model in sorted(stock.models, key=lambda each: order.get(each.profile_id, (0, ""))):
        found.setdefault(model.model_id, model.public_name)
    for name in said_models:
        found.setdefault(name.partition("/")[2], name)
    full = {name: name for name in (*stock.public.values(), *said_models)}
    return {**found, **full}
