"""Reads streams of the OpenAI family: chat completions and completions."""

import re
from typing import Any, cast

import msgspec

from modelhall.dialects import sse
from modelhall.dialects.dialect import UsageReader
from modelhall.dialects.runs import Runs
from modelhall.dialects.splice import without_value
from modelhall.dialects.told import Told, failure, loosely
from modelhall.domain.errors import BadRequest
from modelhall.domain.usage import Usage

_DONE = b"[DONE]"
_BLANK = re.compile(rb"\n+")
"""Blank lines beyond the one behind each event."""
_TEXTS = tuple(
    b'"%b":%b"' % (name, blank)
    for name in (b"content", b"reasoning_content", b"reasoning", b"text")
    for blank in (b"", b" ")
)
"""What stands before the only thing in which most events of a stream differ."""


class _Choice(msgspec.Struct):
    index: int = 0
    finish_reason: str | None = None
    usage: Any = None


class _Groq(msgspec.Struct):
    usage: Any = None


class _Chunk(msgspec.Struct):
    choices: list[_Choice] | None = None
    usage: Any = None
    error: Any = None
    x_groq: _Groq | None = None


class _FirstChoice(msgspec.Struct):
    delta: dict[str, msgspec.Raw] | None = None
    text: str | None = None


class _FirstChunk(msgspec.Struct):
    choices: list[_FirstChoice] | None = None


_READ = msgspec.json.Decoder(_Chunk).decode
_READ_FIRST = msgspec.json.Decoder(_FirstChunk).decode
_EMPTY = frozenset({b"data:", b"data: "})
"""No client makes anything of these. They cost a sender nothing, so they must cost little here."""
_NOTHING = frozenset({b"null", b'""', b"[]", b"{}"})


class OpenAIStreamReader:
    """A Reader (see `dialect.Reader`).

    Keeps `[DONE]` back until `end()`, so that it never goes out before the account is settled.
    """

    __slots__ = (
        "_choices",
        "_done",
        "_ended",
        "_reads_usage",
        "_runs",
        "_shows_usage",
        "_splitter",
        "_started",
        "_told",
        "began",
        "failed",
        "finished",
        "flaw",
        "pieces",
        "usage",
        "vendor_usage",
    )

    def __init__(self, reads_usage: UsageReader, *, shows_usage: bool) -> None:
        self.began = False
        self.finished = False
        self.pieces = 0
        self.failed: bytes | None = None
        self.usage: Usage | None = None
        self.vendor_usage: bytes | None = None
        self.flaw: str | None = None
        self._reads_usage = reads_usage
        self._shows_usage = shows_usage
        self._runs = Runs(*_TEXTS)
        self._splitter = sse.EventSplitter()
        self._told = Told()
        self._choices: set[int] = set()
        self._ended: set[int] = set()
        self._started = False
        self._done = b""

    def feed(self, data: bytes) -> bytes:
        """Whole events only; the same object where nothing had to be taken out. Raises ProviderBroke."""
        if not self._started:
            self._started = sse.begins(data)
        whole = self._splitter.feed(data)
        if not whole or self.finished or self.failed is not None:
            return b""
        at, kept = 0, list[bytes]()
        changed = False
        while at < len(whole) and not self.finished and self.failed is None:
            end = self._runs.end(whole, at)
            if end > at:
                self.pieces += self._runs.events
                kept.append(whole[at:end])
            elif blank := _BLANK.match(whole, at):
                end = blank.end()
                kept.append(whole[at:end])
            else:
                end = whole.index(b"\n\n", at) + 2
                event = whole[at : end - 2]
                passed = self._pass(event)
                changed = changed or passed is not event
                if passed is not None:
                    kept.append(passed + b"\n\n")
            at = end
        return b"".join(kept) if changed or at < len(whole) else whole

    def end(self) -> bytes:
        """Gives `[DONE]` where it came. Without it, a stream has finished when each choice told why it ended."""
        if self.failed is None and not self.finished:
            self.finished = bool(self._choices) and self._ended >= self._choices
        return self._done if self.finished else b""

    def _pass(self, event: bytes) -> bytes | None:
        """The event as it may go out: the same object, changed, or `None` for not at all."""
        if event.startswith(b"data:") and b"\n" not in event:
            try:
                chunk = _READ(event[5:])
            except (ValueError, RecursionError):
                return self._pass_odd(event)
            choices = chunk.choices
            if chunk.usage or chunk.error or chunk.x_groq or not (self.began and choices and len(choices) == 1):
                return self._take(event, event[5:], chunk)
            choice = choices[0]
            if choice.finish_reason or choice.usage or choice.index:
                return self._take(event, event[5:], chunk)
            self.pieces += 1
            self._runs.learn(event)
            return event
        return self._pass_odd(event)

    def _pass_odd(self, event: bytes) -> bytes | None:
        """An event that is not simply one line of data with a chunk in it."""
        if not event.strip(b"\n") or (event.startswith(b":") and b"\n" not in event):
            return event
        if event in _EMPTY:
            return None
        fields = sse.fields_of(event)
        if fields.error is not None or fields.event == b"error":
            self.failed = fields.error or fields.data or b"null"
            return None
        if fields.data is None:
            return event if all(line.startswith(b":") for line in event.strip(b"\n").split(b"\n")) else None
        plain = event if event.startswith(b"data:") and b"\n" not in event else sse.event_of(b"", fields.data)
        if fields.data.strip() == _DONE:
            self.finished = True
            self._done = plain + b"\n\n"
            return None
        try:
            chunk = _READ(fields.data)
        except (ValueError, RecursionError):
            chunk = _loose_chunk(fields.data)
        return self._take(plain, fields.data, chunk)

    def _take(self, event: bytes, data: bytes, chunk: _Chunk) -> bytes | None:
        choices = chunk.choices
        if choices:
            ended = {choice.index for choice in choices if choice.finish_reason}
            self._choices.update(choice.index for choice in choices)
            self._ended |= ended
            if self.began or ended or _has_content(data):
                self.began = True
                self.pieces += not ended
        if chunk.error:
            self.failed = failure(chunk.error)
            return None
        if chunk.usage or chunk.x_groq or (choices and choices[0].usage):
            return self._account(event, data, chunk)
        return event

    def _account(self, event: bytes, data: bytes, chunk: _Chunk) -> bytes | None:
        """Takes the usage, wherever it stands, and takes it out again for a caller that did not ask for it."""
        where: list[tuple[str | int, ...]] = []
        if chunk.usage:
            self._told.take(chunk.usage)
            where.append(("usage",))
        if chunk.x_groq and chunk.x_groq.usage:
            self._told.take(chunk.x_groq.usage)
            where.append(("x_groq", "usage"))
        for position, choice in enumerate(chunk.choices or ()):
            if choice.usage:
                self._told.take(choice.usage)
                where.append(("choices", position, "usage"))
        if not where:
            return event
        self.usage, self.vendor_usage, self.flaw = self._told.read(self._reads_usage)
        if self._shows_usage:
            return event
        if not chunk.choices:
            return None
        for path in where:
            data = _without(data, *path)
        return sse.event_of(b"", data.removeprefix(b" "))


def _has_content(data: bytes) -> bool:
    """Whether a chunk says more than who is speaking."""
    try:
        chunk = _READ_FIRST(data)
    except (ValueError, RecursionError):
        return True
    for choice in chunk.choices or ():
        if choice.text:
            return True
        if any(name != "role" and bytes(value) not in _NOTHING for name, value in (choice.delta or {}).items()):
            return True
    return False


def _loose_chunk(data: bytes) -> _Chunk:
    """A chunk with types that nobody else sends, or with a NaN; what cannot be read at all passes as text would."""
    chunk = loosely(data) if data.lstrip().startswith(b"{") else None
    if not isinstance(chunk, dict):
        return _Chunk()
    found = cast("dict[str, Any]", chunk)
    choices, x_groq = found.get("choices"), found.get("x_groq")
    return _Chunk(
        choices=[_loose_choice(choice) for choice in cast("list[Any]", choices)] if isinstance(choices, list) else None,
        usage=found.get("usage"),
        error=found.get("error"),
        x_groq=_Groq(cast("dict[str, Any]", x_groq).get("usage")) if isinstance(x_groq, dict) else None,
    )


def _loose_choice(choice: object) -> _Choice:
    found = cast("dict[str, Any]", choice) if isinstance(choice, dict) else {}
    index, reason = found.get("index"), found.get("finish_reason")
    return _Choice(
        index=index if isinstance(index, int) else 0,
        finish_reason=str(reason) if reason else None,
        usage=found.get("usage"),
    )


def _without(data: bytes, *path: str | int) -> bytes:
    try:
        return without_value(data, *path)
    except BadRequest:
        return data
