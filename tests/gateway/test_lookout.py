"""The snapshot: at once in the same process, within a second from another one, and trusted only for so long."""

import asyncio
from pathlib import Path

import pytest

from modelhall.domain.errors import DatabaseUnavailable, NotReady
from modelhall.gateway.lookout import Lookout
from modelhall.storage import keys
from modelhall.storage.database import Database, open_database
from modelhall.storage.migrate import migrate
from modelhall.storage.vault import Vault, open_vault
from tests.gateway.hall import Hall

ASK = {"model": "mock/small", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 100}
CHAT = "/v1/chat/completions"


async def test_a_new_key_works_at_once_and_a_deleted_one_no_longer(hall: Hall) -> None:
    await hall.model("small")
    key = await hall.key()
    assert (await hall.call(CHAT, ASK, key)).status == 200
    async with hall.database.change(hall.actor) as change:
        (made,) = await keys.list_keys(change.connection, hall.organisation.id, limit=10)
        await keys.delete_key(change.connection, made.id)
        await change.audit("key.delete", "key", made.id, made.name)
    assert (await hall.call(CHAT, ASK, key)).status == 401


async def test_a_change_of_another_process_is_seen_within_a_second(
    hall: Hall, database_url: str, tmp_path: Path
) -> None:
    async with open_database(database_url, data=tmp_path) as other:
        elsewhere = _through(hall, other)
        await elsewhere.model("small")
        key = await elsewhere.key()
        async with asyncio.timeout(1):
            while (await hall.call(CHAT, ASK, key)).status != 200:
                await asyncio.sleep(0.05)


async def test_nothing_is_served_before_the_first_snapshot_or_from_one_that_is_too_old(
    database_url: str, tmp_path: Path
) -> None:
    async with open_database(database_url, data=tmp_path) as database:
        from_nothing = Lookout(database, {}, await _vault(database, tmp_path), stale_limit_s=0.05)
        with pytest.raises(NotReady):
            from_nothing.current()
        await from_nothing.poll()
        assert from_nothing.current().number >= 0
        await asyncio.sleep(0.1)
        with pytest.raises(DatabaseUnavailable):
            from_nothing.current()
        assert not from_nothing.ready


async def _vault(database: Database, folder: Path) -> Vault:
    await migrate(database)
    return await open_vault(database, folder)


def _through(hall: Hall, other: Database) -> Hall:
    """The same hall, whose changes are made by another process's database."""
    return Hall(
        hall.address,
        other,
        hall.vault,
        hall.gateway,
        hall.provider,
        hall.organisation,
        hall.owner,
        hall.client,
        hall.profiles,
        hall.bounds,
    )
