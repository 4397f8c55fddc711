"""Reads an answer in the target's dialect and gives it in the caller's."""

from typing import Protocol

from modelhall.dialects import sse
from modelhall.dialects.dialect import Reader
from modelhall.dialects.translate.heard import Heard
from modelhall.domain.usage import Usage


class Listener(Protocol):
    """Understands the data of one event after another."""

    def listen(self, data: bytes) -> None:
        """Tells what the event says. Raises ProviderBroke for what cannot be told on."""
        ...


class Rewriter(Protocol):
    """Gives a whole answer in other words."""

    def __call__(self, body: bytes, usage: Usage | None) -> bytes:
        """The answer. Raises ProviderBroke when it cannot be translated."""
        ...


class _Mirror:
    """What the target's own reader has seen; it alone knows its dialect's end, usage and failures."""

    __slots__ = ("_inner", "began", "failed", "finished", "flaw", "pieces", "usage", "vendor_usage")

    def __init__(self, inner: Reader) -> None:
        self._inner = inner
        self._look()

    def _look(self) -> None:
        inner = self._inner
        self.began = inner.began
        self.finished = inner.finished
        self.pieces = inner.pieces
        self.failed: bytes | None = inner.failed
        self.usage: Usage | None = inner.usage
        self.vendor_usage: bytes | None = inner.vendor_usage
        self.flaw: str | None = inner.flaw


class TranslatingReader(_Mirror):
    """A Reader (see `dialect.Reader`) of a stream. Nothing that ends the answer goes out before `end()`.

    So a stream that was cut has no reason of its end, no usage and no last event.
    """

    __slots__ = ("_heard", "_listener")

    def __init__(self, inner: Reader, listener: Listener, heard: Heard) -> None:
        super().__init__(inner)
        self._listener = listener
        self._heard = heard

    def feed(self, data: bytes) -> bytes:
        """Whole events in the caller's dialect. Raises ProviderBroke."""
        passed = self._inner.feed(data)
        self._look()
        if passed:
            for event in passed.split(b"\n\n"):
                if said := _data_of(event):
                    self._listener.listen(said)
        return self._heard.take()

    def end(self) -> bytes:
        """The end in the caller's dialect, where the target's own end was seen."""
        self._inner.end()
        self._look()
        return self._heard.end(self.usage) if self.finished and self.failed is None else b""


class TranslatingWholeReader(_Mirror):
    """A Reader (see `dialect.Reader`) of an answer in one piece."""

    __slots__ = ("_rewrite",)

    def __init__(self, inner: Reader, rewrite: Rewriter) -> None:
        super().__init__(inner)
        self._rewrite = rewrite

    def feed(self, data: bytes) -> bytes:
        """Keeps what arrived. Raises ProviderBroke above the most that is kept."""
        passed = self._inner.feed(data)
        self._look()
        return passed

    def end(self) -> bytes:
        """The answer in the caller's dialect. Raises ProviderBroke."""
        body = self._inner.end()
        self._look()
        return self._rewrite(body, self.usage) if body else b""


def _data_of(event: bytes) -> bytes | None:
    """The data of an event; nearly always one line, behind at most the event's name."""
    before, found, data = event.partition(b"data:")
    if found and b"\n" not in data and (not before or before.endswith(b"\n")):
        return data
    return sse.fields_of(event).data
