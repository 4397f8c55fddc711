"""The server's careful framing: one connection, its deadlines and caps, and the news that its client has gone."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from modelhall.dialects import openai_chat
from modelhall.domain.errors import BadRequest, HeadersTooLarge, ModelhallError, Overloaded, PathTooLong, TooSlow
from modelhall.domain.ids import new_id
from modelhall.gateway.doors.exchange import error_headers
from modelhall.gateway.doors.form import Head, Limits
from modelhall.gateway.doors.http import GONE
from modelhall.gateway.doors.keeper import Keeper

log = logging.getLogger(__name__)

# What comes next from the client. Plain numbers: they are looked at for every header.
NEW, BETWEEN, HEAD, BODY = range(4)

_BODY_HEADERS = frozenset({b"content-length", b"transfer-encoding"})
MOST_UNSENT = 32 * 1024
"""Bytes that wait for a client to take them; with more, what is read for it waits too."""
_LINGER_S = 2.0
"""How long what a refused client still sends is read away: closing at once could take the answer back."""
_DRY_BYTES = 64 * 1024
"""How much may arrive in a row, after the headers, that adds nothing to the body: chunk extensions, trailers."""


class CarefulConnection(HttpToolsProtocol):
    """One connection: whatever is sent to it, it answers or closes. Tells the call under way when the client goes."""

    url: bytes

    def __init__(
        self,
        keeper: Keeper,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        loop: asyncio.AbstractEventLoop | None,
    ) -> None:
        super().__init__(config, server_state, app_state, loop)
        self._keeper = keeper
        self._limits = keeper.limits()
        self._reading = NEW
        self._since = self.loop.time()
        self._piece = b""
        self._head = b""
        self._muted = False
        self._upgrading = False
        self._body_bytes = 0
        self._body_seen = 0
        self._dry_bytes = 0
        self._running: RequestResponseCycle | None = None
        self._leave: Callable[[], None] | None = None
        self._gone = False
        self._closing_since: float | None = None
        self._stuck_since: float | None = None
        self._unsent = 0
        self._extensions = {GONE: self.when_gone}

    # What the doors see

    def when_gone(self, leave: Callable[[], None]) -> bool:
        """Has `leave` called when the client goes before its call is answered; false when it has gone already."""
        if self._gone:
            return False
        self._leave = leave
        if not self.pipeline:
            self.flow.resume_reading()  # the end of a big body leaves it paused, and a paused connection sees no end
        return True

    # What the event loop says

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        transport.set_write_buffer_limits(high=MOST_UNSENT)
        self._keeper.came(self)
        most = self._limits.connections
        if self._keeper.open > most + most // 10 + 1:
            transport.abort()
        elif self._keeper.open > most:
            self.refuse(Overloaded("too many connections; try again in a moment", retry_after_s=1))

    def connection_lost(self, exc: Exception | None) -> None:
        self._keeper.left(self)
        self._part()
        super().connection_lost(exc)
        self._extensions.clear()  # it leads back to here

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stuck_since = None

    def data_received(self, data: bytes) -> None:
        if self._closing_since is not None:
            return
        self._piece, before = data, self._body_bytes
        if self._reading == HEAD:
            self._head += data
        try:
            self._feed(data)
        except httptools.HttpParserError as error:
            own = error.__context__  # what a callback raised
            self.refuse(own if isinstance(own, ModelhallError) else BadRequest(f"this is not HTTP/1.1: {error}"))
            return
        finally:
            self._piece = b""
        if self._reading == HEAD and len(self._head) > self._limits.head_bytes:
            self.refuse(HeadersTooLarge("the headers of the request are too large"))
        elif self._reading == BODY:
            self._dry_bytes = self._dry_bytes + len(data) if self._body_bytes == before else 0
            if self._dry_bytes > _DRY_BYTES:
                self.refuse(BadRequest("the body of the request does not come forward"))

    def _feed(self, data: bytes) -> None:
        while data:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as upgrade:  # no other protocol is spoken here: it goes on as it was
                data = data[upgrade.args[0] :]
                if self._reading == BODY:
                    self._read_on()
            else:
                return

    def _read_on(self) -> None:
        """Has the body read of a request that asked for another protocol: its parser takes it for that protocol's.

        Java's own client asks so in the first request of each connection, whatever its method.
        """
        self.parser, self._muted, self._upgrading = httptools.HttpRequestParser(self), True, False
        length = [b"%b: %b\r\n" % each for each in self.headers if each[0] in _BODY_HEADERS]
        self.parser.feed_data(b"POST / HTTP/1.1\r\n" + b"".join(length) + b"\r\n")
        self._muted = False

    # What the parser says

    def on_message_begin(self) -> None:
        if self._muted:
            return
        super().on_message_begin()
        self.scope["extensions"] = self._extensions  # type: ignore[typeddict-item]
        self._reading, self._since, self._head = HEAD, self.loop.time(), self._piece

    def on_url(self, url: bytes) -> None:
        if self._muted:
            return
        self.url += url
        if len(self.url) > self._limits.url_bytes:
            raise PathTooLong("the path of the request is too long")

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._reading == HEAD:  # what comes after the body is no header: it could change what was decided
            self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        if self._muted:
            return
        head = Head(self._head, self.parser.get_method(), self.parser.get_http_version(), self.url, self.headers)
        names = head.check(self._limits)
        if b"expect" in names:
            self.expect_100_continue = self.headers[names.index(b"expect")][1].lower() == b"100-continue"
        self._upgrading = self.parser.should_upgrade() and not _BODY_HEADERS.isdisjoint(names)
        super().on_headers_complete()
        self._reading, self._since = BODY, self.loop.time()
        self._body_bytes = self._body_seen = self._dry_bytes = 0
        self._head = b""
        if self.pipeline:
            if len(self.pipeline) > self._limits.waiting:
                raise BadRequest("too many requests at once on one connection")
            self.flow.resume_reading()  # paused, the connection would not see the client go

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        if self._upgrading:
            return  # not complete: see _read_on
        self._reading, self._since = BETWEEN, self.loop.time()
        super().on_message_complete()

    # What the calls say

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        self.server_state.total_requests += 1
        self._leave, self._since = None, self.loop.time()
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())

    # What the time says

    @property
    def _busy(self) -> bool:
        return self._running is not None and not self._running.response_complete

    def look(self, now: float, limits: Limits) -> None:
        """Closes the connection if its time is over. Called about once in `look_seconds`."""
        self._limits = limits
        if self._is_stuck(now, limits):
            self.transport.abort()
        elif self._closing_since is not None:
            if now - self._closing_since > _LINGER_S and not self.transport.get_write_buffer_size():
                self.transport.abort()
        elif self._reading == BODY:
            self._look_at_body(now, limits)
        elif not self._busy:
            longest = limits.idle_seconds if self._reading == BETWEEN else limits.head_seconds
            if now - self._since + limits.look_seconds > longest:  # rather a moment before than after
                self._close_late("the headers of the request did not arrive in time")

    def _look_at_body(self, now: float, limits: Limits) -> None:
        if not self._busy:  # answered early: the rest is only read away, and not for ever
            if now - self._since + limits.look_seconds > limits.head_seconds:
                self.transport.close()
        elif self.flow.read_paused or self._running is not self.cycle:  # it is we who make it wait
            self._since, self._body_seen = now, self._body_bytes
        elif now - self._since + limits.look_seconds > limits.body_window_seconds:
            if self._body_bytes - self._body_seen < limits.body_bytes_per_second * (now - self._since):
                self._close_late("the body of the request arrives too slowly")
            self._since, self._body_seen = now, self._body_bytes

    def _is_stuck(self, now: float, limits: Limits) -> bool:
        """Whether the client has taken nothing of what is being sent to it for too long."""
        if not (self.flow.write_paused or self._closing_since is not None or self.transport.is_closing()):
            return False
        unsent = self.transport.get_write_buffer_size()
        if self._stuck_since is None or unsent < self._unsent:
            self._stuck_since, self._unsent = now, unsent
        return unsent > 0 and now - self._stuck_since + limits.look_seconds > limits.stuck_seconds

    def _close_late(self, why: str) -> None:
        if self._reading in (HEAD, BODY):
            self.refuse(TooSlow(why), linger=False)
        else:
            self.transport.close()

    # The end

    def refuse(self, error: ModelhallError, *, linger: bool = True) -> None:
        """Answers, if nothing of another answer is on its way, and closes; the call under way is told."""
        log.debug("request refused: %s", error.message, extra={"status": error.status})
        clean = self._running is None or self._running.response_complete or not self._running.response_started
        self._closing_since = self.loop.time()
        self._part()
        if not clean:
            self.transport.abort()
            return
        self.transport.write(_answer(error))
        if linger and self.transport.can_write_eof():
            self.flow.resume_reading()
            self.transport.write_eof()
        else:
            self.transport.close()

    def _part(self) -> None:
        """Nobody is there any more for what has not been answered."""
        self._gone = True
        self.pipeline.clear()
        for cycle in (self._running, self.cycle):
            if cycle is not None and not cycle.response_complete:
                cycle.disconnected = True
                cycle.waiting_for_100_continue = False  # nothing may be written after the refusal
                cycle.message_event.set()
        self.flow.resume_writing()
        leave, self._leave = self._leave, None
        if leave is not None:
            leave()


def _answer(error: ModelhallError) -> bytes:
    """A whole answer as it goes over the wire, in the shape that most clients here read."""
    request_id = new_id()
    body = openai_chat.error_body(error, request_id)
    headers = [
        *(header for header in error_headers(error) if header[0] != b"connection"),
        (b"x-request-id", request_id.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    return STATUS_LINE[error.status] + b"".join(b"%b: %b\r\n" % header for header in headers) + b"\r\n" + body
