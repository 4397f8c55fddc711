"""Settings in the database, and requests that are done once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from modelhall.domain.errors import Conflict
from modelhall.domain.ids import new_id
from modelhall.storage.database import Database
from modelhall.storage.idempotency import Answer, answer_request, claim_request, drop_claim, forget_requests
from modelhall.storage.settings import read_settings, write_setting
from tests.storage.library_seeds import an_organisation, fresh

HOUR = timedelta(hours=1)


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    async with fresh(database_url, tmp_path) as opened:
        yield opened


async def test_settings_are_set_replaced_and_unset_apart_for_organisation_and_member(database: Database) -> None:
    organisation, member = await an_organisation(database), new_id()
    async with database.write() as c:
        for value in (False, ["a", {"b": 1}], "x"):
            await write_setting(c, organisation.id, "theme", value)
            assert await read_settings(c, organisation.id) == {"theme": value}
        await write_setting(c, organisation.id, "theme", "dark", member)
        assert await read_settings(c, organisation.id, member) == {"theme": "dark"}
        await write_setting(c, organisation.id, "theme", None)
        assert await read_settings(c, organisation.id) == {}
        assert await read_settings(c, organisation.id, member) == {"theme": "dark"}


async def claim(database: Database, digest: bytes = b"request", stale_before: datetime | None = None) -> Answer | None:
    async with database.write() as c:
        before = stale_before or datetime.now(UTC) - HOUR
        return await claim_request(c, MEMBER, "key", digest, stale_before=before)


MEMBER = new_id()


async def test_a_request_is_done_once_and_answered_the_same_every_time(database: Database) -> None:
    assert await claim(database) is None
    with pytest.raises(Conflict, match="being worked on"):
        await claim(database)
    async with database.write() as c:
        await answer_request(c, MEMBER, "key", Answer(201, b"body"))
    assert await claim(database) == await claim(database) == Answer(201, b"body")
    with pytest.raises(Conflict, match="another request"):
        await claim(database, b"other")


async def test_of_twenty_at_once_one_is_done(database: Database) -> None:
    done = await asyncio.gather(*(claim(database) for _ in range(20)), return_exceptions=True)
    assert done.count(None) == 1
    assert sum(isinstance(each, Conflict) for each in done) == 19


async def test_a_claim_of_a_dead_process_is_taken_over_once(database: Database) -> None:
    await claim(database)
    later = datetime.now(UTC) + timedelta(microseconds=1)
    assert await claim(database, stale_before=later) is None
    with pytest.raises(Conflict):
        await claim(database, stale_before=later)


async def test_a_failed_request_frees_its_key_and_an_answered_one_does_not(database: Database) -> None:
    await claim(database)
    async with database.write() as c:
        await drop_claim(c, MEMBER, "key")
    assert await claim(database) is None
    async with database.write() as c:
        await answer_request(c, MEMBER, "key", Answer(200, b""))
        await drop_claim(c, MEMBER, "key")
        assert await forget_requests(c, datetime.now(UTC) - HOUR) == 0
    assert await claim(database) == Answer(200, b"")
    async with database.write() as c:
        assert await forget_requests(c, datetime.now(UTC) + HOUR) == 1
