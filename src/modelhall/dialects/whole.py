"""Reads an answer that comes in one piece: nothing goes out until all of it is there and makes sense."""

from typing import Any, cast

import msgspec

from modelhall.dialects.dialect import UsageReader
from modelhall.dialects.told import Told, failure, loosely
from modelhall.domain.errors import ProviderBroke
from modelhall.domain.usage import Usage

MOST_ANSWER = 64 * 1024 * 1024


class _Answer(msgspec.Struct):
    usage: Any = None
    error: Any = None


_READ = msgspec.json.Decoder(_Answer)


class WholeReader:
    """A Reader (see `dialect.Reader`) that gives the whole answer at `end()`, or raises ProviderBroke."""

    __slots__ = (
        "_needed",
        "_parts",
        "_reads_usage",
        "_size",
        "_whole_is_usage",
        "began",
        "failed",
        "finished",
        "flaw",
        "pieces",
        "usage",
        "vendor_usage",
    )

    def __init__(self, reads_usage: UsageReader, needed: str, *, whole_is_usage: bool = False) -> None:
        """`needed` is the member without which an answer is none; some answers are nothing but counts."""
        self.usage: Usage | None = None
        self.vendor_usage: bytes | None = None
        self.flaw: str | None = None
        self.began = False
        self.finished = False
        self.pieces = 0
        self.failed: bytes | None = None
        self._reads_usage = reads_usage
        self._needed = needed
        self._whole_is_usage = whole_is_usage
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> bytes:
        """Keeps what arrived. Raises ProviderBroke above 64 MB."""
        self._parts.append(data)
        self._size += len(data)
        if self._size > MOST_ANSWER:
            raise ProviderBroke(f"The provider sent an answer of more than {MOST_ANSWER} bytes.")
        return b""

    def end(self) -> bytes:
        """The answer. Empty, with `failed` set, when the provider sent an error as a success."""
        body = b"".join(self._parts)
        answer = _read(body)
        if b'"' + self._needed.encode() + b'"' not in body:
            if not answer.error:
                raise ProviderBroke(f"The provider answered without `{self._needed}`.")
            self.failed = failure(answer.error)
            return b""
        told = Told()
        told.take(loosely(body) if self._whole_is_usage else answer.usage)
        self.usage, self.vendor_usage, self.flaw = told.read(self._reads_usage)
        self.began = self.finished = True
        self.pieces = 1
        return body


def _read(body: bytes) -> _Answer:
    try:
        return _READ.decode(body)
    except (ValueError, RecursionError) as exc:
        # An answer with a NaN in its usage is still an answer; anything else that is not a JSON object is none.
        answer = loosely(body)
        if not isinstance(answer, dict):
            raise ProviderBroke("The provider answered with something that is not JSON.") from exc
        found = cast("dict[str, Any]", answer)
        return _Answer(usage=found.get("usage"), error=found.get("error"))
