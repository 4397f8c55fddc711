"""Reading, writing and changing: who waits, what is undone, what is told."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.domain.errors import AlreadyExists, Conflict, DatabaseUnavailable, SetupError
from modelhall.domain.ids import new_id
from modelhall.storage import organisations, projects
from modelhall.storage.audit import list_audit
from modelhall.storage.audit_check import first_break
from modelhall.storage.database import Database, open_database
from modelhall.storage.migrate import migrate
from modelhall.storage.projects import ProjectDraft
from modelhall.storage.tables import people, system
from tests.storage.library_seeds import an_organisation, fresh, system_actor


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    async with fresh(database_url, tmp_path) as opened:
        yield opened


async def count(database: Database, table: sa.Table) -> int:
    async with database.read() as connection:
        return (await connection.execute(sa.select(sa.func.count()).select_from(table))).scalar_one()


async def raise_number(connection: AsyncConnection) -> None:
    await connection.execute(sa.update(system.changes).values(number=system.changes.c.number + 1))


async def test_what_was_written_is_there_and_what_failed_is_not(database: Database) -> None:
    async with database.write() as connection:
        await organisations.insert_organisation(connection, slug="one", name="One")

    async def fail() -> None:
        async with database.write() as connection:
            await organisations.insert_organisation(connection, slug="two", name="Two")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await count(database, people.organisations) == 1


async def test_a_read_cannot_write(database: Database) -> None:
    async with database.read() as connection:
        with pytest.raises(DBAPIError, match="read-?only"):
            await raise_number(connection)
    assert await database.change_number() == 0


async def test_a_read_sees_one_state_from_its_first_statement_to_its_last(database: Database) -> None:
    number = sa.select(system.changes.c.number)
    async with database.read() as reading:
        before = (await reading.execute(number)).scalar_one()
        async with database.write() as writing:
            await raise_number(writing)
        assert (await reading.execute(number)).scalar_one() == before
    assert await database.change_number() == before + 1


async def test_many_writers_at_once_lose_nothing(database: Database) -> None:
    async def write() -> None:
        async with database.write() as connection:
            await raise_number(connection)

    await asyncio.gather(*(write() for _ in range(100)))
    assert await database.change_number() == 100


async def test_two_processes_write_in_turn(database: Database, database_url: str, tmp_path: Path) -> None:
    async with open_database(database_url, data=tmp_path) as other:

        async def write(through: Database) -> None:
            async with through.write() as connection:
                found = (await connection.execute(sa.select(system.changes.c.number).with_for_update())).scalar_one()
                await connection.execute(sa.update(system.changes).values(number=found + 1))

        await asyncio.gather(*(write(through) for through in (database, other) * 20))
    assert await database.change_number() == 40


async def test_a_change_takes_a_number_and_tells_the_listeners_after_it_is_in(database: Database) -> None:
    heard: list[tuple[int, int]] = []

    async def listen(number: int) -> None:
        heard.append((number, await database.change_number()))

    database.on_change(listen)
    await an_organisation(database)
    await an_organisation(database, "second")
    assert heard == [(1, 1), (2, 2)]


async def test_a_listener_that_fails_does_not_undo_the_change(database: Database) -> None:
    async def fail(number: int) -> None:
        raise DatabaseUnavailable(f"no picture of {number}")

    database.on_change(fail)
    await an_organisation(database)
    assert await database.change_number() == 1


async def test_a_change_without_an_audit_row_is_refused_and_undone(database: Database) -> None:
    organisation = await an_organisation(database)
    with pytest.raises(RuntimeError, match="audit"):
        async with database.change(system_actor(organisation.id)) as change:
            await organisations.insert_organisation(change.connection, slug="two", name="Two")
    assert (await database.change_number(), await count(database, people.organisations)) == (1, 1)


async def test_a_change_that_turns_out_empty_leaves_no_trace(database: Database) -> None:
    organisation = await an_organisation(database)
    heard: list[int] = []

    async def listen(number: int) -> None:
        heard.append(number)

    database.on_change(listen)
    async with database.change(system_actor(organisation.id)) as change:
        change.nothing()
    assert (heard, await database.change_number(), await count(database, system.audit)) == ([], 1, 1)


async def test_changes_of_two_processes_make_one_unbroken_chain(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    organisation = await an_organisation(database)
    async with open_database(database_url, data=tmp_path) as other:

        async def change_something(through: Database, name: str) -> None:
            async with through.change(system_actor(organisation.id)) as change:
                project = await projects.insert_project(
                    change.connection, ProjectDraft(organisation_id=organisation.id, slug=name, name=name)
                )
                await change.audit("project.create", "project", project.id, name, after={"slug": name})

        work = [
            change_something(through, f"{side}-{n}")
            for n in range(10)
            for side, through in (("a", database), ("b", other))
        ]
        await asyncio.gather(*work)
    async with database.read() as connection:
        assert await first_break(connection, organisation.id) is None
        assert len(await list_audit(connection, organisation.id)) == 21
    assert await database.change_number() == 21


async def test_a_taken_name_is_told_as_such(database: Database) -> None:
    await an_organisation(database)
    with pytest.raises(AlreadyExists, match=r"^An organisation of that name exists already\.$"):
        await an_organisation(database)


async def test_a_reference_to_nothing_is_refused(database: Database) -> None:
    with pytest.raises(Conflict):
        async with database.write() as connection:
            await projects.insert_project(connection, ProjectDraft(organisation_id=new_id(), slug="lost", name="Lost"))


async def test_a_cancelled_writer_leaves_nothing_and_the_next_one_works(database: Database) -> None:
    begun = asyncio.Event()

    async def write() -> None:
        async with database.write() as connection:
            await raise_number(connection)
            begun.set()
            await asyncio.sleep(60)

    writer = asyncio.create_task(write())
    await begun.wait()
    writer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writer
    async with asyncio.timeout(5), database.write() as connection:
        await raise_number(connection)
    assert await database.change_number() == 1


async def test_cancelling_writers_at_any_moment_never_blocks_the_database(database: Database) -> None:
    async def write() -> None:
        async with database.write() as connection:
            await raise_number(connection)

    for moment in range(60):
        writer = asyncio.create_task(write())
        await asyncio.sleep(moment * 0.00005)
        writer.cancel()
        await asyncio.gather(writer, return_exceptions=True)
    before = await database.change_number()
    async with asyncio.timeout(10):
        await write()
    assert await database.change_number() == before + 1


async def test_work_is_done_again_when_the_database_asks_for_it(postgres_url: str, tmp_path: Path) -> None:
    tries = 0

    async def work(connection: AsyncConnection) -> int:
        nonlocal tries
        tries += 1
        if tries < 3:
            await connection.execute(sa.text("DO $$ BEGIN RAISE EXCEPTION SQLSTATE '40001'; END $$"))
        await raise_number(connection)
        return tries

    async with fresh(postgres_url, tmp_path) as database:
        assert await database.retried(work) == 3
        assert await database.change_number() == 1


async def test_sqlite_writes_ahead_and_syncs_every_commit(sqlite_url: str, tmp_path: Path) -> None:
    async with fresh(sqlite_url, tmp_path) as database, database.write() as connection:
        pragmas = {
            name: (await connection.execute(sa.text(f"PRAGMA {name}"))).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
        assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    assert database.file is not None
    assert database.file.stat().st_mode & 0o077 == 0


async def test_without_an_address_the_database_is_a_file_in_the_data_directory(tmp_path: Path) -> None:
    async with open_database(data=tmp_path) as database:
        await migrate(database)
        assert database.file == tmp_path / "modelhall.db"


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:"])
async def test_an_address_of_another_kind_is_refused_with_what_to_write(url: str, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="sqlite:///"):
        async with open_database(url, data=tmp_path):
            pass


async def test_a_database_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    async with open_database("postgresql://nobody@127.0.0.1:1/none", data=tmp_path) as database:
        with pytest.raises(DatabaseUnavailable):
            await database.change_number()


async def test_a_wrong_password_does_not_show(postgres_url: str, tmp_path: Path) -> None:
    wrong = postgres_url.replace("only-for-tests", "sk-wrong-password")
    async with open_database(wrong, data=tmp_path) as database:
        with pytest.raises(DatabaseUnavailable) as told:
            await database.change_number()
    assert "sk-wrong-password" not in told.value.message
