"""Changing the master key: everything opens before and after, and a crash at any moment leaves a key that fits."""

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from modelhall.domain.errors import Conflict, MasterKeyMismatch, SetupError
from modelhall.storage import key_files
from modelhall.storage.audit import list_audit
from modelhall.storage.database import Database
from modelhall.storage.master_key import rotate
from modelhall.storage.profiles import insert_secret
from modelhall.storage.sealing import new_master_key, version_of
from modelhall.storage.tables.library import secrets
from modelhall.storage.vault import Vault, open_vault
from tests.storage.library_seeds import (
    ORIGIN,
    PROVIDER_KEY,
    VIRTUAL_KEY,
    Household,
    a_household,
    fresh,
    sealed_secret,
)
from tests.storage.test_vault import GIVEN, OTHER

FOREVER = """
import asyncio, pathlib, sys
from modelhall.domain.ids import NIL
from modelhall.domain.people import Actor, Role
from modelhall.storage.database import open_database
from modelhall.storage.master_key import rotate
from modelhall.storage.vault import open_vault

async def main():
    url, data, organisation = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
    async with open_database(url, data=data) as database:
        vault = await open_vault(database, data)
        print("ready", flush=True)
        while True:
            await rotate(database, vault, Actor(organisation, NIL, Role.ADMIN, "system"))

asyncio.run(main())
"""


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    async with fresh(database_url, tmp_path) as opened:
        yield opened


async def sealed_now(database: Database) -> list[tuple[str, bytes]]:
    async with database.read() as connection:
        rows = await connection.execute(sa.select(secrets.c.id, secrets.c.sealed).order_by(secrets.c.id))
        return [(row.id, row.sealed) for row in rows]


async def assert_all_opens(database: Database, vault: Vault, house: Household) -> None:
    assert not vault.locked, vault.locked_because
    assert vault.digest(VIRTUAL_KEY + "ci") == house.key.digest
    for secret_id, sealed in await sealed_now(database):
        assert version_of(sealed) == vault.version
        assert vault.open_provider_key(secret_id, ORIGIN, sealed) == PROVIDER_KEY


async def test_after_a_change_of_key_everything_opens_with_the_new_one_only(database: Database, tmp_path: Path) -> None:
    house = await a_household(database, tmp_path)
    vault, old = await open_vault(database, tmp_path), (tmp_path / "master.key").read_text()
    assert await rotate(database, vault, house.actor) == 2
    await assert_all_opens(database, vault, house)
    await assert_all_opens(database, await open_vault(database, tmp_path), house)
    assert (tmp_path / "master.key").read_text() != old
    assert not (tmp_path / "master.key.next").exists()
    assert (await open_vault(database, tmp_path, old)).locked
    async with database.read() as connection:
        assert (await list_audit(connection, house.organisation.id))[0].action == "master_key.rotate"


async def test_a_running_process_still_opens_what_it_read_before(database: Database, tmp_path: Path) -> None:
    house = await a_household(database, tmp_path)
    vault, before = await open_vault(database, tmp_path), await sealed_now(database)
    await rotate(database, vault, house.actor)
    assert vault.open_provider_key(before[0][0], ORIGIN, before[0][1]) == PROVIDER_KEY


async def test_another_process_with_the_same_directory_takes_the_new_key_up(database: Database, tmp_path: Path) -> None:
    house = await a_household(database, tmp_path)
    mine, theirs = await open_vault(database, tmp_path), await open_vault(database, tmp_path)
    await rotate(database, mine, house.actor)
    await theirs.refresh()
    await assert_all_opens(database, theirs, house)


async def test_another_process_with_another_directory_is_locked_until_the_key_is_copied(
    database: Database, tmp_path: Path
) -> None:
    house, elsewhere = await a_household(database, tmp_path), tmp_path / "elsewhere"
    elsewhere.mkdir()
    mine, theirs = await open_vault(database, tmp_path), Vault(database, elsewhere, None)
    await rotate(database, mine, house.actor)
    await theirs.refresh()
    assert theirs.locked
    (elsewhere / "master.key").write_bytes((tmp_path / "master.key").read_bytes())
    await theirs.refresh()
    await assert_all_opens(database, theirs, house)


async def test_a_key_from_the_environment_is_changed_only_for_one_that_the_person_has(
    database: Database, tmp_path: Path
) -> None:
    vault = await open_vault(database, tmp_path, GIVEN)
    (tmp_path / "master.key").write_text(GIVEN)
    house = await a_household(database, tmp_path)
    with pytest.raises(SetupError, match="hand it in"):
        await rotate(database, vault, house.actor)
    with pytest.raises(SetupError, match="is the old one"):
        await rotate(database, vault, house.actor, GIVEN)
    await rotate(database, vault, house.actor, OTHER)
    await assert_all_opens(database, await open_vault(database, tmp_path, OTHER), house)


async def test_a_secret_sealed_with_the_old_key_is_not_taken_after_the_change(
    database: Database, tmp_path: Path
) -> None:
    house = await a_household(database, tmp_path)
    mine, theirs = await open_vault(database, tmp_path), await open_vault(database, tmp_path)
    late = sealed_secret(theirs)
    await rotate(database, mine, house.actor)
    with pytest.raises(Conflict, match="Try again"):
        async with database.write() as connection:
            await insert_secret(connection, house.profile.id, late)
    await assert_all_opens(database, mine, house)


async def test_two_changes_at_once_leave_one_valid_key(database: Database, tmp_path: Path) -> None:
    house = await a_household(database, tmp_path)
    vaults = [await open_vault(database, tmp_path) for _ in range(2)]
    done = await asyncio.gather(*(rotate(database, vault, house.actor) for vault in vaults), return_exceptions=True)
    assert [type(each) for each in done if isinstance(each, Exception)] in ([], [Conflict])
    await assert_all_opens(database, await open_vault(database, tmp_path), house)


async def test_a_change_that_fails_leaves_the_old_key_in_force(database: Database, tmp_path: Path) -> None:
    house = await a_household(database, tmp_path)
    vault = await open_vault(database, tmp_path)
    async with database.write() as connection:
        await connection.execute(sa.update(secrets).values(address="https://moved.example:443"))
    with pytest.raises(MasterKeyMismatch, match="moved or changed"):
        await rotate(database, vault, house.actor)
    async with database.write() as connection:
        await connection.execute(sa.update(secrets).values(address=ORIGIN))
    for each in (vault, await open_vault(database, tmp_path)):
        assert each.version == 1
        await assert_all_opens(database, each, house)
    assert not (tmp_path / "master.key.next").exists()
    assert await rotate(database, vault, house.actor) == 2


async def test_a_start_during_a_change_does_not_touch_the_files(database: Database, tmp_path: Path) -> None:
    await a_household(database, tmp_path)
    with key_files.sole_hand_on_keys(tmp_path) as alone:
        assert alone
        key_files.write_key(tmp_path, key_files.NEXT, new_master_key())
        assert not (await open_vault(database, tmp_path)).locked
        assert (tmp_path / key_files.NEXT).exists()
    assert not (await open_vault(database, tmp_path)).locked
    assert not (tmp_path / key_files.NEXT).exists()


async def test_a_change_that_died_between_commit_and_rename_is_finished_by_the_next_start(
    database: Database, tmp_path: Path
) -> None:
    house, file = await a_household(database, tmp_path), tmp_path / key_files.NAME
    vault, old = await open_vault(database, tmp_path), file.read_text()
    await rotate(database, vault, house.actor)
    new = file.read_text()
    file.rename(tmp_path / key_files.NEXT)
    file.write_text(old)
    await assert_all_opens(database, await open_vault(database, tmp_path), house)
    assert (file.read_text(), (tmp_path / key_files.NEXT).exists()) == (new, False)


@pytest.mark.full
@pytest.mark.alone
async def test_a_kill_at_any_moment_leaves_a_key_that_fits(
    database: Database, database_url: str, tmp_path: Path, how_many: Callable[[int, int], int]
) -> None:
    house = await a_household(database, tmp_path)
    versions = set[int]()
    for _ in range(how_many(20, 200)):
        command = [sys.executable, "-c", FOREVER, database_url, str(tmp_path), house.organisation.id]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"ready\n"
            time.sleep(random.uniform(0, 0.15))
            child.kill()
        vault = await open_vault(database, tmp_path)
        await assert_all_opens(database, vault, house)
        assert not (tmp_path / key_files.NEXT).exists()
        versions.add(vault.version)
    assert len(versions) > 1, "the child never got to change anything"
