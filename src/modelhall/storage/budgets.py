"""Budget windows and the allowances that processes take from them. The database decides; nothing here is ever guessed.

`held` of a window is the sum of the allowances taken from it. A process spends from its allowance in memory; folding
moves what was spent from `held` and from the allowance to `spent`, so that at every moment spent + held covers all
that was admitted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from modelhall.storage.tables.money import allowances, budget_windows


@dataclass(frozen=True, slots=True)
class Wish:
    """What a process wants of a window, in nano-dollars."""

    window_id: str
    need: int
    """Without this much the call cannot be admitted."""
    pace: int
    """What the process spent there in the last second, or what its waiting calls need: taken beforehand, up to a
    twentieth of what is left."""


async def take(
    connection: AsyncConnection, process_id: str, wishes: Sequence[Wish], now: datetime, leased_until: datetime
) -> dict[str, int] | None:
    """Takes allowance from all windows or from none; the amounts taken, or `None` when one of them has too little left.

    A window that has too little is marked as wanted, so that other processes give back what lies idle.
    """
    taken: dict[str, int] = {}
    async with connection.begin_nested() as all_or_nothing:
        for wish in sorted(wishes, key=lambda wish: wish.window_id):
            amount = await _take_one(connection, wish)
            if amount is None:
                await all_or_nothing.rollback()
                break
            taken[wish.window_id] = amount
            await _note(connection, process_id, wish.window_id, amount, leased_until)
        else:
            return taken
    await _mark_wanted(connection, wish.window_id, now)
    return None


async def _take_one(connection: AsyncConnection, wish: Wish) -> int | None:
    row = (
        await connection.execute(
            sa.select(budget_windows.c.limit_nano, budget_windows.c.spent, budget_windows.c.held)
            .where(budget_windows.c.id == wish.window_id)
            .with_for_update()
        )
    ).one_or_none()
    if row is None:
        return None
    left = row.limit_nano - row.spent - row.held
    amount = max(wish.need, min(left // 20, wish.pace))
    done = await connection.execute(
        sa.update(budget_windows)
        .where(
            budget_windows.c.id == wish.window_id,
            budget_windows.c.spent + budget_windows.c.held + amount <= budget_windows.c.limit_nano,
        )
        .values(held=budget_windows.c.held + amount)
    )
    return amount if done.rowcount == 1 else None


async def owe(
    connection: AsyncConnection, process_id: str, window_id: str, amount: int, leased_until: datetime
) -> None:
    """Adds to an allowance without asking: a call cost more than was held for it, which is owed in any case."""
    await connection.execute(
        sa.update(budget_windows).where(budget_windows.c.id == window_id).values(held=budget_windows.c.held + amount)
    )
    await _note(connection, process_id, window_id, amount, leased_until)


async def give_back(connection: AsyncConnection, process_id: str, amounts: dict[str, int]) -> None:
    """Returns idle allowance to its windows."""
    for window_id, amount in sorted(amounts.items()):
        await _move(connection, process_id, window_id, held=amount, spent=0)


async def spend(connection: AsyncConnection, process_id: str, amounts: dict[str, int]) -> dict[str, int]:
    """Moves what was charged from held to spent, as part of folding; gives what the allowances were short of it.

    Does for all windows together what `_move` does for one.
    """
    if not amounts:
        return {}
    if connection.dialect.name != "sqlite":  # there, whoever writes is alone
        await connection.execute(_LOCK_ALL, {"windows": sorted(amounts)})
    found = await connection.execute(_NOTED, {"process": process_id, "windows": list(amounts)})
    noted = {window_id: int(amount) for window_id, amount in found}
    freed = {window_id: min(amount, noted.get(window_id, 0)) for window_id, amount in sorted(amounts.items())}
    moved = [
        {"process": process_id, "window": window_id, "freed": amount, "charged": amounts[window_id]}
        for window_id, amount in freed.items()
    ]
    await connection.execute(_FREE, moved)
    await connection.execute(_SPEND, moved)
    return {
        window_id: amounts[window_id] - amount for window_id, amount in freed.items() if amount < amounts[window_id]
    }


_WINDOWS: sa.BindParameter[list[str]] = sa.bindparam("windows", expanding=True)
_LOCK_ALL = (
    sa.select(budget_windows.c.id)
    .where(budget_windows.c.id.in_(_WINDOWS))
    .order_by(budget_windows.c.id)
    .with_for_update()
)
_NOTED = sa.select(allowances.c.window_id, allowances.c.amount).where(
    allowances.c.process_id == sa.bindparam("process"), allowances.c.window_id.in_(_WINDOWS)
)
_FREE = (
    sa.update(allowances)
    .where(allowances.c.process_id == sa.bindparam("process"), allowances.c.window_id == sa.bindparam("window"))
    .values(amount=allowances.c.amount - sa.bindparam("freed"))
)
_SPEND = (
    sa.update(budget_windows)
    .where(budget_windows.c.id == sa.bindparam("window"))
    .values(held=budget_windows.c.held - sa.bindparam("freed"), spent=budget_windows.c.spent + sa.bindparam("charged"))
)


async def _move(connection: AsyncConnection, process_id: str, window_id: str, *, held: int, spent: int) -> int:
    """Takes from an allowance, at most what it has, so that nobody frees what another process holds.

    Gives what it was short of: a call cost more than its hold, or the allowance was charged as lost while its process
    was only frozen.
    """
    await _lock(connection, window_id)
    own = (allowances.c.process_id == process_id) & (allowances.c.window_id == window_id)
    noted = await connection.scalar(sa.select(allowances.c.amount).where(own)) or 0
    freed = min(held, noted)
    if freed:
        await connection.execute(sa.update(allowances).where(own).values(amount=allowances.c.amount - freed))
    await connection.execute(
        sa.update(budget_windows)
        .where(budget_windows.c.id == window_id)
        .values(held=budget_windows.c.held - freed, spent=budget_windows.c.spent + spent)
    )
    return held - freed


async def _lock(connection: AsyncConnection, window_id: str) -> None:
    """Whoever changes an allowance holds its window first, so that no two ever wait for each other."""
    await connection.execute(sa.select(budget_windows.c.id).where(budget_windows.c.id == window_id).with_for_update())


async def renew(connection: AsyncConnection, process_id: str, leased_until: datetime) -> None:
    """Says that this process still lives."""
    own = allowances.c.process_id == process_id
    await connection.execute(
        sa.select(allowances.c.window_id).where(own).order_by(allowances.c.window_id).with_for_update()
    )
    await connection.execute(sa.update(allowances).where(own).values(leased_until=leased_until))


async def release(connection: AsyncConnection, process_id: str) -> None:
    """Returns all that is left of a process whose journal has been folded to the end."""
    left = await connection.execute(
        sa.select(allowances.c.window_id, allowances.c.amount).where(allowances.c.process_id == process_id)
    )
    for window_id, amount in sorted(tuple(row) for row in left):
        await _move(connection, process_id, window_id, held=amount, spent=0)
    await connection.execute(sa.delete(allowances).where(allowances.c.process_id == process_id))


async def charge_lost(connection: AsyncConnection, now: datetime) -> dict[str, int]:
    """Charges the allowances whose process is gone with its journal: nobody can say what it spent, so all of it counts.

    Gives the amount charged per window.
    """
    over = allowances.c.leased_until < now
    lost = await connection.execute(sa.select(allowances.c.window_id, allowances.c.process_id).where(over))
    charged: dict[str, int] = {}
    for window_id, process_id in sorted(tuple(row) for row in lost):
        await _lock(connection, window_id)
        own = (allowances.c.process_id == process_id) & (allowances.c.window_id == window_id)
        # Another process may have charged it, or its own renewed it, while this one waited for the window.
        amount = await connection.scalar(sa.delete(allowances).where(own, over).returning(allowances.c.amount))
        if amount:
            await connection.execute(
                sa.update(budget_windows)
                .where(budget_windows.c.id == window_id)
                .values(held=budget_windows.c.held - amount, spent=budget_windows.c.spent + amount)
            )
            charged[window_id] = charged.get(window_id, 0) + amount
    return charged


async def wanted_since(connection: AsyncConnection, process_id: str, since: datetime) -> set[str]:
    """The windows of this process's allowances that another process found short since then."""
    rows = await connection.execute(
        sa.select(budget_windows.c.id)
        .join(allowances, allowances.c.window_id == budget_windows.c.id)
        .where(allowances.c.process_id == process_id, budget_windows.c.wanted_at >= since)
    )
    return set(rows.scalars())


async def _mark_wanted(connection: AsyncConnection, window_id: str, now: datetime) -> None:
    await connection.execute(sa.update(budget_windows).where(budget_windows.c.id == window_id).values(wanted_at=now))


async def _note(
    connection: AsyncConnection, process_id: str, window_id: str, amount: int, leased_until: datetime
) -> None:
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    fresh = insert(allowances).values(
        process_id=process_id, window_id=window_id, amount=amount, leased_until=leased_until
    )
    await connection.execute(
        fresh.on_conflict_do_update(
            index_elements=[allowances.c.process_id, allowances.c.window_id],
            set_={"amount": allowances.c.amount + fresh.excluded.amount, "leased_until": fresh.excluded.leased_until},
        )
    )


async def left(connection: AsyncConnection, window_ids: Sequence[str]) -> dict[str, int]:
    """What each window has left that nobody holds."""
    columns = budget_windows.c
    rows = await connection.execute(
        sa.select(columns.id, columns.limit_nano - columns.spent - columns.held).where(columns.id.in_(window_ids))
    )
    return {window_id: int(amount) for window_id, amount in rows}


async def held_elsewhere(connection: AsyncConnection, process_id: str, window_ids: Sequence[str]) -> bool:
    """Whether another process holds allowance of one of these windows that it might give back."""
    row = await connection.execute(
        sa.select(allowances.c.window_id)
        .where(allowances.c.window_id.in_(window_ids), allowances.c.process_id != process_id, allowances.c.amount > 0)
        .limit(1)
    )
    return row.first() is not None
