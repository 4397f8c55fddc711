"""The vault: one master key per database, secrets that open only in their place, no wrong key taken for a right one."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from modelhall.domain.errors import MasterKeyMismatch, SetupError
from modelhall.storage.database import Database
from modelhall.storage.sealing import MasterKey, Place, new_master_key, parse_master_key
from modelhall.storage.tables.system import vault as vault_table
from modelhall.storage.vault import Vault, open_vault
from tests.storage.library_seeds import ORIGIN, PROVIDER_KEY, fresh

GIVEN = "6f" * 8 + "0123456789abcdef" * 3
OTHER = "ff00" * 4 + "0123456789abcdef" * 3


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    async with fresh(database_url, tmp_path) as opened:
        yield opened


async def stored(database: Database) -> list[tuple[str, bytes]]:
    async with database.read() as connection:
        rows = await connection.execute(sa.select(vault_table).order_by(vault_table.c.name))
        return [(row.name, row.value) for row in rows]


async def test_a_new_database_gets_a_key_file_for_its_owner_only(database: Database, tmp_path: Path) -> None:
    vault = await open_vault(database, tmp_path)
    file = tmp_path / "master.key"
    assert (vault.locked, vault.version, file.stat().st_mode & 0o777) == (False, 1, 0o600)
    assert len(parse_master_key(file.read_text())) == 32


async def test_the_key_in_the_file_opens_what_was_sealed_before(database: Database, tmp_path: Path) -> None:
    first = await open_vault(database, tmp_path)
    sealed, digest = first.seal_provider_key("s1", ORIGIN, PROVIDER_KEY), first.digest("mh_key")
    again = await open_vault(database, tmp_path)
    assert again.open_provider_key("s1", ORIGIN, sealed) == PROVIDER_KEY
    assert again.digest("mh_key") == digest != again.digest("mh_kez")


async def test_a_given_key_is_used_and_no_file_is_made(database: Database, tmp_path: Path) -> None:
    vault = await open_vault(database, tmp_path, GIVEN)
    sealed = vault.seal_provider_key("s1", ORIGIN, PROVIDER_KEY)
    assert not (tmp_path / "master.key").exists()
    assert (await open_vault(database, tmp_path, GIVEN)).open_provider_key("s1", ORIGIN, sealed) == PROVIDER_KEY


async def test_ten_vaults_opened_at_once_agree_on_one_key(database: Database, tmp_path: Path) -> None:
    vaults = await asyncio.gather(*(open_vault(database, tmp_path) for _ in range(10)))
    assert len({vault.digest("mh_key") for vault in vaults}) == 1


def assert_locked(vault: Vault, because: str) -> None:
    assert vault.locked
    for use in (lambda: vault.digest("x"), lambda: vault.seal_provider_key("s", ORIGIN, "x")):
        with pytest.raises(MasterKeyMismatch, match=because) as told:
            use()
        assert (told.value.status, told.value.code) == (503, "master_key_mismatch")
    with pytest.raises(MasterKeyMismatch):
        vault.open_provider_key("s", ORIGIN, b"")


async def test_a_wrong_key_locks_the_vault_and_changes_nothing(database: Database, tmp_path: Path) -> None:
    await open_vault(database, tmp_path, GIVEN)
    before = await stored(database)
    assert_locked(await open_vault(database, tmp_path, OTHER), "MODELHALL_MASTER_KEY is not the key")
    assert_locked(await open_vault(database, tmp_path), "There is no .*master.key")
    assert (await stored(database), (tmp_path / "master.key").exists()) == (before, False)


async def test_a_wrong_file_locks_the_vault_and_is_left_alone(database: Database, tmp_path: Path) -> None:
    await open_vault(database, tmp_path)
    (tmp_path / "master.key").write_text(OTHER)
    assert_locked(await open_vault(database, tmp_path), "is not the one this database was written with")
    assert (tmp_path / "master.key").read_text() == OTHER


async def test_a_wrong_variable_beside_the_right_file_is_told_as_that(database: Database, tmp_path: Path) -> None:
    await open_vault(database, tmp_path)
    assert_locked(await open_vault(database, tmp_path, OTHER), "Unset the variable")


async def test_a_locked_vault_opens_when_the_right_key_is_put_in_place(database: Database, tmp_path: Path) -> None:
    await open_vault(database, tmp_path)
    (tmp_path / "master.key").rename(tmp_path / "away")
    vault = await open_vault(database, tmp_path)
    assert vault.locked
    (tmp_path / "away").rename(tmp_path / "master.key")
    await vault.refresh()
    assert not vault.locked


async def test_a_key_file_left_by_a_start_that_died_is_used(database: Database, tmp_path: Path) -> None:
    (tmp_path / "master.key").write_text(GIVEN)
    await open_vault(database, tmp_path)
    assert not (await open_vault(database, tmp_path, GIVEN)).locked


async def test_a_key_file_that_others_could_read_is_closed(database: Database, tmp_path: Path) -> None:
    await open_vault(database, tmp_path)
    (tmp_path / "master.key").chmod(0o644)
    await open_vault(database, tmp_path)
    assert (tmp_path / "master.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "short", "0" * 63, "0" * 64, "changeme" * 4, "00" * 31 + "01", "A" * 44])
async def test_a_key_that_is_short_or_not_random_is_refused_with_how_to_make_one(
    sqlite_url: str, tmp_path: Path, text: str
) -> None:
    async with fresh(sqlite_url, tmp_path) as database:
        with pytest.raises(SetupError, match="openssl rand -hex 32") as told:
            await open_vault(database, tmp_path, text)
        assert not text or text not in told.value.message
        assert await stored(database) == []


def test_a_key_may_be_written_in_hexadecimal_or_base64() -> None:
    secret = parse_master_key(GIVEN)
    for text in (
        GIVEN.upper(),
        "b29vb29vb28BI0VniavN7wEjRWeJq83vASNFZ4mrze8=",
        "b29vb29vb28BI0VniavN7wEjRWeJq83vASNFZ4mrze8\n",
    ):
        assert parse_master_key(text) == secret


async def test_neither_vault_nor_key_show_themselves(database: Database, tmp_path: Path) -> None:
    vault = await open_vault(database, tmp_path, GIVEN)
    shown = repr(vault) + repr(vault.current()) + str(vault)
    for secret in (parse_master_key(GIVEN), GIVEN):
        assert repr(secret) not in shown
        assert str(secret) not in shown


PLACE = Place("secrets", "s1", "sealed", "provider-key", ORIGIN)
ELSEWHERE = [
    {"table": "vault"},
    {"row": "s2"},
    {"column": "shown"},
    {"purpose": "session"},
    {"origin": "https://evil.example:443"},
    {"origin": ""},
    {"table": "secretss", "row": "1"},
]


@pytest.mark.parametrize("change", ELSEWHERE)
def test_a_sealed_value_opens_in_no_other_place(change: dict[str, str]) -> None:
    key = MasterKey(1, new_master_key())
    sealed = key.seal(PLACE, b"secret")
    assert key.open(PLACE, sealed) == b"secret"
    with pytest.raises(MasterKeyMismatch):
        key.open(replace(PLACE, **change), sealed)


@pytest.mark.full
def test_no_swap_and_no_flipped_bit_is_ever_accepted(how_many: Callable[[int, int], int]) -> None:
    keys = [MasterKey(1, new_master_key()), MasterKey(2, new_master_key()), MasterKey(1, new_master_key())]
    places = [PLACE, *(replace(PLACE, **change) for change in ELSEWHERE)]
    accepted = 0
    for n in range(how_many(500, 10_000)):
        key, place = random.choice(keys), random.choice(places)
        sealed = bytearray(key.seal(place, b"secret %d" % n))
        other_key, other_place = random.choice(keys), random.choice(places)
        if (other_key, other_place) == (key, place):
            bit = random.randrange(len(sealed) * 8)
            sealed[bit // 8] ^= 1 << bit % 8
        try:
            other_key.open(other_place, bytes(sealed))
        except MasterKeyMismatch:
            continue
        accepted += 1
    assert accepted == 0


@pytest.mark.parametrize(
    "value", [b"", b"\x01", b"\x01\x00\x00\x00\x01" + b"\x00" * 10, b"plain text that was never sealed"]
)
def test_what_was_never_sealed_does_not_open(value: bytes) -> None:
    with pytest.raises(MasterKeyMismatch):
        MasterKey(1, new_master_key()).open(PLACE, value)


def test_the_same_secret_never_looks_the_same_twice() -> None:
    key = MasterKey(1, new_master_key())
    assert len({key.seal(PLACE, b"secret") for _ in range(100)}) == 100
