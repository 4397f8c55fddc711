"""What every kind of object in a configuration has: the words for it, and its four verbs."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from modelhall.domain.people import Actor
from modelhall.services.files.stock import Stock
from modelhall.services.house import House
from modelhall.services.keep import KEEP, Keep

Fields: TypeAlias = Mapping[str, Any]
"""An object by its fields, as plain values; a field that has its default is left out."""
Objects: TypeAlias = Mapping[str, Fields]
"""By name."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a kind writes with: a house whose changes are all one."""

    house: House
    actor: Actor
    who: str | None
    """The actor's login."""


@dataclass(frozen=True, slots=True)
class Task:
    """What one object is to become."""

    kind: str
    name: str
    old: Fields | None
    """`None`: it is not there."""
    new: Fields
    exact: bool = True
    """Whether an object that is made new has nothing but these fields; otherwise what the catalog says stays."""

    def differs(self, *names: str) -> bool:
        """Whether one of these fields changes."""
        old = self.old or {}
        return any(old.get(name) != self.new.get(name) for name in names)

    def edit(self, name: str, default: Any = None) -> Any:
        """The new value of a field if it changes, KEEP otherwise."""
        return self.new.get(name, default) if self.differs(name) else KEEP


def values_edit(task: Task) -> Any:
    """The change of the values that are sent where a caller sends none: null takes one away. KEEP if none changes."""
    if not task.differs("parameters"):
        return KEEP
    new = task.new.get("parameters", {})
    return {name: new.get(name) for name in {**(task.old or {}).get("parameters", {}), **new}}


def changed(**edits: Any) -> dict[str, Any]:
    """Those that are to change."""
    return {name: value for name, value in edits.items() if not isinstance(value, Keep)}


Verb: TypeAlias = Callable[[Work, Task], Awaitable[None]]
ByName: TypeAlias = Callable[[Work, str], Awaitable[None]]


async def nothing(_work: Work, _task: Task) -> None:
    """For kinds that need no such step."""


def as_it_is(fields: Fields) -> Fields:
    """For kinds whose fields have one spelling."""
    return fields


@dataclass(frozen=True, slots=True)
class Present:
    """What a file's word on an object is read against."""

    name: str
    old: Fields | None
    """The object as it is."""
    today: str
    who: str | None


def as_said(fields: Fields, _present: Present) -> Fields:
    """For kinds whose fields mean the same whatever is there."""
    return fields


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of object."""

    word: str
    """As it stands in a file: `[[profile]]`."""
    key: str | None
    """The field that names it; `None`: there is only one."""
    read: Callable[[Stock], Objects]
    """All of them as they are."""
    ids: Callable[[Stock], Mapping[str, str]]
    """Ids by name, by which the audit knows them."""
    write: Verb
    """Make it, or have it say what it is to say; whatever other objects may still need stays until `finish`."""
    finish: Verb = nothing
    """What can only be done when everything else is there."""
    let_go: ByName | None = None
    """Have it need no other object, before several that need each other are removed."""
    remove: ByName | None = None
    restore: ByName | None = None
    """Take back what was removed last, if something was."""
    normal: Callable[[Fields], Fields] = as_it_is
    """What a file says, as it is kept."""
    settle: Callable[[Fields, Present], Fields] = as_said
    """What it leaves open, filled in from what is there."""
    defaults: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What fields are that are not said of an object; a field without default is never taken away."""
    kept: Callable[[str, Fields], bool] = field(default=lambda _name, _fields: False)
    """Whether it stays although a file says it no more, or everything goes that is not in a file."""
    hidden: frozenset[str] = frozenset()
    """Fields whose values are not shown."""
