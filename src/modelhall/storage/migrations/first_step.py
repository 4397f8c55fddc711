"""Writes the first step's SQL from the tables, while it is the only step; afterwards it stays as it is.

Run `python -m modelhall.storage.migrations.first_step` after a change of the tables; a test says when it was forgotten.
"""

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from modelhall.storage.migrations.models_view import models_view
from modelhall.storage.tables import discovery, files, library, money, people, system
from modelhall.storage.tables.columns import metadata

PARTS = (people, library, discovery, money, system, files)
"""Named, so that every table is known to `metadata`."""

DIALECTS: tuple[Dialect, ...] = (sqlite.dialect(), postgresql.dialect())


def file_for(dialect: str) -> Path:
    """Where the first step's SQL for a database lies."""
    return Path(__file__).parent / f"r0001_{dialect}.sql"


def first_step(dialect: Dialect) -> str:
    """Every table and index, the change number's row and the view; a blank line between statements, none within one."""
    told = (_tidy(statement) for statement in _statements(dialect))
    return ";\n\n".join(told) + ";\n"


def _statements(dialect: Dialect) -> Iterable[str]:
    for table in metadata.sorted_tables:
        yield str(CreateTable(table).compile(dialect=dialect))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            yield str(CreateIndex(index).compile(dialect=dialect))
    yield "INSERT INTO changes (id, number) VALUES (1, 0)"
    yield models_view(dialect.name)


def _tidy(statement: str) -> str:
    lines = (line.replace("\t", "    ").rstrip() for line in statement.splitlines())
    return "\n".join(line for line in lines if line)


if __name__ == "__main__":
    for each in DIALECTS:
        file_for(each.name).write_text(first_step(each))
