"""Step 5 of a call: what an attempt used becomes its cost and its row, however it ended."""

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from modelhall.dialects.dialect import Ask, Reader
from modelhall.domain.errors import (
    AccessEnded,
    DeadlineExceeded,
    ModelhallError,
    OwnTrouble,
    ProviderBusy,
    ProviderCut,
    ProviderError,
    ProviderLacksModel,
    ProviderRefused,
    ProviderRefusedKey,
    ProviderUnreachable,
)
from modelhall.domain.ids import new_id
from modelhall.domain.money import Nanodollars
from modelhall.domain.prices import STANDARD, PriceSheet
from modelhall.domain.usage import Usage
from modelhall.gateway.call import Call, Route, Target
from modelhall.gateway.desk import Desk
from modelhall.gateway.hold import Hold
from modelhall.gateway.prepare import Prepared
from modelhall.gateway.snapshot import DEFAULT
from modelhall.storage.journal import Intent, Settled

OK, CANCELLED, NOT_SENT, BROKEN = "ok", "cancelled", "not_sent", "broken"
_STATUS: tuple[tuple[type[ModelhallError], str], ...] = (
    (DeadlineExceeded, "deadline"),
    (ProviderCut, "cut"),
    (ProviderBusy, "busy"),
    (ProviderRefusedKey, "refused"),
    (ProviderLacksModel, "refused"),
    (ProviderRefused, "refused"),
    (ProviderError, "failed"),
    (OwnTrouble, NOT_SENT),
)
PROVIDERS_FAULT = frozenset({"failed", "deadline", "cut"})
"""Statuses that count against a model's uptime."""
_UNBILLED = frozenset({"busy", "refused", NOT_SENT})
_BYTES_PER_TOKEN = 4
_LEFT = (asyncio.CancelledError, GeneratorExit)


class Meter:
    """Follows one attempt from its intent to its settlement."""

    def __init__(self, call: Call, route: Route, target: Target, number: int, held: Hold, desk: Desk) -> None:
        self.id = new_id()
        self.target = target
        self._receipt: Mapping[str, str] = {}
        self.reader: Reader | None = None
        self.cost: Nanodollars | None = None
        self._call, self._held, self._desk = call, held, desk
        self._number, self._asked, self._why = number, route.asked, route.why
        self._verdict = route.verdict_on(target)
        self._started = datetime.now(UTC)
        self._clock = time.monotonic()
        self._sheet: PriceSheet | None = target.sheet_at(self._started)
        self._first_byte: float | None = None
        self._answer: int | None = None
        self._error: BaseException | None = None
        self._sent = True
        self._settled = False

    def intend(self, request: Prepared) -> None:
        """Writes down that the attempt is about to be sent. Raises JournalUnavailable."""
        self.reader, self._receipt = request.reader, request.receipt
        if self._asked == DEFAULT:
            self._receipt = {DEFAULT: self._why, **self._receipt}
        if self._verdict is not None:
            self._receipt = {**self._receipt, **self._verdict.receipt}
        call, model = self._call, self.target.model
        self._desk.journal.write(
            Intent(
                id=self.id,
                call_id=call.id,
                number=self._number,
                organisation_id=call.caller.organisation_id,
                project_id=call.caller.project_id,
                member_id=call.caller.member_id,
                key_id=call.caller.key_id,
                profile_id=model.profile_id,
                model_id=model.id,
                model=model.public_name,
                asked=self._asked[:200],
                dialect=call.dialect.NAME,
                streamed=call.ask.stream,
                started_us=int(self._started.timestamp() * 1_000_000),
                price_id=self._sheet.id if self._sheet else None,
                bound=self._held.bound,
                windows=self._held.windows,
            )
        )

    def not_sent(self) -> None:
        """Nothing of the request has gone out."""
        self._sent = False

    def answered(self, status: int) -> None:
        """The provider's head is there."""
        self._answer = status

    def began(self) -> None:
        """The first byte of the body is there."""
        if self._first_byte is None:
            self._first_byte = time.monotonic()

    def failed(self, error: BaseException) -> None:
        """The attempt ended badly; the first reason counts."""
        self._error = self._error or error

    async def settle_durably(self) -> None:
        """Settles the call's last attempt and frees its hold.

        With `durability = "sync"` waits until it is on the disk.
        """
        self.settle()
        self._held.release()
        if self._desk.synchronous:
            await self._desk.journal.synced()

    def settle(self) -> None:
        """Writes the attempt's end, once: usage, cost, status; counts it everywhere. Raises JournalUnavailable."""
        if self._settled:
            return
        self._settled = True
        settled = self._settlement()
        self._held.charge(settled.charge if settled.charge is not None else settled.unconfirmed or 0)
        self._count(settled)
        self._desk.journal.write(settled)

    def _settlement(self) -> Settled:
        status = self._status()
        usage, estimated = self._usage(status)
        self.cost = self._cost_of(usage, status)
        unconfirmed = self._held.bound if self.cost is None and (usage is None or self._held.windows) else None
        return Settled(
            id=self.id,
            status=status,
            error=_code_of(self._error),
            upstream_status=self._answer,
            upstream_id=None,
            first_byte_ms=_ms(self._clock, self._first_byte),
            total_ms=_ms(self._clock, time.monotonic()) or 0,
            usage={} if usage is None else dict(usage.told()),
            vendor_usage=self._vendor_usage(),
            estimated=estimated,
            flaw=self.reader.flaw if self.reader else None,
            service_tier=STANDARD,
            cost=self.cost,
            charge=self.cost,
            unconfirmed=unconfirmed,
            receipt=dict(self._receipt) or None,
        )

    def _status(self) -> str:
        if self._error is None:
            return OK
        if isinstance(self._error, (*_LEFT, AccessEnded)):
            return CANCELLED
        return next((status for kind, status in _STATUS if isinstance(self._error, kind)), BROKEN)

    def _usage(self, status: str) -> tuple[Usage | None, bool]:
        """What was used, and whether that is an estimate; `None` when nobody can say."""
        if self._unbilled(status):
            return None, False
        reader = self.reader
        if reader is not None and reader.usage:
            return reader.usage, False
        if reader is not None and (reader.began or reader.finished or status in {CANCELLED, BROKEN}):
            return estimate(self._call.ask, reader.pieces), True
        return None, False

    def _cost_of(self, usage: Usage | None, status: str) -> Nanodollars | None:
        if self._unbilled(status):
            return Nanodollars(0)
        if usage is None or self._sheet is None:
            return None
        return self._sheet.cost(usage, self._started)

    def _unbilled(self, status: str) -> bool:
        """No provider charges for what it refused, failed at with an error status, or never got."""
        failed_openly = self._answer is not None and self._answer != 200
        return not self._sent or status in _UNBILLED or failed_openly or isinstance(self._error, ProviderUnreachable)

    def _vendor_usage(self) -> str | None:
        told = self.reader.vendor_usage if self.reader else None
        return told.decode("utf-8", "replace") if told is not None else None

    def _count(self, settled: Settled) -> None:
        meters, model = self._desk.meters, self.target.model
        meters.attempts[model.profile, model.model_id, settled.status] += 1
        for name, count in settled.usage.items():
            meters.tokens[model.profile, model.model_id, name] += count
        if settled.charge is None:
            meters.unpriced += 1
        else:
            meters.charged[model.profile, model.model_id] += settled.charge
        meters.total.add(settled.total_ms / 1000)
        if settled.first_byte_ms is not None:
            meters.first_byte.add(settled.first_byte_ms / 1000)


def estimate(ask: Ask, pieces: int) -> Usage:
    """Usage of an answer whose provider told none: four bytes to a token in, one token to a piece out."""
    sent = (ask.plain_bytes + _BYTES_PER_TOKEN - 1) // _BYTES_PER_TOKEN
    return Usage(input=sent, output=pieces if ask.generates else None)


def _code_of(error: BaseException | None) -> str | None:
    if error is None:
        return None
    if isinstance(error, ModelhallError):
        return error.code
    return "client_gone" if isinstance(error, _LEFT) else OwnTrouble.code


def _ms(start: float, end: float | None) -> int | None:
    return None if end is None else round((end - start) * 1000)
