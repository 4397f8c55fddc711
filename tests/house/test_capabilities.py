"""`docs/capabilities.md`: each row names a place and a test that exist."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from tests.house.tree import ROOT, read

PAGE = ROOT / "docs" / "capabilities.md"
ROW = re.compile(
    r"^\|\s*(?P<id>[A-Z][A-Z0-9.-]*-?\d[\w.-]*)\s*\|(?P<used>[^|]*\S[^|]*)\|(?P<where>[^|]*)\|(?P<tests>[^|]*)\|\s*$"
)
QUOTED = re.compile(r"`([^`]+)`")


@dataclass(frozen=True, slots=True)
class Row:
    """One capability: its id, the places and the tests named for it."""

    id: str
    places: tuple[str, ...]
    tests: tuple[str, ...]


def rows() -> list[Row]:
    """The rows of the page."""
    found = [ROW.match(line) for line in PAGE.read_text(encoding="utf-8").splitlines()]
    return [
        Row(row["id"], tuple(QUOTED.findall(row["where"])), tuple(QUOTED.findall(row["tests"])))
        for row in found
        if row is not None
    ]


def test_every_row_is_read() -> None:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    head = 2
    assert len(rows()) == max(0, len(lines) - head), (
        "a row is `| id | where it is used | `src/…` | `tests/…::test_…` |`"
    )


def test_no_capability_stands_twice() -> None:
    ids = [row.id for row in rows()]
    assert sorted({name for name in ids if ids.count(name) > 1}) == []


def test_every_row_names_a_place_that_exists() -> None:
    lost = [f"{row.id}: {place}" for row in rows() for place in row.places if not (ROOT / place).exists()]
    assert lost == []
    assert [row.id for row in rows() if not row.places] == []


def test_every_row_names_a_test_that_exists() -> None:
    assert [f"{row.id}: {test}" for row in rows() for test in row.tests if not exists(test)] == []
    assert [row.id for row in rows() if not row.tests] == []


def exists(test: str) -> bool:
    """Whether `tests/room/test_file.py::test_name` is a test in that file."""
    file, _, name = test.partition("::")
    path = ROOT / file
    if not path.is_file() or not name.startswith("test_"):
        return False
    return any(function.name == name for function in read(path).functions() if isinstance(function, ast.AST))
