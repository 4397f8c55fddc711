"""What may be caught blindly or imported late is rare and says why; the lowest rooms stay pure."""

from __future__ import annotations

import ast
import math
import re
import sys
from collections.abc import Iterator

from tests.house.tree import PACKAGE, Source, dotted, sources

BLIND_PER_1000 = 0.3
LATE_PER_1000 = 1.0
BLIND = frozenset({"Exception", "BaseException"})
# The reason in words stands behind the code of the rule.
REASON = re.compile(r"#\s*noqa:\s*(BLE001|PLC0415)\b\W+\w+\W+\w+")
THIRD_PARTY_OF_PURE_ROOMS = frozenset({"msgspec", "modelhall"})
OUTSIDE_WORLD = frozenset(
    {"asyncio", "http", "logging", "os", "pathlib", "socket", "sqlite3", "subprocess", "threading"}
)
# The one place that makes ids: the time and the chance in them sort rows and decide nothing.
MAKES_IDS = "src/modelhall/domain/ids.py"
CLOCKS = frozenset({"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"})


def test_blind_excepts_are_rare() -> None:
    blind = [f"{source.name}:{handler.lineno}" for source in sources("src") for handler in blind_handlers(source)]
    assert len(blind) <= budget(BLIND_PER_1000), blind


def test_each_blind_except_says_why() -> None:
    silent = [
        f"{source.name}:{handler.lineno}"
        for source in sources("src")
        for handler in blind_handlers(source)
        if not REASON.search(source.lines[handler.lineno - 1])
    ]
    assert silent == [], "write the reason behind the noqa on the same line"


def test_imports_inside_functions_are_rare_and_say_why() -> None:
    late = [(source, node) for source in sources("src") for node in late_imports(source)]
    silent = [
        f"{source.name}:{node.lineno}" for source, node in late if not REASON.search(source.lines[node.lineno - 1])
    ]
    assert silent == []
    assert len(late) <= budget(LATE_PER_1000), [f"{source.name}:{node.lineno}" for source, node in late]


def test_domain_and_dialects_need_no_third_party_but_msgspec() -> None:
    allowed = sys.stdlib_module_names | THIRD_PARTY_OF_PURE_ROOMS
    foreign = [
        f"{source.name} imports {name}"
        for source in sources("src/modelhall/domain", "src/modelhall/dialects")
        for name in imported(source)
        if name.split(".")[0] not in allowed
    ]
    assert foreign == []


def test_domain_and_dialects_do_no_io() -> None:
    touching = [
        f"{source.name} imports {name}"
        for source in sources("src/modelhall/domain", "src/modelhall/dialects")
        for name in imported(source)
        if name.split(".")[0] in OUTSIDE_WORLD and source.name != MAKES_IDS
    ]
    assert touching == []


def test_domain_and_dialects_read_no_clock() -> None:
    reading = [
        f"{source.name}:{node.lineno} {dotted(node)}"
        for source in sources("src/modelhall/domain", "src/modelhall/dialects")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and ".".join(dotted(node).split(".")[-2:]) in CLOCKS and source.name != MAKES_IDS
    ]
    assert reading == [], "hand the time in"


def blind_handlers(source: Source) -> Iterator[ast.ExceptHandler]:
    """Handlers that swallow everything. One that ends by raising tidies up or translates, which is no swallowing."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler) and is_blind(node) and not isinstance(node.body[-1], ast.Raise):
            yield node


def is_blind(handler: ast.ExceptHandler) -> bool:
    """Whether it names `Exception`, `BaseException` or nothing."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or dotted(kind) in BLIND for kind in kinds)


def late_imports(source: Source) -> Iterator[ast.Import | ast.ImportFrom]:
    """Imports inside functions."""
    for function in source.functions():
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield node


def imported(source: Source) -> Iterator[str]:
    """The names of all modules the file imports."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def budget(per_thousand: float) -> int:
    """How many the size of the source allows."""
    lines = sum(len(source.lines) for source in sources(str(PACKAGE)))
    return math.ceil(lines * per_thousand / 1000)
