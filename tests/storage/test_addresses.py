"""The addresses of databases that people write are understood."""

from pathlib import Path

import pytest

from modelhall.storage.postgres import driver_address
from modelhall.storage.sqlite import file_of


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("postgres://u:p@db:5432/hall", "postgresql://u:p@db:5432/hall"),
        ("postgresql+asyncpg://u@db/hall", "postgresql://u@db/hall"),
        ("postgres://u:p%40ss@db/hall?sslmode=require", "postgresql://u:p%40ss@db/hall?sslmode=require"),
        (
            "postgres://u@db/hall?sslmode=verify-full&channel_binding=require",
            "postgresql://u@db/hall?sslmode=verify-full",
        ),
        (
            "postgres://u@/hall?host=/var/run/postgresql&connect_timeout=5",
            "postgresql://u@/hall?host=%2Fvar%2Frun%2Fpostgresql",
        ),
    ],
)
def test_a_postgresql_address_keeps_what_the_driver_knows(written: str, read: str) -> None:
    assert driver_address(written) == read


@pytest.mark.parametrize(
    ("written", "file"),
    [
        ("sqlite:////srv/hall.db", "/srv/hall.db"),
        ("sqlite:///hall.db", "hall.db"),
        ("sqlite+aiosqlite:////srv/hall.db?mode=rw", "/srv/hall.db"),
        ("", "/data/modelhall.db"),
    ],
)
def test_a_sqlite_address_names_a_file(written: str, file: str) -> None:
    assert file_of(written, Path("/data")) == Path(file)
