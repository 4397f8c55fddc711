"""Listens to streams of OpenAI's chat completions."""

from typing import Any

import msgspec

from modelhall.dialects.translate.events import Events
from modelhall.dialects.translate.heard import Heard
from modelhall.dialects.translate.openai_reply import pieces_of
from modelhall.dialects.translate.stops import FAILURES, OPENAI, stop_of, with_calls
from modelhall.domain.errors import ProviderBroke


class _Function(msgspec.Struct):
    name: str | None = None
    arguments: str | None = None


class _Call(msgspec.Struct):
    index: int | None = None
    id: str | None = None
    function: _Function | None = None


class _Detail(msgspec.Struct):
    type: str | None = None
    text: str | None = None
    summary: str | None = None
    signature: str | None = None
    data: str | None = None
    index: int | None = None


class _Delta(msgspec.Struct):
    content: str | list[Any] | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    reasoning_details: list[_Detail] | None = None
    tool_calls: list[_Call] | None = None


class _Choice(msgspec.Struct):
    delta: _Delta | None = None
    finish_reason: str | None = None
    stop_reason: Any = None


class _Chunk(msgspec.Struct):
    id: str | None = None
    model: str | None = None
    created: int | float | None = None
    choices: list[_Choice] | None = None


class _Seen:
    """A call as far as it has come: its name may come after its id."""

    __slots__ = ("id", "named")

    def __init__(self, id: str) -> None:
        self.id = id
        self.named = False


_READ = msgspec.json.Decoder(_Chunk).decode


class OpenAIListener:
    """Tells what the chunks say."""

    __slots__ = ("_calls", "_current", "_events", "_heard", "_refused", "_thought")

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self._events = Events(_READ)
        self._calls: dict[int, _Seen] = {}
        self._current = -1
        self._refused = False
        self._thought = 0

    def listen(self, data: bytes) -> None:
        """One chunk; what is no JSON says nothing. Raises ProviderBroke for what cannot be told on."""
        chunk = self._events.read(data)
        if chunk is None:
            return
        self._heard.begin(chunk.id, chunk.model, None if chunk.created is None else int(chunk.created))
        if not chunk.choices:
            return
        choice = chunk.choices[0]
        if choice.delta is not None:
            self._take(choice.delta)
        if choice.finish_reason:
            self._stop(choice.finish_reason, choice.stop_reason)

    def _take(self, delta: _Delta) -> None:
        heard = self._heard
        thought = delta.reasoning_content or delta.reasoning
        details = delta.reasoning_details or ()
        if details and details[0].index not in (None, self._thought):
            self._next(details[0].index)
        if thought:
            heard.reasoning(thought)
        for detail in details:
            self._detail(detail, told=bool(thought))
        if isinstance(delta.content, list):
            for kind, words in pieces_of(delta.content):
                (heard.text if kind == "text" else heard.reasoning)(words)
        elif delta.content:
            heard.text(delta.content)
        if delta.refusal:
            self._refused = True
            heard.refusal(delta.refusal)
        for call in delta.tool_calls or ():
            self._call(call)

    def _detail(self, detail: _Detail, *, told: bool) -> None:
        """A thought with its proof; `told`: its words stood beside it already."""
        if detail.index not in (None, self._thought):
            self._next(detail.index)
        words = detail.text or detail.summary
        if words and not told:
            self._heard.reasoning(words)
        if detail.signature:
            self._heard.signature(detail.signature)
        if detail.type == "reasoning.encrypted" and detail.data:
            self._heard.hidden(detail.data)

    def _next(self, index: int | None) -> None:
        """Another thought begins, with a proof of its own."""
        self._thought = index or 0
        self._heard.part()

    def _call(self, call: _Call) -> None:
        """A piece of a call. Some vendors leave the index out, or give every call the same one."""
        function = call.function or _Function()
        index = call.index if call.index is not None else max(self._current, 0)
        seen = self._calls.get(index)
        if seen is None or (call.id and function.name and seen.id and call.id != seen.id):
            if seen is not None:
                index = max(self._calls) + 1
            seen = self._calls[index] = _Seen(call.id or f"call_{len(self._calls)}")
            self._current = index
        elif index != self._current:
            raise ProviderBroke("The provider mixed the arguments of several tool calls; this cannot be translated.")
        if function.name and not seen.named:
            seen.named = True
            self._heard.call(seen.id, function.name)
        if function.arguments:
            if not seen.named:
                raise ProviderBroke("The provider sent arguments of a tool call before the tool's name.")
            self._heard.arguments(function.arguments)

    def _stop(self, reason: str, sequence: object) -> None:
        if reason in FAILURES:
            raise ProviderBroke(f"The provider broke the answer off: {reason}.")
        stop = with_calls("refused" if self._refused else stop_of(reason, OPENAI), calls=bool(self._calls))
        found = sequence if isinstance(sequence, str) and sequence else None
        self._heard.stop("sequence" if found and stop == "end" else stop, found, None)
