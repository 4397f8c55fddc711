"""A backup made anywhere comes back anywhere: every row, every secret, or a refusal that says why."""

import asyncio
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter

import pytest
import sqlalchemy as sa

from modelhall.domain.errors import AlreadyExists, Conflict, SetupError
from modelhall.domain.ids import new_id
from modelhall.storage import models
from modelhall.storage.archive import Manifest
from modelhall.storage.audit_check import first_break
from modelhall.storage.backup import back_up, restore
from modelhall.storage.database import Database, open_database
from modelhall.storage.fold import write_entries
from modelhall.storage.ledger import Entry
from modelhall.storage.migrate import HEAD
from modelhall.storage.picture import take_picture
from modelhall.storage.sealing import new_master_key
from modelhall.storage.tables.columns import metadata
from modelhall.storage.tables.money import attempts
from modelhall.storage.tables.system import conversations, messages
from modelhall.storage.vault import open_vault
from tests.storage.ledger_seeds import NOON, a_settlement, an_intent
from tests.storage.library_seeds import ORIGIN, PROVIDER_KEY, VIRTUAL_KEY, Household, a_household, a_model, fresh
from tests.support.postgres import Postgres

PROCESS = "01a1f783-0000-7000-8000-000000000001"
ROUTES = [("sqlite", "sqlite"), ("sqlite", "postgresql"), ("postgresql", "sqlite"), ("postgresql", "postgresql")]


@pytest.fixture(params=ROUTES, ids=[f"{here} to {there}" for here, there in ROUTES])
def route(request: pytest.FixtureRequest, postgres: Postgres, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The addresses of a used and of a new database."""
    with ExitStack() as stack:
        addresses = [
            stack.enter_context(postgres.fresh_database())
            if kind == "postgresql"
            else f"sqlite:///{tmp_path / f'{name}.db'}"
            for name, kind in zip(("old", "new"), request.param, strict=True)
        ]
        yield addresses[0], addresses[1]


async def a_lived_in_house(database: Database, data: Path, number: int = 50) -> Household:
    """A household with a ledger, and a conversation in which an answer comes before its question."""
    house = await a_household(database, data)
    ids = sorted(new_id() for _ in range(2))
    async with database.write() as c:
        intents = [an_intent(organisation_id=house.organisation.id) for _ in range(number)]
        entries = [Entry(intent, a_settlement(intent, charge=n * 1_000_003)) for n, intent in enumerate(intents)]
        await write_entries(c, PROCESS, entries, (), look_first=False)
        talk = {"id": new_id(), "organisation_id": house.organisation.id, "member_id": house.member.id, "title": "x"}
        await c.execute(conversations.insert().values(**talk, created_at=NOON, updated_at=NOON))
        shared = {"conversation_id": talk["id"], "content": [{"text": "ü \U0001f600"}], "created_at": NOON}
        question = {"id": ids[1], "position": 0, "role": "user", "parent_id": None}
        answer = {"id": ids[0], "position": 1, "role": "assistant", "parent_id": ids[1]}
        await c.execute(messages.insert(), [{**shared, **question}, {**shared, **answer}])
    return house


async def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    async with database.read() as c:
        return {
            table.name: [tuple(row) for row in await c.execute(sa.select(table).order_by(*table.primary_key.columns))]
            for table in metadata.sorted_tables
        }


async def back_up_to(database: Database, file: Path, key: bytes | None = None) -> Manifest:
    return await back_up(database, file, product_version="0.1.0", master_key=key)


async def test_everything_comes_back_and_opens(route: tuple[str, str], tmp_path: Path) -> None:
    old_data, new_data = tmp_path / "old-data", tmp_path / "new-data"
    for folder in (old_data, new_data):
        folder.mkdir()
    async with fresh(route[0], old_data) as old:
        house = await a_lived_in_house(old, old_data)
        key = (await open_vault(old, old_data)).current().secret
        manifest = await back_up_to(old, tmp_path / "backup.zip", key)
        before, picture = await everything(old), await take_picture(old)
    async with open_database(route[1], data=new_data) as new:
        restored = await restore(new, tmp_path / "backup.zip", data=new_data)
        assert (restored.manifest, restored.key_restored) == (manifest, True)
        assert await everything(new) == before
        assert len(before["attempts"]) == manifest.tables["attempts"].rows == 50
        again = await take_picture(new)
        assert (again.number, again.keys, again.prices) == (picture.number, picture.keys, picture.prices)
        vault = await open_vault(new, new_data)
        sealed = again.profiles[0].secrets[0].sealed or b""
        assert vault.open_provider_key(house.secret.id, ORIGIN, sealed) == PROVIDER_KEY
        async with new.change(house.actor) as change:
            (made,) = await models.insert_models(change.connection, [a_model(house.profile, "after")])
            await change.audit("model.create", "model", made.id, "after")
        assert made.number == 3
        async with new.read() as c:
            assert await first_break(c, house.organisation.id) is None
    assert (new_data / "master.key").stat().st_mode & 0o777 == 0o600
    assert not (new_data / "master.key.next").exists()


async def test_without_the_key_a_backup_holds_no_key_and_opens_with_the_right_file(
    sqlite_url: str, tmp_path: Path
) -> None:
    new_data = tmp_path / "new"
    new_data.mkdir()
    async with fresh(sqlite_url, tmp_path) as old:
        await a_lived_in_house(old, tmp_path)
        await back_up_to(old, tmp_path / "backup.zip")
    with zipfile.ZipFile(tmp_path / "backup.zip") as zipped:
        assert "master.key" not in zipped.namelist()
        whole = b"".join(zipped.read(name) for name in zipped.namelist())
    for secret in (PROVIDER_KEY, (tmp_path / "master.key").read_text().strip(), VIRTUAL_KEY):
        assert secret.encode() not in whole
    async with open_database(data=new_data) as new:
        restored = await restore(new, tmp_path / "backup.zip", data=new_data)
        assert not restored.key_restored
        assert (await open_vault(new, new_data)).locked
        assert not (new_data / "master.key").exists()
        (new_data / "master.key").write_bytes((tmp_path / "master.key").read_bytes())
        assert not (await open_vault(new, new_data)).locked


async def test_a_backup_is_of_one_moment_while_others_write(database_url: str, tmp_path: Path) -> None:
    async with fresh(database_url, tmp_path) as database:
        house = await a_lived_in_house(database, tmp_path, 200)
        done = asyncio.Event()

        async def keep_writing() -> int:
            written = 0
            while not done.is_set():
                async with database.change(house.actor) as change:
                    intent = an_intent(organisation_id=house.organisation.id)
                    entries = [Entry(intent, a_settlement(intent))]
                    await write_entries(change.connection, PROCESS, entries, (), look_first=False)
                    await change.audit("call", "attempt", intent.id, "a")
                written += 1
            return written

        writer = asyncio.create_task(keep_writing())
        manifests = [await back_up_to(database, tmp_path / f"{n}.zip") for n in range(3)]
        done.set()
        assert await writer > 3
    for manifest in manifests:
        # One attempt and one audit row with each change: 200 attempts, 2 changes and 2 audit rows were there before.
        since = manifest.change_number - 2
        assert (manifest.tables["attempts"].rows, manifest.tables["audit"].rows) == (200 + since, 2 + since)
    assert manifests[0].change_number < manifests[-1].change_number


async def test_the_journal_is_folded_first(sqlite_url: str, tmp_path: Path) -> None:
    async with fresh(sqlite_url, tmp_path) as database:

        async def fold() -> None:
            await a_lived_in_house(database, tmp_path, 7)

        manifest = await back_up(database, tmp_path / "b.zip", product_version="0.1.0", fold=fold)
    assert manifest.tables["attempts"].rows == 7


async def test_a_backup_is_for_its_owner_only_and_replaces_nothing(sqlite_url: str, tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    async with fresh(sqlite_url, tmp_path) as database:
        await back_up_to(database, file)
        assert file.stat().st_mode & 0o777 == 0o600
        with pytest.raises(AlreadyExists, match=r"backup\.zip exists already"):
            await back_up_to(database, file)
        with pytest.raises(SetupError, match="cannot be written"):
            await back_up_to(database, tmp_path / "nowhere" / "backup.zip")
        with pytest.raises(ZeroDivisionError):
            await back_up(database, tmp_path / "c.zip", product_version="0.1.0", fold=fail)
        with pytest.raises(Conflict, match="master key"):
            await back_up_to(database, tmp_path / "d.zip", new_master_key())
    assert sorted(found.name for found in tmp_path.glob("*.zip*")) == ["backup.zip"]


async def fail() -> None:
    raise ZeroDivisionError


@pytest.fixture
async def backup(sqlite_url: str, tmp_path: Path) -> Path:
    """A whole backup with its key."""
    async with fresh(sqlite_url, tmp_path) as database:
        await a_lived_in_house(database, tmp_path)
        await back_up_to(database, tmp_path / "backup.zip", (await open_vault(database, tmp_path)).current().secret)
    return tmp_path / "backup.zip"


@pytest.fixture
def new_data(tmp_path: Path) -> Path:
    folder = tmp_path / "new"
    folder.mkdir()
    return folder


def rewritten(backup: Path, edit: Callable[[str, bytes], bytes | None]) -> Path:
    """The backup with its members edited; `None` leaves one out."""
    with zipfile.ZipFile(backup) as old, zipfile.ZipFile(backup.with_name("edited.zip"), "w") as new:
        for name in old.namelist():
            content = edit(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return backup.with_name("edited.zip")


DAMAGES: dict[str, tuple[Callable[[str, bytes], bytes | None], str]] = {
    "a changed row": (
        lambda n, c: c.replace(b"acme", b"evil") if n == "tables/profiles.jsonl" else c,
        "checksum of profiles",
    ),
    "a missing table": (lambda n, c: None if n == "tables/keys.jsonl" else c, "damaged"),
    "no manifest": (lambda n, c: None if n == "manifest.json" else c, "not a backup"),
    "a manifest of nonsense": (lambda n, c: b"{" if n == "manifest.json" else c, "not a backup"),
    "a newer format": (
        lambda n, c: c.replace(b'"format": 1', b'"format": 2') if n == "manifest.json" else c,
        "reads format 1",
    ),
    "a newer schema": (
        lambda n, c: c.replace(f'"{HEAD}"'.encode(), b'"9999"') if n == "manifest.json" else c,
        "newer",
    ),
    "another key": (
        lambda n, c: new_master_key().hex().encode() if n == "master.key" else c,
        "master key is not the one",
    ),
}


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_damaged_backup_is_refused_and_leaves_nothing(backup: Path, new_data: Path, damage: str) -> None:
    edit, because = DAMAGES[damage]
    async with open_database(data=new_data) as new:
        with pytest.raises(SetupError, match=because):
            await restore(new, rewritten(backup, edit), data=new_data)
        assert not (new_data / "master.key").exists()
        restored = await restore(new, backup, data=new_data)
        assert restored.key_restored
        assert not (await open_vault(new, new_data)).locked


@pytest.mark.parametrize("length", [0, 100, 5_000])
async def test_a_cut_backup_is_refused(backup: Path, new_data: Path, length: int) -> None:
    cut = backup.with_name("cut.zip")
    cut.write_bytes(backup.read_bytes()[:length])
    async with open_database(data=new_data) as new:
        with pytest.raises(SetupError, match="not a backup"):
            await restore(new, cut, data=new_data)
        with pytest.raises(SetupError, match="not a backup"):
            await restore(new, backup.with_name("absent.zip"), data=new_data)


async def test_a_used_place_is_refused_and_left_as_it_is(backup: Path, new_data: Path) -> None:
    async with fresh(None, new_data) as used:
        await a_household(used, new_data)
        (new_data / "master.key").rename(new_data / "away")
        before = await everything(used)
        with pytest.raises(SetupError, match="database is not empty"):
            await restore(used, backup, data=new_data)
        assert await everything(used) == before
        (new_data / "away").rename(new_data / "master.key")
        with pytest.raises(SetupError, match="has a master key already"):
            await restore(used, backup, data=new_data)
    assert not (await locked(new_data))


async def locked(data: Path) -> bool:
    async with open_database(data=data) as database:
        return (await open_vault(database, data)).locked


async def test_a_directory_with_a_journal_is_refused(backup: Path, new_data: Path) -> None:
    (new_data / "journal" / "p").mkdir(parents=True)
    (new_data / "journal" / "p" / "1.log").touch()
    async with open_database(data=new_data) as new:
        with pytest.raises(SetupError, match="holds a journal"):
            await restore(new, backup, data=new_data)


async def test_a_restore_that_was_killed_before_its_commit_can_be_done_again(backup: Path, new_data: Path) -> None:
    (new_data / "master.key.next").write_text(new_master_key().hex())
    async with open_database(data=new_data) as new:
        await restore(new, backup, data=new_data)
        assert not (await open_vault(new, new_data)).locked


async def test_a_restore_that_was_killed_after_its_commit_is_whole_at_the_next_start(
    backup: Path, new_data: Path
) -> None:
    async with open_database(data=new_data) as new:
        await restore(new, backup, data=new_data)
    (new_data / "master.key").rename(new_data / "master.key.next")
    assert not await locked(new_data)
    assert (new_data / "master.key").exists()


@pytest.mark.alone
@pytest.mark.full(only=True)
async def test_a_million_ledger_rows_come_back_within_a_minute(database_url: str, tmp_path: Path) -> None:
    old_data, new_data, file = tmp_path / "old", tmp_path / "new", tmp_path / "backup.zip"
    old_data.mkdir()
    new_data.mkdir()
    intent = an_intent()
    async with fresh(None, old_data) as old:
        async with old.write() as c:
            await write_entries(c, PROCESS, [Entry(intent, a_settlement(intent, charge=3))], (), look_first=False)
            columns = [column for column in attempts.columns.keys() if column != "id"]  # noqa: SIM118
            names = ", ".join(f'"{name}"' for name in columns)
            await c.execute(
                sa.text(
                    f"INSERT INTO attempts (id, {names}) SELECT printf('%032x', n), {names} FROM attempts, "  # noqa: S608
                    "(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 999999) SELECT n FROM c)"
                )
            )
        await back_up_to(old, file)
    async with open_database(database_url, data=new_data) as new:
        begun = perf_counter()
        await restore(new, file, data=new_data)
        assert perf_counter() - begun < 60
        async with new.read() as c:
            assert (await c.execute(sa.select(sa.func.count(), sa.func.sum(attempts.c.cost)))).one() == (
                10**6,
                3 * 10**6,
            )
