"""Carries out what is to become of objects, in the order in which they need each other; mistakes get their place."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeAlias, cast

from modelhall.domain.errors import ModelhallError
from modelhall.services.files.foreign_text import Said
from modelhall.services.files.kinds.kind import Kind, Task, Work
from modelhall.services.files.kinds.registry import BY_WORD, KINDS
from modelhall.services.files.read_document import bad_field, index_of
from modelhall.services.house import House
from modelhall.services.models.add_model import login_of
from modelhall.storage.database import Change
from modelhall.storage.joined import Joined

Doing: TypeAlias = Callable[[], Awaitable[object]]
Telling: TypeAlias = Callable[[str, str, ModelhallError], ModelhallError]
"""An object's kind and name, and what was wrong with it: the error as it is told."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What is to be done."""

    tasks: Sequence[Task]
    removals: Sequence[tuple[str, str]] = ()
    """Kind and name."""
    restorals: Sequence[tuple[str, str]] = ()


async def work_within(house: House, change: Change) -> Work:
    """The means to do it as steps of this change."""
    joined = replace(house, database=Joined.within(house.database, change))
    return Work(joined, change.actor, await login_of(change.connection, change.actor))


async def carry_out(work: Work, orders: Orders, telling: Telling) -> None:
    """Bring back, make and change, finish, and take away. Raises what the objects' own services raise."""
    for word, name, doing in _in_order(work, orders):
        try:
            await doing()
        except ModelhallError as error:
            raise telling(word, name, error) from error


def _in_order(work: Work, orders: Orders) -> Iterator[tuple[str, str, Doing]]:
    """Kind and name of each object with what is done to it."""
    for kind in KINDS:
        if kind.restore is not None:
            yield from ((kind.word, name, partial(kind.restore, work, name)) for name in _of(kind, orders.restorals))
        for task in (each for each in orders.tasks if each.kind == kind.word):
            yield kind.word, task.name, partial(kind.write, work, task)
    for task in sorted(orders.tasks, key=lambda each: [*BY_WORD].index(each.kind)):
        yield task.kind, task.name, partial(BY_WORD[task.kind].finish, work, task)
    for kind in KINDS:
        if kind.let_go is not None:
            yield from ((kind.word, name, partial(kind.let_go, work, name)) for name in _of(kind, orders.removals))
    for kind in reversed(KINDS):
        if kind.remove is not None:
            yield from ((kind.word, name, partial(kind.remove, work, name)) for name in _of(kind, orders.removals))


def _of(kind: Kind, names: Sequence[tuple[str, str]]) -> list[str]:
    return [name for word, name in names if word == kind.word]


def in_file(said: Said, file: str) -> Telling:
    """Tells where in the file it stands."""

    def telling(kind: str, name: str, error: ModelhallError) -> ModelhallError:
        key = BY_WORD[kind].key
        number = index_of(said, kind, name)
        place = (kind,) if key is None else (kind, number) if number is not None else ()
        field = _field_of(error)
        deeper = (*place, *field.split(".")) if field and place else place
        found = bad_field(said, file, deeper, error.message.removeprefix(f"{field}: "))
        words = found.message if place else f"{file}: {kind} {name}: {error.message}"
        return type(error)(words, details={**_without_errors(error), **found.details, "object": f"{kind} {name}"})

    return telling


def by_name(kind: str, name: str, error: ModelhallError) -> ModelhallError:
    """Tells which object it is."""
    return type(error)(
        f"{kind} {name}: {error.message}", details={**_without_errors(error), "object": f"{kind} {name}"}
    )


def _without_errors(error: ModelhallError) -> dict[str, object]:
    """Its details but for the field, which has its place in the file now."""
    return {name: value for name, value in error.details.items() if name != "errors"}


def _field_of(error: ModelhallError) -> str | None:
    errors = error.details.get("errors")
    first = cast("list[object]", errors)[0] if isinstance(errors, list) and errors else None
    return str(cast("dict[str, object]", first).get("field")) if isinstance(first, dict) else None
