"""The way of a call, in five steps: identify, route, hold, send, settle. It reads from top to bottom."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from modelhall.dialects.dialect import Reader
from modelhall.domain.errors import JournalUnavailable, ProviderBroke, ProviderCut, ProviderHungUp
from modelhall.domain.money import usd
from modelhall.gateway.call import Call, Reply, Route, Target
from modelhall.gateway.desk import Desk
from modelhall.gateway.hold import Hold, hold
from modelhall.gateway.metering import Meter
from modelhall.gateway.prepare import Prepared, prepare
from modelhall.gateway.routing import find_route
from modelhall.gateway.upstream import Answer
from modelhall.gateway.verdicts import refusal_of, told

MOST_OPENING = 1024 * 1024
"""Bytes of a stream before its first content: comments, the role, a ping."""


@asynccontextmanager
async def relay(call: Call, desk: Desk) -> AsyncGenerator[Reply]:
    """Runs a call whose caller is known, and gives what goes back. Leaving the context early ends it everywhere.

    Raises what refuses the call or breaks it before the first content; after that a failure is an event in the stream.
    """
    route = find_route(call, desk.snapshot)
    target = route.targets[0]
    async with hold(call, target, desk.allowances) as held, send(call, route, held, desk) as reply:
        yield reply


@asynccontextmanager
async def send(call: Call, route: Route, held: Hold, desk: Desk) -> AsyncGenerator[Reply]:
    """Tries the target, once more where a kept connection turned out to be dead; each try is an attempt with a row."""
    async with AsyncExitStack() as line:
        first = attempt(call, route, route.targets[0], 1, held, desk)
        try:
            reply = await line.enter_async_context(first)
        except ProviderHungUp as error:
            if not error.details["kept"]:  # on a fresh connection the provider has had the request, and may bill it
                raise
            reply = await line.enter_async_context(attempt(call, route, route.targets[0], 2, held, desk))
        yield reply


@asynccontextmanager
async def attempt(
    call: Call, route: Route, target: Target, number: int, held: Hold, desk: Desk
) -> AsyncGenerator[Reply]:
    """One try at one target: its intent is written before it is sent, its end before the last byte goes out."""
    meter = Meter(call, route, target, number, held, desk)
    request = prepare(call, target, held, desk.lines, meter.id)
    meter.receipt.update(request.receipt)
    meter.reader = reader = request.reader
    meter.intend()
    try:
        bounds = desk.bounds
        async with desk.upstream.send(request.outgoing, bounds.deadlines) as answer:
            meter.answered(answer.status)
            if answer.status != 200:
                raise await refusal_of(answer, target)
            answer.refuse_coding()
            if call.ask.stream:
                opening = await _opening(answer, reader, meter)
                chunks = _rest(opening, answer, reader, call, meter)
            else:
                body = await _whole(answer, reader, meter, bounds.reply_bytes)
                await meter.settle_durably()
                chunks = _only(body)
            yield Reply(200, _headers(call, request, target, number, held, meter), chunks, call.ask.stream)
    except BaseException as error:
        meter.failed(error)
        raise
    finally:
        with suppress(JournalUnavailable):  # it is kept for folding, and what ended the call counts
            meter.settle()


async def _whole(answer: Answer, reader: Reader, meter: Meter, most: int) -> bytes:
    """A whole answer, read to its end. Raises ProviderBroke when it is not what its dialect promises."""
    body = reader.feed(await answer.whole(most))
    meter.began()
    body += reader.end()
    _believe(reader)
    if not reader.finished:
        raise ProviderBroke("the provider's answer is not what its dialect promises")
    return body


async def _opening(answer: Answer, reader: Reader, meter: Meter) -> bytes:
    """A stream up to its first content: until then nothing has gone out, and a failure is still a plain error."""
    opening = b""
    while data := await answer.read():
        meter.began()
        opening += reader.feed(data)
        _believe(reader)
        if reader.began or reader.finished:
            return opening
        if len(opening) > MOST_OPENING:
            raise ProviderBroke("the provider's stream does not begin")
    _at_end(reader, "before it began")
    return opening


async def _rest(opening: bytes, answer: Answer, reader: Reader, call: Call, meter: Meter) -> AsyncIterator[bytes]:
    """A stream from its first content on. Its end is settled before it goes out; a cut ends in an error event."""
    if opening:
        yield opening
    try:
        while not reader.finished and (data := await answer.read()):
            out = reader.feed(data)
            _believe(reader)
            if out:
                yield out
        last = _at_end(reader, "in the middle")
        await meter.settle_durably()
        if last:
            yield last
        await answer.drain()
    except Exception as error:  # noqa: BLE001 - a stream under way can only end in an event, whatever happened
        meter.failed(error)
        with suppress(JournalUnavailable):
            await meter.settle_durably()
        yield call.dialect.error_event(told(error, call.id), call.id)


def _believe(reader: Reader) -> None:
    """Raises ProviderBroke when the provider said in the stream that it failed."""
    if reader.failed is not None:
        raise ProviderBroke(f"the provider failed: {reader.failed[:300].decode('utf-8', 'replace')}")


def _at_end(reader: Reader, where: str) -> bytes:
    """What is left to go out when the provider has closed.

    Raises ProviderCut when the dialect's own end was not seen.
    """
    last = reader.end()
    _believe(reader)
    if not reader.finished:
        raise ProviderCut(f"the provider's answer stopped {where}")
    return last


async def _only(body: bytes) -> AsyncIterator[bytes]:
    yield body


def _headers(
    call: Call, request: Prepared, target: Target, number: int, held: Hold, meter: Meter
) -> list[tuple[bytes, bytes]]:
    """The head of the reply: what the caller's library needs, and what the house says of the call."""
    streamed = call.ask.stream
    headers = [
        (b"content-type", b"text/event-stream; charset=utf-8" if streamed else b"application/json"),
        (b"x-modelhall-model", target.model.public_name.encode("utf-8")),
    ]
    if streamed:
        headers.append((b"cache-control", b"no-cache"))
    else:
        headers.append((b"x-modelhall-attempts", str(number).encode()))
        if meter.cost is not None:
            headers.append((b"x-modelhall-cost", usd(meter.cost).encode()))
    if request.dropped:
        headers.append((b"x-modelhall-dropped", ", ".join(request.dropped).encode("ascii", "replace")))
    if held.output_limit is not None:
        headers.append((b"x-modelhall-limit", f"max_output_tokens={held.output_limit}".encode()))
    return headers
