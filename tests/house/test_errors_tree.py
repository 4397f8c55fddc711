"""Every error stands in the drawn tree, where it belongs, with a code of its own and a word to the caller."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from modelhall.domain import errors
from modelhall.domain.errors import ModelhallError
from tests.house.tree import sources

BRANCH = re.compile(r"^(?P<indent>[│ ]*)(?:[├└]──\s)?(?P<name>[A-Z]\w+)(?:\s+(?P<status>\d{3})\s{2,}(?P<words>\S.*))?$")
# Signals between two files of one room, after which nobody is left to tell.
NO_FAILURES = frozenset({"ClientGone"})
CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def every_error() -> list[type[ModelhallError]]:
    """All error classes of the tree, the root first."""
    found: list[type[ModelhallError]] = []
    line = [ModelhallError]
    while line:
        found.append(kind := line.pop())
        line.extend(sub for sub in kind.__subclasses__() if sub.__module__.startswith("modelhall."))
    return sorted(found, key=lambda kind: (kind is not ModelhallError, kind.__name__))


def drawn() -> Iterator[tuple[str, str | None, int]]:
    """Name, parent and status of each line of the drawing."""
    parents: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        if (branch := BRANCH.match(line)) is None or (branch["status"] is None and branch["name"] != "ModelhallError"):
            continue
        depth = line.index(branch["name"])
        parents = [(column, name) for column, name in parents if column < depth]
        yield branch["name"], parents[-1][1] if parents else None, int(branch["status"] or 500)
        parents.append((depth, branch["name"]))


def test_the_drawing_shows_every_error_and_no_other() -> None:
    assert sorted(name for name, _, _ in drawn()) == sorted(kind.__name__ for kind in every_error())


def test_the_drawing_shows_each_error_under_its_parent_with_its_status() -> None:
    real = {kind.__name__: (kind.__base__, kind.status) for kind in every_error() if kind is not ModelhallError}
    wrong = [
        name
        for name, parent, status in drawn()
        if name in real and (parent != getattr(real[name][0], "__name__", None) or status != real[name][1])
    ]
    assert wrong == []


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in every_error()]
    assert sorted({code for code in codes if codes.count(code) > 1}) == []


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_each_error_carries_the_callers_decision(kind: type[ModelhallError]) -> None:
    assert CODE.fullmatch(kind.code)
    assert 400 <= kind.status <= 599
    assert isinstance(kind.retryable, bool)
    assert kind.__dict__.get("__doc__"), "say in one line what happened"


def test_no_room_makes_a_tree_of_its_own() -> None:
    """Exempt: a ValueError of the pure rooms (impossible arguments), and what an underscore keeps in its file."""
    known = {kind.__name__ for kind in every_error()} | NO_FAILURES
    pure = ("src/modelhall/domain/", "src/modelhall/dialects/")
    outside = [
        f"{source.name}: {line.strip()}"
        for source in sources("src")
        for line in source.lines
        if re.match(r"class [A-Z]\w+\((Exception|RuntimeError|ValueError|OSError)\)", line)
        and line.split("(")[0].removeprefix("class ") not in known
        and not (source.name.startswith(pure) and "(ValueError)" in line)
    ]
    assert outside == [], "an error that leaves its file belongs into modelhall.domain.errors"
