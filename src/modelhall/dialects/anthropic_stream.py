"""Reads streams of Anthropic's messages."""

import re
from typing import Any, cast

import msgspec

from modelhall.dialects import sse
from modelhall.dialects.dialect import UsageReader
from modelhall.dialects.told import Told, failure, loosely
from modelhall.domain.errors import ProviderBroke
from modelhall.domain.usage import Usage

_CONTENT = frozenset({"content_block_delta", "content_block_stop", "message_delta"})
_KNOWN = _CONTENT | {"message_start", "content_block_start", "message_stop", "ping", "error"}
_KIN = re.compile(r"(?:message|content_block)_[a-z0-9_]{1,40}")
"""What clients know, and what a later version of the dialect will likely call its own. Whatever else a stream names
goes no further than here: a page may have given it a meaning that no provider should have the use of."""


class _Message(msgspec.Struct):
    usage: Any = None


class _Event(msgspec.Struct):
    type: str
    message: _Message | None = None
    usage: Any = None
    error: Any = None


_READ = msgspec.json.Decoder(_Event).decode


class AnthropicStreamReader:
    """A Reader (see `dialect.Reader`).

    Keeps `message_stop` back until `end()`, so that it never goes out before the account is settled.
    """

    __slots__ = (
        "_reads_usage",
        "_splitter",
        "_started",
        "_stop",
        "_told",
        "began",
        "failed",
        "finished",
        "flaw",
        "pieces",
        "usage",
        "vendor_usage",
    )

    def __init__(self, reads_usage: UsageReader) -> None:
        self.began = False
        self.finished = False
        self.pieces = 0
        self.failed: bytes | None = None
        self.usage: Usage | None = None
        self.vendor_usage: bytes | None = None
        self.flaw: str | None = None
        self._reads_usage = reads_usage
        self._splitter = sse.EventSplitter()
        self._told = Told()
        self._started = False
        self._stop = b""

    def feed(self, data: bytes) -> bytes:
        """Whole events only; the same object where nothing had to be taken out. Raises ProviderBroke."""
        if not self._started:
            self._started = sse.begins(data)
        whole = self._splitter.feed(data)
        if not whole or self.finished or self.failed is not None:
            return b""
        events = whole.split(b"\n\n")
        events.pop()
        kept: list[bytes] | None = None
        for position, event in enumerate(events):
            passed = self._pass(event)
            if kept is None:
                if passed is event:
                    continue
                kept = events[:position]
            if passed is not None:
                kept.append(passed)
            if self.finished or self.failed is not None:
                break
        return whole if kept is None else b"".join([event + b"\n\n" for event in kept])

    def end(self) -> bytes:
        """Gives `message_stop` where it came; without it the stream has not finished."""
        return self._stop

    def _pass(self, event: bytes) -> bytes | None:
        """The event as it may go out: unchanged, put right, or not at all."""
        name, between, data = event.partition(b"\ndata:")
        if not between or b"\n" in data or not name.startswith(b"event: ") or b"\n" in name:
            if not event.strip(b"\n") or (event.startswith(b":") and b"\n" not in event):
                return event
            fields = sse.fields_of(event)
            if fields.data is None:
                return None
            name, data = b"event: " + fields.event, fields.data
            event = sse.event_of(fields.event, data)
        try:
            read = _READ(data)
        except (ValueError, RecursionError):
            read = _loose_event(name[7:], data)
        if read.type not in _KNOWN and not _KIN.fullmatch(read.type):
            return None
        kind = read.type.encode()
        if name[7:] != kind:
            # Clients go by the name; it must say what the data says, whatever else was sent.
            event = sse.event_of(kind, data.removeprefix(b" "))
        return self._read(event, read)

    def _read(self, event: bytes, read: _Event) -> bytes | None:
        kind = read.type
        if kind in _CONTENT:
            self.began = True
            if kind == "content_block_delta":
                self.pieces += 1
                return event
        if kind == "error":
            self.failed = failure(read.error)
            return None
        if kind == "message_start" and read.message is not None:
            self._account(read.message.usage)
        elif kind == "message_delta":
            self._account(read.usage)
        elif kind == "message_stop":
            self.finished = True
            self._stop = event + b"\n\n"
            return None
        return event

    def _account(self, told: object) -> None:
        if told:
            self._told.merge(told)
            self.usage, self.vendor_usage, self.flaw = self._told.read(self._reads_usage)


def _loose_event(name: bytes, data: bytes) -> _Event:
    """An event with types that nobody else sends, or with a NaN. Raises ProviderBroke when it cannot be read at all."""
    event = loosely(data)
    if not isinstance(event, dict):
        raise ProviderBroke(f"The provider sent an event {name.decode(errors='replace')[:40]!r} that makes no sense.")
    found = cast("dict[str, Any]", event)
    kind, message = found.get("type"), found.get("message")
    return _Event(
        type=kind if isinstance(kind, str) and kind else name.decode(errors="replace"),
        message=_Message(cast("dict[str, Any]", message).get("usage")) if isinstance(message, dict) else None,
        usage=found.get("usage"),
        error=found.get("error"),
    )
