"""One try at one target: its intent is written before it is sent, its end before the last byte goes out."""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Self

from modelhall.dialects.dialect import Reader
from modelhall.domain.errors import JournalUnavailable, ModelhallError, ProviderBroke, ProviderCut
from modelhall.domain.money import usd
from modelhall.gateway.call import Call, Caller, Reply, Route
from modelhall.gateway.desk import Desk
from modelhall.gateway.hold import Hold
from modelhall.gateway.metering import Meter
from modelhall.gateway.prepare import Line, Prepared, prepare
from modelhall.gateway.revocation import refuse_revoked
from modelhall.gateway.stored_values import completed
from modelhall.gateway.tries import Candidate
from modelhall.gateway.upstream import Answer, Deadlines
from modelhall.gateway.verdicts import refusal_of, told

MOST_OPENING = 1024 * 1024
"""Bytes of a stream before its first content: comments, the role, a ping."""


class Attempt:
    """Begun by `begin`; once it has begun, `settle` must be called, however it ends."""

    __slots__ = (
        "_answer",
        "_call",
        "_candidate",
        "_desk",
        "_held",
        "_meter",
        "_number",
        "_reader",
        "_sending",
        "_verdict",
        "reply",
    )

    def __init__(self, call: Call, route: Route, candidate: Candidate, number: int, held: Hold, desk: Desk) -> None:
        self._call, self._candidate, self._number, self._held, self._desk = call, candidate, number, held, desk
        self._verdict = route.verdict_on(candidate.target)
        self._meter = Meter(call, route, candidate.target, number, held, desk)
        self.reply: Reply
        """What goes back; there once it has begun."""

    async def begin(self, deadlines: Deadlines) -> Self:
        """Sends the call; returns with a whole answer, or with a stream's first content.

        Raises what `Hold.cover`, `prepare` and `Upstream.send` raise, the provider's refusal, ProviderBroke,
        ProviderCut, DeadlineExceeded, JournalUnavailable: then nothing has gone out, and the attempt is settled.
        """
        candidate, meter = self._candidate, self._meter
        try:
            call = completed(self._call, candidate.target)
            await self._held.cover(call, candidate.target)
            refuse_revoked(call.caller, self._desk.look())
            request = prepare(call, candidate.target, candidate.line, self._held, meter.id)
            meter.intend(request)
        except BaseException as error:
            self._hear(error)
            raise
        self._reader = request.reader
        self._sending = self._desk.upstream.send(request.outgoing, deadlines)
        self._desk.under_way.add(self)
        try:
            self._answer = await self._sending.begin()
        except BaseException as error:
            if not self._sending.asked:
                meter.not_sent()
            self._end(error)
            raise
        try:
            self.reply = await self._reply(request)
        except BaseException as error:
            self._close(error)
            raise
        self._hear(None)
        return self

    def settle(self, error: BaseException | None) -> None:
        """Ends it: gives the connection back or hangs up, writes the row if that was not done, frees the hold."""
        self._close(error)
        self._held.release()

    @property
    def caller(self) -> Caller:
        """Who makes the call."""
        return self._call.caller

    def cut(self, error: ModelhallError) -> None:
        """Ends it with this error at once, whether it waits for its provider or is in the middle of the answer."""
        self._sending.cut(error)

    @property
    def is_billed_in_full(self) -> bool:
        """Whether its provider charges all of the stream, however much of it is taken, and is not done with it."""
        in_full = self._call.ask.stream and self._candidate.target.provider.on_disconnect == "drain"
        return in_full and self._answer.status == 200 and not self._reader.finished

    async def read_on(self) -> None:
        """Reads the stream within the call's own deadlines, then settles: by the usage told, else by an estimate."""
        answer, reader = self._answer, self._reader
        try:
            while not reader.finished and (data := await answer.read()):
                reader.feed(data)
            reader.end()
        except Exception as error:  # noqa: BLE001 - nobody is there to be told; the row says that the caller had left
            self._meter.failed(error)
        finally:
            self._sending.close()
            self._end(None)
            self._held.returned()

    def _close(self, error: BaseException | None) -> None:
        if error is not None:
            self._meter.failed(error)
            if self._desk.drains.take(self, error):
                self._held.lend()
                self._hear(error)
                return
        self._sending.close()
        self._end(error)

    async def _reply(self, request: Prepared) -> Reply:
        answer, meter, streamed = self._answer, self._meter, self._call.ask.stream
        meter.answered(answer.status)
        if answer.status != 200:
            raise await refusal_of(answer, self._candidate.target, self._candidate.line.guard())
        answer.refuse_coding()
        if streamed:
            opening = await self._opening(answer, request.reader)
            return Reply(200, self._headers(request), opening, self._rest(answer, request.reader))
        body = await self._whole(answer, request.reader)
        await meter.settle_durably()
        return Reply(200, self._headers(request), body, None)

    async def _whole(self, answer: Answer, reader: Reader) -> bytes:
        """A whole answer, read to its end. Raises ProviderBroke when it is not what its dialect promises."""
        body = reader.feed(await answer.whole(self._desk.bounds.reply_bytes))
        self._meter.began()
        body += reader.end()
        _believe(reader, self._candidate.line)
        if not reader.finished:
            raise ProviderBroke("the provider's answer is not what its dialect promises")
        return body

    async def _opening(self, answer: Answer, reader: Reader) -> bytes:
        """A stream up to its first content: until then nothing has gone out, and a failure is still a plain error."""
        opening, came = b"", 0
        while data := await answer.read():
            self._meter.began()
            opening += reader.feed(data)
            came += len(data)
            _believe(reader, self._candidate.line)
            if reader.began or reader.finished:
                return opening
            if came > MOST_OPENING:
                raise ProviderBroke("the provider's stream does not begin")
        _at_end(reader, self._candidate.line, "before it began")
        return opening

    async def _rest(self, answer: Answer, reader: Reader) -> AsyncIterator[bytes]:
        """A stream after its first content. Its end is settled before it goes out; a cut ends in an error event."""
        meter = self._meter
        try:
            while not reader.finished and (data := await answer.read()):
                out = reader.feed(data)
                _believe(reader, self._candidate.line)
                if out:
                    yield out
            last = _at_end(reader, self._candidate.line, "in the middle")
            await meter.settle_durably()
            self.reply.ended = True
            if last:
                yield last
            await answer.drain()
        except Exception as error:  # noqa: BLE001 - a stream under way can only end in an event, whatever happened
            self._hear(error)
            meter.failed(error)
            with suppress(JournalUnavailable):
                await meter.settle_durably()
            call, self.reply.ended = self._call, True
            yield call.dialect.error_event(told(error, call.id), call.id)

    def _end(self, error: BaseException | None) -> None:
        """However it ended: the row is written, once, and the target's health told."""
        self._desk.under_way.discard(self)
        if error is not None:
            self._meter.failed(error)
            self._hear(error)
        with suppress(JournalUnavailable):  # it is kept for folding, and what ended the call counts
            self._meter.settle()

    def _hear(self, error: BaseException | None) -> None:
        self._desk.health.heard(self._candidate.way, error)
        self._desk.key_marks.heard(self._candidate.target.profile, self._candidate.line.secret, error)

    def _headers(self, request: Prepared) -> list[tuple[bytes, bytes]]:
        """The head of the reply: what the caller's library needs, and what the house says of the call."""
        streamed, cost = self._call.ask.stream, self._meter.cost
        headers = [
            (b"content-type", b"text/event-stream; charset=utf-8" if streamed else b"application/json"),
            (b"x-modelhall-model", self._candidate.target.model.public_name.encode("utf-8")),
        ]
        if streamed:
            headers.append((b"cache-control", b"no-cache"))
        else:
            headers.append((b"x-modelhall-attempts", str(self._number).encode()))
            if cost is not None:
                headers.append((b"x-modelhall-cost", usd(cost).encode()))
        if self._verdict is not None:
            headers.append((b"x-modelhall-policy", self._verdict.header))
        if request.dropped:
            headers.append((b"x-modelhall-dropped", ", ".join(request.dropped).encode("ascii", "replace")))
        if self._held.output_limit is not None:
            headers.append((b"x-modelhall-limit", f"max_output_tokens={self._held.output_limit}".encode()))
        return headers


def _believe(reader: Reader, line: Line) -> None:
    """Raises ProviderBroke when the provider said in the stream that it failed."""
    if reader.failed is not None:
        said = reader.failed[:300].decode("utf-8", "replace")
        raise ProviderBroke("the provider failed" if line.guard().gives_away(said) else f"the provider failed: {said}")


def _at_end(reader: Reader, line: Line, where: str) -> bytes:
    """What is left to go out when the provider has closed.

    Raises ProviderCut when the dialect's own end was not seen.
    """
    last = reader.end()
    _believe(reader, line)
    if not reader.finished:
        raise ProviderCut(f"the provider's answer stopped {where}")
    return last
