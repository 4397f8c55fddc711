"""The schema: made once, by whoever comes first; equal to what the code says; never touched when it is newer."""

import asyncio
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Dialect

from modelhall.domain.errors import SetupError
from modelhall.storage.database import open_database
from modelhall.storage.migrate import HEAD, migrate, stored_revision
from modelhall.storage.migrations.first_step import DIALECTS, file_for, first_step
from modelhall.storage.prices import append_sheet
from modelhall.storage.tables.columns import metadata
from modelhall.storage.upgrade import SCRIPTS
from tests.storage.library_seeds import a_household, a_sheet, fresh


def test_the_head_that_the_code_knows_is_the_newest_step() -> None:
    assert ScriptDirectory(str(SCRIPTS)).get_current_head() == HEAD


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_the_first_step_says_what_the_tables_say(dialect: Dialect) -> None:
    """Run `python -m modelhall.storage.migrations.first_step`; once there is a second step, write a new one instead."""
    if HEAD == "0001":
        assert file_for(dialect.name).read_text() == first_step(dialect)


async def test_the_steps_make_exactly_the_tables_that_the_code_knows(database_url: str, tmp_path: Path) -> None:
    def differences(connection: sa.Connection) -> list[Any]:
        return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)

    async with fresh(database_url, tmp_path) as database, database.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_many_processes_may_start_at_once(database_url: str, tmp_path: Path) -> None:
    async def start() -> int:
        async with fresh(database_url, tmp_path) as database:
            return await database.change_number()

    assert await asyncio.gather(*(start() for _ in range(8))) == [0] * 8


async def test_a_start_with_nothing_to_do_loads_no_migration_tool(sqlite_url: str, tmp_path: Path) -> None:
    async with fresh(sqlite_url, tmp_path):
        pass
    program = (
        "import asyncio, sys, pathlib\n"
        "from modelhall.storage.database import open_database\n"
        "from modelhall.storage.migrate import migrate\n"
        "async def main():\n"
        "    async with open_database(sys.argv[1], data=pathlib.Path('.')) as database:\n"
        "        await migrate(database)\n"
        "asyncio.run(main())\n"
        "print('alembic' in sys.modules)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program, sqlite_url], check=True, capture_output=True, text=True)
    assert ran.stdout.strip() == "False"


async def test_a_database_of_a_newer_program_is_left_alone(database_url: str, tmp_path: Path) -> None:
    async with fresh(database_url, tmp_path) as database:
        async with database.write() as connection:
            await connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(SetupError, match="newer version"):
            await migrate(database)
        assert await stored_revision(database) == "9999"


@pytest.mark.full
async def test_a_killed_migration_leaves_the_old_schema_or_the_new_one(
    database_url: str, tmp_path: Path, how_many: Any
) -> None:
    program = (
        "import asyncio, sys, pathlib\n"
        "from modelhall.storage.database import open_database\n"
        "from modelhall.storage.migrate import migrate\n"
        "from modelhall.storage import upgrade\n"
        "async def main():\n"
        "    async with open_database(sys.argv[1], data=pathlib.Path(sys.argv[2])) as database:\n"
        "        print('ready', flush=True)\n"
        "        await migrate(database)\n"
        "asyncio.run(main())\n"
    )
    for _ in range(how_many(3, 200)):
        child = subprocess.Popen([sys.executable, "-c", program, database_url, tmp_path], stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(random.uniform(0, 0.12))
        child.kill()
        child.wait()
        child.stdout.close()
        async with open_database(database_url, data=tmp_path) as database:
            assert await stored_revision(database) in {None, HEAD}
            await migrate(database)
            assert await database.change_number() == 0
            await empty(database_url, database.file)


async def empty(url: str, file: Path | None) -> None:
    """Make the database as it was before its first migration."""
    if file is not None:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{file}{suffix}").unlink(missing_ok=True)
        return
    async with open_database(url, data=Path(os.devnull)) as database, database.write() as connection:
        await connection.execute(sa.text("DROP SCHEMA modelhall CASCADE"))


async def test_the_view_of_models_shows_the_library_with_the_prices_in_force(database_url: str, tmp_path: Path) -> None:
    async with fresh(database_url, tmp_path) as database:
        house = await a_household(database, tmp_path)
        later = a_sheet("9", "9", valid_from=house.key.expires_at or house.sheet.valid_from)
        async with database.write() as connection:
            await append_sheet(connection, later, organisation_id=house.organisation.id, model_id=house.models[0].id)
        async with database.read() as connection:
            rows = (await connection.execute(sa.text("SELECT * FROM models ORDER BY id"))).mappings().all()
    assert [row["id"] for row in rows] == [1, 2]
    assert {name: rows[0][name] for name in rows[0] if name not in {"created_at", "updated_at"}} == {
        "id": 1,
        "name": "Small",
        "model_id": "small",
        "endpoint_type": "openAI",
        "thinking": False,
        "context_window": 128_000,
        "max_output": 16_384,
        "knowledge_cutoff": "2025-03",
        "input_price_per_mtok": 0.15,
        "output_price_per_mtok": 0.6,
        "is_active": True,
    }
    assert rows[1]["input_price_per_mtok"] is None


async def test_the_view_of_models_cannot_be_written(database_url: str, tmp_path: Path) -> None:
    async with fresh(database_url, tmp_path) as database:
        await a_household(database, tmp_path)
        with pytest.raises(Exception, match=r"view|cannot"):
            async with database.write() as connection:
                await connection.execute(sa.text("DELETE FROM models"))
