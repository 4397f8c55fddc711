"""Every room and file says in its first line what it is for; a room's `__init__` holds nothing else."""

from __future__ import annotations

import ast

from tests.house.tree import PACKAGE, ROOT, WITH_PYTHON, Source, sources

LONGEST_CAPTION = 160
# The package carries its version; errors draw their tree and may gather what stands in its files.
MAY_HOLD_MORE = frozenset({"src/modelhall/__init__.py", "src/modelhall/domain/errors/__init__.py"})


def test_every_file_has_a_caption() -> None:
    assert [source.name for source in sources(*WITH_PYTHON) if not caption(source)] == []


def test_a_caption_is_one_line() -> None:
    torn = [
        source.name
        for source in sources(*WITH_PYTHON)
        if len(caption(source)) > LONGEST_CAPTION or not caption(source).endswith((".", ":", "?", "!"))
    ]
    assert torn == [], "the first line of the file is one whole sentence"


def test_every_room_is_a_package_with_a_caption() -> None:
    rooms = {path.parent for path in PACKAGE.rglob("*.py")}
    bare = [room.relative_to(ROOT).as_posix() for room in sorted(rooms) if not (room / "__init__.py").exists()]
    assert bare == []


def test_a_rooms_init_holds_its_caption_and_nothing_else() -> None:
    full = [
        source.name
        for source in sources("src")
        if source.path.name == "__init__.py" and source.name not in MAY_HOLD_MORE and len(source.tree.body) > 1
    ]
    assert full == []


def caption(source: Source) -> str:
    """The first line of the file's docstring, "" when there is none."""
    lines = (ast.get_docstring(source.tree) or "").splitlines()
    if not lines or (len(lines) > 1 and lines[1].strip()):
        return ""
    return lines[0].strip()
