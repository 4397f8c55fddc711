"""Usage and calls on the wire. Usage classes that were not told are absent."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field, create_model

from modelhall.api.shapes.base import Moment, Shape, Usd
from modelhall.domain.money import Nanodollars, usd, usd_or_none
from modelhall.domain.usage import USAGE_CLASSES
from modelhall.services.usage.list_usage import Attempt, UsagePage
from modelhall.services.usage.show_call import CallView

_COUNTS: dict[str, Any] = {name: (int, Field(default=0, ge=0)) for name in USAGE_CLASSES}
_Counts = create_model("Counts", __base__=Shape, __doc__="Counts by usage class, those that were told.", **_COUNTS)


class UsageRow(_Counts):
    """One attempt; money in US dollars, null = not known."""

    call: str
    attempt: str
    number: int
    at: Moment
    model: str
    key: str | None
    key_name: str | None
    status: str
    error: str | None
    streamed: bool
    estimated: bool
    first_byte_ms: int | None
    total_ms: int
    cost: Usd | None
    charge: Usd | None
    unconfirmed: Usd | None


class UsageTotal(_Counts):
    """Sums over all attempts that were asked for; `unpriced`: attempts whose cost is not known."""

    attempts: int
    cost: Usd
    charge: Usd
    unconfirmed: Usd
    unpriced: int


class UsageShape(Shape):
    """A page of attempts, the newest first; the sums are over all pages."""

    rows: list[UsageRow]
    total: UsageTotal
    next: str | None


class CallShape(Shape):
    """One call with its attempts in their order; `receipt`: what the house changed in the request, and why."""

    call: str
    attempts: list[UsageRow]
    cost: Usd | None
    charge: Usd | None
    receipt: dict[str, str]


def usage_of(page: UsagePage) -> UsageShape:
    """A page as it goes out."""
    total = page.total
    sums = UsageTotal(
        **total.usage,
        attempts=total.attempts,
        cost=usd(Nanodollars(total.cost)),
        charge=usd(Nanodollars(total.charge)),
        unconfirmed=usd(Nanodollars(total.unconfirmed)),
        unpriced=total.unpriced,
    )
    return UsageShape(rows=[_row(row, page.key_names) for row in page.rows], total=sums, next=page.next)


def call_of(view: CallView) -> CallShape:
    """A call as it goes out."""
    return CallShape(
        call=view.id,
        attempts=[_row(row, view.key_names) for row in view.attempts],
        cost=_money(view.cost),
        charge=_money(view.charge),
        receipt=dict(view.receipt),
    )


def _row(row: Attempt, key_names: Mapping[str, str]) -> UsageRow:
    return UsageRow(
        **row.usage,
        call=row.call_id,
        attempt=row.id,
        number=row.number,
        at=row.started_at,
        model=row.model,
        key=row.key_id,
        key_name=key_names.get(row.key_id or ""),
        status=row.status,
        error=row.error,
        streamed=row.streamed,
        estimated=row.estimated,
        first_byte_ms=row.first_byte_ms,
        total_ms=row.total_ms,
        cost=_money(row.cost),
        charge=_money(row.charge),
        unconfirmed=_money(row.unconfirmed),
    )


def _money(amount: int | None) -> str | None:
    return usd_or_none(None if amount is None else Nanodollars(amount))
