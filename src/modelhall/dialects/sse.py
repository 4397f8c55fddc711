"""Server-sent events as bytes: whole events out of arbitrary reads, in linear time and bounded memory.

Line ends are CR, LF and CRLF only (WHATWG HTML, section 9.2.6, read 2026-11): U+2028, U+0085, VT and FF are text.
"""

from dataclasses import dataclass

from modelhall.domain.errors import ProviderBroke

MOST_EVENT = 4 * 1024 * 1024
"""Bytes of one event, and so of one line. Above it the sender is broken: images in a stream stay well below."""

_BOM = b"\xef\xbb\xbf"


class EventSplitter:
    """Takes reads as they come and gives back whole events with LF line ends; holds at most one unfinished event."""

    __slots__ = ("_after_cr", "_held", "_started", "most_event")

    def __init__(self, most_event: int = MOST_EVENT) -> None:
        self.most_event = most_event
        self._held = bytearray()
        self._after_cr = False
        self._started = False

    def feed(self, data: bytes) -> bytes:
        """Every event that is complete by now, each with its blank line; the very same object when `data` is just that.

        Raises ProviderBroke when an event grows above the bound.
        """
        if not self._started:
            data = self._without_bom(data)
        if self._after_cr or b"\r" in data:
            data = self._with_lf(data)
        if not data:
            return b""
        if len(data) > self.most_event:
            self._check(data)
        if not self._held:
            if data.endswith(b"\n\n"):
                return data
        elif data.startswith(b"\n") and self._held.endswith(b"\n"):
            return self._release(data, data.rfind(b"\n\n") + 2)
        # Only new bytes are searched, so that an event in many pieces costs no more than one in a single piece.
        cut = data.rfind(b"\n\n")
        if cut < 0:
            self._hold(data)
            return b""
        return self._release(data, cut + 2)

    def rest(self) -> bytes:
        """What is held of an event that never got its blank line."""
        return bytes(self._held)

    def _without_bom(self, data: bytes) -> bytes:
        """Takes a byte order mark off the very beginning, also when it comes in pieces."""
        data = bytes(self._held) + data
        self._held.clear()
        if len(data) < len(_BOM) and _BOM.startswith(data):
            self._hold(data)
            return b""
        self._started = True
        return data.removeprefix(_BOM)

    def _with_lf(self, data: bytes) -> bytes:
        """CR and CRLF as LF; a CR at the end of a read may be the first half of a CRLF."""
        if not data:
            return data
        if self._after_cr:
            data = data.removeprefix(b"\n")
        self._after_cr = data.endswith(b"\r")
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def _release(self, data: bytes, cut: int) -> bytes:
        """`cut` may be 1 where the blank line began in what is held: nothing found by `rfind` is -1."""
        whole = bytes(self._held) + data[:cut]
        self._held.clear()
        self._hold(data[cut:])
        return whole

    def _hold(self, data: bytes) -> None:
        self._held += data
        self._bound(len(self._held))

    def _check(self, data: bytes) -> None:
        self._bound(max(len(event) for event in data.split(b"\n\n")))

    def _bound(self, size: int) -> None:
        if size > self.most_event:
            raise ProviderBroke(f"The provider sent an event of more than {self.most_event} bytes.")


def begins(data: bytes) -> bool:
    """Whether an event stream has begun with this; blanks alone do not tell. Raises ProviderBroke for anything else.

    A JSON body or a web page where a stream was asked for is not an answer.
    """
    start = data.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] in (b"{", b"<"):
        raise ProviderBroke(
            "The provider answered a stream with something else.",
            details={"answer": start[:200].decode("utf-8", "replace")},
        )
    return bool(start)


@dataclass(frozen=True, slots=True)
class Fields:
    """What one event says, read as the standard says."""

    event: bytes
    data: bytes | None
    """The data lines joined by LF; `None` when there is none."""
    error: bytes | None = None
    """The value of a field `error`, which older llama.cpp servers send in place of an event."""


def fields_of(event: bytes) -> Fields:
    """The fields of one event with LF line ends; comments, `id`, `retry` and unknown fields are left out."""
    name, data, error = b"", list[bytes](), None
    for line in event.split(b"\n"):
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            data.append(value)
        elif field == b"event":
            name = value
        elif field == b"error":
            error = value
    return Fields(name, b"\n".join(data) if data else None, error)


def event_of(name: bytes, data: bytes) -> bytes:
    """One event without its blank line."""
    lines = b"\n".join(b"data: " + line for line in data.split(b"\n"))
    return b"event: " + name + b"\n" + lines if name else lines
