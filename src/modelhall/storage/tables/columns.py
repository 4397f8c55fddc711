"""Column types and helpers that all tables share."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Json = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Id = sa.Uuid(as_uuid=False)
Money = sa.BigInteger
"""Whole nano-dollars."""


class Instant(TypeDecorator[datetime]):
    """An aware UTC time; SQLite keeps it without its zone, and it is given back aware."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Exact(TypeDecorator[Decimal]):
    """A decimal number kept as text, so that no database rounds it."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else format(value, "f")

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


def own_id() -> sa.Column[str]:
    """The usual primary key: a UUIDv7 of our own."""
    return sa.Column("id", Id, primary_key=True)


def refers(name: str, target: str, *, nullable: bool = False, index: bool = False) -> sa.Column[Any]:
    """A reference to another table's id; nothing is ever deleted through it."""
    return sa.Column(name, Id, sa.ForeignKey(target), nullable=nullable, index=index)


def moment(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    """A point in time."""
    return sa.Column(name, Instant, nullable=nullable)


def only_living(table: sa.Table, name: str, *columns: str) -> sa.Index:
    """A unique index over the rows that are not deleted."""
    living = table.c.deleted_at.is_(None)
    return sa.Index(
        name, *(table.c[column] for column in columns), unique=True, sqlite_where=living, postgresql_where=living
    )
