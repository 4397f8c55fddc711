"""The doors that models are called through: one for each dialect, all with the same relay behind them."""

import asyncio
import logging
from datetime import UTC, datetime
from typing import Self

from modelhall.dialects.dialect import Dialect
from modelhall.domain.errors import ModelhallError, Overloaded
from modelhall.domain.ids import new_id
from modelhall.gateway.call import Call, Caller, Reply
from modelhall.gateway.desk import Desk
from modelhall.gateway.doors.http import (
    ClientGone,
    Headers,
    Presence,
    Receive,
    Scope,
    Send,
    answer,
    error_headers,
    present,
    presented_key,
    read_body,
)
from modelhall.gateway.relay import relay
from modelhall.gateway.routing import identify
from modelhall.gateway.verdicts import told
from modelhall.storage.rollups import Refusal

log = logging.getLogger(__name__)


class ModelDoor:
    """An ASGI application for one dialect. A call is owned by the task that runs it, from its body to its row."""

    def __init__(self, dialect: Dialect, desk: Desk) -> None:
        self._dialect = dialect
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        desk, call_id = self._desk, new_id()
        caller: Caller | None = None
        desk.meters.in_flight += 1
        try:
            if desk.meters.in_flight > desk.bounds.calls_at_once:
                raise Overloaded("too many calls at once; try again in a moment", retry_after_s=1)
            caller = identify(presented_key(scope["headers"]), desk)
            body = await read_body(scope, receive, desk.bounds)
            ask = self._dialect.read(body)
            call = Call(call_id, caller, self._dialect, body, ask, self._handed_on(scope))
            await self._serve(call, scope, receive, send)
        except ClientGone:
            log.debug("client gone", extra={"call": call_id})
        except Exception as fault:  # noqa: BLE001 - whatever it is, the caller is answered in its own shape
            error = told(fault, call_id)
            self._count(error, caller)
            await self._refuse(error, call_id, send)
        finally:
            desk.meters.in_flight -= 1

    async def _serve(self, call: Call, scope: Scope, receive: Receive, send: Send) -> None:
        async with present(scope, receive) as presence, relay(call, self._desk) as reply:
            headers = [*reply.headers, *self._names(call.id)]
            if not reply.streamed:
                body = b"".join([chunk async for chunk in reply.chunks])
                presence.done = True
                await answer(send, reply.status, headers, body)
                return
            await send({"type": "http.response.start", "status": reply.status, "headers": headers})
            await _stream(reply, send, presence, self._desk.bounds.silence_seconds)
            presence.done = True
            await send({"type": "http.response.body", "body": b""})

    def _handed_on(self, scope: Scope) -> dict[str, str]:
        named = self._desk.handed_on
        return {name.decode(): value.decode("latin-1") for name, value in scope["headers"] if name in named}

    async def _refuse(self, error: ModelhallError, call_id: str, send: Send) -> None:
        headers = [*error_headers(error), *self._names(call_id)]
        await answer(send, error.status, headers, self._dialect.error_body(error, call_id))

    def _names(self, call_id: str) -> Headers:
        name = call_id.encode()
        return [(b"x-request-id", name), (b"request-id", name), (b"x-modelhall-call", name)]

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


async def _stream(reply: Reply, send: Send, presence: Presence, silence_s: float) -> None:
    clock = asyncio.get_running_loop().time
    with _Comments(send, presence, silence_s) as comments:
        async for chunk in reply.chunks:
            comments.last_s = presence.writing_since = clock()
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            presence.writing_since = None


class _Comments:
    """Sends a comment when a stream has been silent for long. Chunks are whole events, so none is broken by it."""

    def __init__(self, send: Send, presence: Presence, silence_s: float) -> None:
        self._send = send
        self._presence = presence
        self._silence_s = silence_s
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[None] | None = None
        self.last_s = self._loop.time()
        """When something was sent, on the loop's clock."""

    def __enter__(self) -> Self:
        self._timer = self._loop.call_later(self._silence_s, self._look)
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        if self._task is not None:
            self._task.cancel()

    def _look(self) -> None:
        """One timer for the whole stream: it is set again for when the silence would be long enough."""
        due = self.last_s + self._silence_s
        if due <= self._loop.time():
            self._task = self._loop.create_task(self._comment())
            self.last_s = self._loop.time()
            due = self.last_s + self._silence_s
        self._timer = self._loop.call_at(due, self._look)

    async def _comment(self) -> None:
        if self._presence.writing_since is None and not self._presence.done:
            await self._send({"type": "http.response.body", "body": b": keep-alive\n\n", "more_body": True})
