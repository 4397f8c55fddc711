"""The doors that models are called through: one for each dialect, all with the same relay behind them."""

import asyncio
import logging
from datetime import UTC, datetime
from typing import cast

from modelhall.dialects.dialect import Dialect
from modelhall.domain.errors import ModelhallError, Overloaded
from modelhall.domain.ids import new_id
from modelhall.gateway.call import Call, Caller
from modelhall.gateway.desk import Desk
from modelhall.gateway.doors.exchange import ClientGone, Exchange, Headers, error_headers
from modelhall.gateway.doors.http import AsgiExchange, Receive, Scope, Send
from modelhall.gateway.relay import relay
from modelhall.gateway.routing import identify
from modelhall.gateway.verdicts import told
from modelhall.storage.rollups import Refusal

log = logging.getLogger(__name__)


class ModelDoor:
    """The door of one dialect. A call is owned by the task that runs it, from its body to its row.

    It is an ASGI application; the fast lane calls `serve` itself.
    """

    def __init__(self, dialect: Dialect, desk: Desk) -> None:
        self._dialect = dialect
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.serve(AsgiExchange(scope, receive, send))

    async def serve(self, exchange: Exchange) -> None:
        """Runs one call and answers it, whatever happens."""
        desk, call_id = self._desk, new_id()
        caller: Caller | None = None
        desk.meters.in_flight += 1
        try:
            bounds = desk.bounds
            if desk.meters.in_flight > bounds.calls_at_once:
                raise Overloaded("too many calls at once; try again in a moment", retry_after_s=1)
            caller = identify(exchange.key(), desk)
            body = await exchange.body(bounds)
            ask = self._dialect.read(body)
            call = Call(call_id, caller, self._dialect, body, ask, exchange.handed_on(desk.handed_on))
            await self._relay(call, exchange, bounds.silence_seconds)
        except ClientGone:
            log.debug("client gone", extra={"call": call_id})
        except asyncio.CancelledError:
            if not exchange.gone:
                raise
            cast("asyncio.Task[None]", asyncio.current_task()).uncancel()
            log.debug("client gone", extra={"call": call_id})
        except Exception as fault:  # noqa: BLE001 - whatever it is, the caller is answered in its own shape
            error = told(fault, call_id)
            self._count(error, caller)
            body = self._dialect.error_body(error, call_id)
            await exchange.answer(error.status, [*error_headers(error), *_names(call_id)], body)
        finally:
            exchange.end()
            desk.meters.in_flight -= 1

    async def _relay(self, call: Call, exchange: Exchange, silence_s: float) -> None:
        async with relay(call, self._desk) as reply:
            headers = [*reply.headers, *_names(call.id)]
            if reply.rest is None:
                await exchange.answer(reply.status, headers, reply.opening)
            else:
                await exchange.stream(reply, reply.rest, headers, silence_s)

    def _count(self, error: ModelhallError, caller: Caller | None) -> None:
        self._desk.meters.refusals[error.code] += 1
        if caller is not None and not error.attempted:
            self._desk.refuse(
                Refusal(
                    at=datetime.now(UTC),
                    organisation_id=caller.organisation_id,
                    project_id=caller.project_id,
                    member_id=caller.member_id,
                    key_id=caller.key_id,
                    profile_id=None,
                    model_id=None,
                    reason=error.code,
                )
            )


def _names(call_id: str) -> Headers:
    name = call_id.encode()
    return [(b"x-request-id", name), (b"request-id", name), (b"x-modelhall-call", name)]
