"""What the tests of the ledger start from: an organisation, a budget with its window, attempts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from modelhall.domain.ids import new_id
from modelhall.storage.database import Database, open_database
from modelhall.storage.journal import Intent, Settled
from modelhall.storage.migrate import migrate
from modelhall.storage.tables.money import allowances, attempts, budget_windows, budgets
from modelhall.storage.tables.people import organisations

NOON = datetime(2026, 3, 29, 12, 0, 30, tzinfo=UTC)


@asynccontextmanager
async def fresh(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    async with open_database(database_url, data=tmp_path) as database:
        await migrate(database)
        yield database


async def an_organisation(database: Database) -> str:
    organisation_id = new_id()
    async with database.write() as connection:
        row = {"id": organisation_id, "slug": organisation_id, "name": "Test", "created_at": NOON}
        await connection.execute(sa.insert(organisations).values(row))
    return organisation_id


async def a_window(database: Database, limit: int) -> str:
    """A budget window with that limit in nano-dollars."""
    organisation_id, budget_id, window_id = await an_organisation(database), new_id(), new_id()
    async with database.write() as connection:
        await connection.execute(
            sa.insert(budgets).values(
                id=budget_id,
                organisation_id=organisation_id,
                scope="key",
                scope_id=new_id(),
                period="total",
                zone="UTC",
                limit_nano=limit,
                hard_pct=100,
                soft_pct=[],
                created_at=NOON,
            )
        )
        await connection.execute(
            sa.insert(budget_windows).values(
                id=window_id, budget_id=budget_id, starts_at=NOON, limit_nano=limit, spent=0, held=0
            )
        )
    return window_id


async def state_of(database: Database, window_id: str) -> tuple[int, int, int]:
    """Spent, held, and the sum of the allowances of a window."""
    async with database.read() as connection:
        row = (
            await connection.execute(
                sa.select(budget_windows.c.spent, budget_windows.c.held).where(budget_windows.c.id == window_id)
            )
        ).one()
        taken = await connection.scalar(
            sa.select(sa.func.coalesce(sa.func.sum(allowances.c.amount), 0)).where(allowances.c.window_id == window_id)
        )
    return row.spent, row.held, int(taken or 0)


async def rows(database: Database) -> list[sa.RowMapping]:
    async with database.read() as connection:
        return list((await connection.execute(sa.select(attempts).order_by(attempts.c.id))).mappings())


def an_intent(
    *windows: str, bound: int | None = 100, organisation_id: str | None = None, model_id: str | None = None
) -> Intent:
    return Intent(
        id=new_id(),
        call_id=new_id(),
        number=1,
        organisation_id=organisation_id or new_id(),
        project_id=None,
        member_id=new_id(),
        key_id=new_id(),
        profile_id=new_id(),
        model_id=model_id or new_id(),
        model="mock/small",
        asked="default",
        dialect="openai_chat",
        streamed=True,
        started_us=int(NOON.timestamp() * 1_000_000),
        price_id=None,
        bound=bound,
        windows=windows,
    )


def a_settlement(intent: Intent, charge: int | None = 60, status: str = "ok") -> Settled:
    return Settled(
        id=intent.id,
        status=status,
        error=None,
        upstream_status=200,
        upstream_id=None,
        first_byte_ms=12,
        total_ms=340,
        usage={"input": 10, "output": 5},
        vendor_usage='{"prompt_tokens":10}',
        estimated=False,
        flaw=None,
        service_tier="standard",
        cost=charge,
        charge=charge,
        unconfirmed=None,
        receipt=None,
    )
