"""What a client of each dialect sees in a stream, written for clearness, to hold what goes out against it."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass

from modelhall.dialects.dialect import Reader
from modelhall.dialects.told import loosely, utf8
from modelhall.domain.errors import ProviderBroke

ANTHROPIC_EVENTS = frozenset(
    {
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
        "ping",
    }
)


@dataclass(frozen=True, slots=True)
class Seen:
    """One event, as the standard reads it."""

    name: bytes
    data: bytes
    fields: frozenset[bytes]


def seen(stream: bytes) -> list[Seen]:
    """The events of a whole stream that have data."""
    text = stream.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    events: list[Seen] = []
    for event in text.split(b"\n\n")[:-1]:
        name, data, fields = b"", list[bytes](), set[bytes]()
        for line in event.split(b"\n"):
            field, _, value = line.partition(b":")
            if field:
                fields.add(field)
            value = value.removeprefix(b" ")
            name = value if field == b"event" else name
            data += [value] if field == b"data" else []
        if fields:
            events.append(Seen(name, b"\n".join(data), frozenset(fields)))
    return events


def in_pieces(data: bytes, pick: random.Random) -> Iterator[bytes]:
    """The same bytes in other reads: one at a time, or a few, or cut at their line ends."""
    if len(data) < 3000 and pick.random() < 0.3:
        yield from (data[at : at + 1] for at in range(len(data)))
        return
    cuts = sorted(pick.randrange(len(data) + 1) for _ in range(pick.choice((1, 3, 10, 40))))
    yield from (data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True))


@dataclass(frozen=True, slots=True)
class Told:
    """What a reader said of a stream."""

    out: bytes
    broke: bool
    finished: bool
    failed: bool
    usage: object
    pieces: int


def told(of: Reader, reads: Iterator[bytes]) -> Told:
    """Reads it all as the relay does: no further once it has finished or failed, and `end` only after that."""
    out, broke = b"", False
    try:
        for read in reads:
            if read and not of.finished and of.failed is None:
                out += of.feed(read)
        if of.failed is None:
            out += of.end()
    except ProviderBroke:
        broke = True
    return Told(out, broke, of.finished, of.failed is not None, of.usage, of.pieces)


def check_openai(out: Told) -> None:
    """What an OpenAI client may see: data alone, and the end only where it was meant."""
    for each in seen(out.out):
        assert each.fields <= {b"data", b""}, each
        assert each.data != b"[DONE]" or (out.finished and not out.broke), each
    assert not out.out or out.out.endswith(b"\n\n")


def check_without_usage(out: Told) -> None:
    """The same, for a client that did not ask for usage."""
    check_openai(out)
    for each in seen(out.out):
        said = loosely(each.data)
        assert not isinstance(said, dict) or not isinstance(said.get("usage"), dict) or not said["usage"], each


def check_translated_to_openai(out: Told) -> None:
    """The same, where the house wrote it: each event is a chunk."""
    check_openai(out)
    for each in seen(out.out):
        assert each.data == b"[DONE]" or json.loads(each.data)["object"] == "chat.completion.chunk", each


def check_anthropic(out: Told) -> None:
    """What an Anthropic client may see: events it knows, each named after its type, the end only where it was meant."""
    for each in seen(out.out):
        assert each.fields <= {b"data", b"event", b""}, each
        if b"data" in each.fields:
            kind = each.name.decode()
            assert kind in ANTHROPIC_EVENTS, each
            said = loosely(utf8(each.data))
            assert isinstance(said, dict), each
            assert said.get("type") == kind or not isinstance(said.get("type"), str) or not said["type"], each
            assert kind != "message_stop" or (out.finished and not out.broke), each
    assert not out.out or out.out.endswith(b"\n\n")


def check_translated_to_anthropic(out: Told) -> None:
    """The same, where the house wrote it: one message, its blocks one after another, each begun and ended."""
    check_anthropic(out)
    kinds = [each.name.decode() for each in seen(out.out)]
    assert kinds[:1] in ([], ["message_start"]), kinds
    assert kinds.count("message_start") <= 1
    is_open = False
    for kind in kinds:
        if kind in {"content_block_start", "content_block_delta", "content_block_stop"}:
            assert is_open == (kind != "content_block_start"), kinds
            is_open = kind != "content_block_stop"
    assert "message_stop" not in kinds or not is_open
