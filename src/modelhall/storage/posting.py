"""Writing the ledger: many attempts at once, by column, because this is the house's busiest write.

SQLAlchemy's own way takes longer than all the rest of a call. What counts on SQLite: the driver spends more on a `None`
than on storing a whole row, so that columns without any value are left out; and it gives up the interpreter's lock once
per statement that runs, so that one statement writes many rows.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from itertools import chain
from typing import Any

from msgspec.structs import astuple
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.usage import USAGE_CLASSES
from modelhall.storage.journal import Intent, Settled
from modelhall.storage.ledger import Entry
from modelhall.storage.tables.money import attempts

STEP = 1_024
"""So many rows are made ready in one turn of the event loop, a few milliseconds."""
_ROWS = (256, 16, 1)
"""Rows per statement on SQLite: few sizes, so that few statements have to be prepared."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Columns = Mapping[str, Sequence[Any]]
"""Values by column, in the table's order."""


async def insert(connection: AsyncConnection, entries: Sequence[Entry]) -> None:
    """Writes attempts that are not in the ledger yet."""
    write = _writer_for(connection.dialect)
    for start in range(0, len(entries), STEP):
        columns = write.converted(columns_of(entries[start : start + STEP]))
        rows = list(zip(*columns.values(), strict=True))
        for size in write.sizes:
            whole = len(rows) // size * size
            if whole:
                parameters = [tuple(chain.from_iterable(rows[at : at + size])) for at in range(0, whole, size)]
                await connection.exec_driver_sql(write.statement(tuple(columns), size), parameters)
                rows = rows[whole:]


def columns_of(entries: Sequence[Entry]) -> Columns:
    """The attempts by column; columns in which none of them has a value are left out."""
    found: dict[str, Sequence[Any]] = dict(_fields(Intent, [entry.intent for entry in entries]))
    found.update(_fields(Settled, [entry.settled for entry in entries]))
    found["started_at"] = found["started_us"]
    usages = found["usage"]
    told = set[str]().union(*usages)
    found.update((name, [usage.get(name) for usage in usages]) for name in USAGE_CLASSES if name in told)
    count = len(entries)
    return {name: found[name] for name in _NAMES if name in found and found[name].count(None) < count}


_NAMES = tuple(column.name for column in attempts.columns)


def _fields(kind: type[Intent | Settled], records: Iterable[Intent | Settled]) -> Iterable[tuple[str, Sequence[Any]]]:
    return zip(kind.__struct_fields__, zip(*map(astuple, records), strict=True), strict=True)


@dataclass(frozen=True, slots=True)
class _Writer:
    """What one kind of database wants: how many rows a statement, and what its driver wants done to some values."""

    dialect: Dialect
    sizes: Sequence[int]
    converters: Mapping[str, Callable[[Any], Any]]

    def converted(self, columns: Columns) -> Columns:
        """The columns as the driver takes them."""
        return {name: _converted(values, self.converters.get(name)) for name, values in columns.items()}

    def statement(self, names: tuple[str, ...], rows: int) -> str:
        """The statement that writes that many rows of these columns."""
        return _statement(self.dialect.name, names, rows)


@cache
def _writer_for(dialect: Dialect) -> _Writer:
    processors = (
        (column.name, column.type.dialect_impl(dialect).bind_processor(dialect)) for column in attempts.columns
    )
    converters: dict[str, Callable[[Any], Any]] = {name: convert for name, convert in processors if convert is not None}
    if dialect.name == "sqlite":
        return _Writer(dialect, _ROWS, converters | {"started_at": text_of})
    return _Writer(dialect, (1,), converters | {"started_at": time_of})


def _converted(values: Sequence[Any], convert: Callable[[Any], Any] | None) -> Sequence[Any]:
    if convert is None:
        return values
    first = values[0]
    if values.count(first) == len(values):  # most columns hold the same in all rows of a moment
        return (None if first is None else convert(first),) * len(values)
    return [None if value is None else convert(value) for value in values]


@lru_cache(maxsize=256)
def _statement(dialect: str, names: tuple[str, ...], rows: int) -> str:
    numbered = range(1, len(names) + 1)
    places = ["?" if dialect == "sqlite" else f"${number}" for number in numbered]
    row = f"({', '.join(places)})"
    return f"INSERT INTO attempts ({', '.join(names)}) VALUES {', '.join([row] * rows)}"  # noqa: S608 - names of ours


def text_of(microseconds: int) -> str:
    """A time as SQLite keeps it."""
    seconds, rest = divmod(microseconds, 1_000_000)
    return f"{_second(seconds)}.{rest:06d}"


@lru_cache(maxsize=64)
def _second(seconds: int) -> str:
    return f"{_EPOCH + timedelta(seconds=seconds):%Y-%m-%d %H:%M:%S}"


def time_of(microseconds: int) -> datetime:
    """A time as PostgreSQL's driver takes it."""
    return _EPOCH + timedelta(microseconds=microseconds)
