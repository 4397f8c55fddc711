"""The driver in fewer steps: what it gives is what SQLite gives, however many rows there are and however it ends."""

import importlib
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from modelhall.domain.errors import DatabaseUnavailable
from modelhall.storage.database import Database, open_database
from modelhall.storage.sqlite import put_newest_in_place

put_newest_in_place()  # whoever loads the driver first decides for all tests which library they run on
driver = importlib.import_module("modelhall.storage.sqlite_driver")
AT_ONCE: int = driver.AT_ONCE
COUNTED = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most) SELECT i FROM n"


@asynccontextmanager
async def opened(folder: Path) -> AsyncGenerator[Database]:
    async with open_database(data=folder) as database:
        async with database.write() as connection:
            await connection.execute(sa.text("CREATE TABLE t (i INTEGER PRIMARY KEY, j TEXT NOT NULL)"))
        yield database


@pytest.mark.parametrize("most", [0, 1, AT_ONCE - 1, AT_ONCE, AT_ONCE + 1, 3 * AT_ONCE + 7])
async def test_all_rows_come_whether_at_once_or_bit_by_bit(tmp_path: Path, most: int) -> None:
    wanted = list(range(1, most + 1)) or [1]
    async with opened(tmp_path) as database, database.read() as connection:
        assert list((await connection.execute(sa.text(COUNTED), {"most": most})).scalars()) == wanted
        async with connection.stream(sa.text(COUNTED), {"most": most}) as rows:
            assert [row.i async for row in rows] == wanted
        async with connection.stream(sa.text(COUNTED), {"most": most}) as rows:
            assert [row.i for part in [part async for part in rows.partitions(100)] for row in part] == wanted
        async with connection.stream(sa.text(COUNTED), {"most": most}) as rows:
            assert [await rows.fetchone(), *await rows.fetchall()] == [(each,) for each in wanted]


async def test_a_stream_that_is_left_early_keeps_nothing_open(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        async with database.write() as connection:
            async with connection.stream(sa.text(COUNTED), {"most": 10 * AT_ONCE}) as rows:
                assert await rows.fetchone() == (1,)
            await connection.execute(sa.text("DROP TABLE t"))  # refused while a statement is open
        async with database.read() as connection:
            assert (await connection.execute(sa.text("SELECT count(*) FROM sqlite_master"))).scalar_one() == 0


async def test_a_statement_that_fails_leaves_the_connection_as_it_was(tmp_path: Path) -> None:
    async with opened(tmp_path) as database:
        with pytest.raises(DatabaseUnavailable):
            async with database.write() as connection:
                await connection.execute(sa.text("SELECT nothing"))
        async with database.write() as connection:
            done = await connection.execute(sa.text("INSERT INTO t (j) VALUES ('a'), ('b') RETURNING i"))
            assert list(done.scalars()) == [1, 2]
            assert (await connection.execute(sa.text("UPDATE t SET j = 'c'"))).rowcount == 2
            many = sa.text("INSERT INTO t (j) VALUES (:j)")
            assert (await connection.execute(many, [{"j": "d"}, {"j": "e"}])).rowcount == 2


async def test_a_small_query_takes_one_turn_of_the_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[str] = []
    own = driver.Connection.in_thread

    def counted(self: Any, work: Callable[..., Any], *arguments: object) -> Any:
        turns.append(str(arguments[0]))
        return own(self, work, *arguments)

    async with opened(tmp_path) as database, database.read() as connection:
        monkeypatch.setattr(driver.Connection, "in_thread", counted)  # SQLAlchemy makes it, so nothing can be handed in
        assert (await connection.execute(sa.text("SELECT i FROM t"))).all() == []
    assert turns == ["BEGIN", "SELECT i FROM t"]
