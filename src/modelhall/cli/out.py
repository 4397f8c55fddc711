"""What commands say: tables for people, JSON for programs; results on standard output, all else on standard error."""

import json
import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import cast

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

Cell = object
"""What a table may hold: `None` is shown as a dash, truth as yes or no, numbers flush right."""

STYLES = {
    **dict.fromkeys(("ok", "ready", "operational", "active", "synced", "activated"), "green"),
    **dict.fromkeys(("warn", "degraded", "fetching", "loading", "none", "unknown"), "yellow"),
    **dict.fromkeys(("bad", "down", "failed", "missing", "refused", "error", "quarantined"), "red"),
}


def say(text: str = "") -> None:
    """A line on standard output."""
    sys.stdout.write(clean(text) + "\n")


def tell(text: str) -> None:
    """A line on standard error: faults, advice, progress."""
    sys.stderr.write(clean(text) + "\n")
    sys.stderr.flush()


def show_json(value: object) -> None:
    """The value for programs."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def show_table(columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, empty: str) -> None:
    """A table; for a terminal in its width and colours, otherwise plain columns. Without rows the words for that."""
    lines = [list(row) for row in rows]
    if not lines:
        tell(empty)
    elif sys.stdout.isatty():
        _for_terminal(columns, lines)
    else:
        _plain([list(columns), *lines])


def show_facts(facts: Iterable[tuple[str, Cell]]) -> None:
    """Names and values, one each line."""
    told = [(name, words(value)) for name, value in facts]
    width = max((len(name) for name, _ in told), default=0)
    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    for name, value in told:
        console.print(Text(f"{name:<{width}}  ", style="bold") + Text(value, style=STYLES.get(value, "")))


def words(value: Cell) -> str:
    """A value as people read it."""
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case list() | tuple():
            parts = cast(Sequence[object], value)
            return ", ".join(words(part) for part in parts) or "-"
        case _:
            return clean(str(value))


def usd(amount: object) -> str:
    """A decimal number of dollars as people read it: cents, and more digits where they count; `unknown` for nothing."""
    if amount is None:
        return "unknown"
    try:
        plain = format(Decimal(str(amount)).normalize(), "f")
    except InvalidOperation:
        return clean(str(amount))
    whole, _, fraction = plain.partition(".")
    return f"${whole}.{fraction:0<2}"


def clean(text: str) -> str:
    """The text without signs that steer a terminal: names and answers come from strangers."""
    return "".join(sign if sign.isprintable() or sign in "\n\t" else "\ufffd" for sign in text)


def _for_terminal(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for number, column in enumerate(columns):
        flush = all(isinstance(row[number], int | None) and not isinstance(row[number], bool) for row in rows)
        table.add_column(column, justify="right" if flush else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(words(cell), style=STYLES.get(words(cell), "")) for cell in row))
    Console(file=sys.stdout, highlight=False).print(table)


def _plain(rows: Sequence[Sequence[Cell]]) -> None:
    told = [[words(cell) for cell in row] for row in rows]
    widths = [max(len(row[number]) for row in told) for number in range(len(told[0]))]
    for row in told:
        say("  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())
