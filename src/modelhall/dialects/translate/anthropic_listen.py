"""Listens to streams of Anthropic's messages."""

import msgspec

from modelhall.dialects.bodies import NULL
from modelhall.dialects.translate.events import Events
from modelhall.dialects.translate.expects import Expects
from modelhall.dialects.translate.heard import Heard
from modelhall.dialects.translate.stops import ANTHROPIC, stop_of


class _Message(msgspec.Struct):
    id: str | None = None
    model: str | None = None


class _Block(msgspec.Struct):
    type: str = ""
    text: str | None = None
    thinking: str | None = None
    signature: str | None = None
    data: str | None = None
    id: str | None = None
    name: str | None = None
    input: msgspec.Raw = NULL


class _Details(msgspec.Struct):
    explanation: str | None = None


class _Delta(msgspec.Struct):
    type: str | None = None
    text: str | None = None
    thinking: str | None = None
    signature: str | None = None
    partial_json: str | None = None
    stop_reason: str | None = None
    stop_sequence: str | None = None
    stop_details: _Details | None = None


class _Event(msgspec.Struct):
    type: str = ""
    message: _Message | None = None
    content_block: _Block | None = None
    delta: _Delta | None = None


_READ = msgspec.json.Decoder(_Event).decode
_NOTHING = frozenset({b"{}", b"null"})


class AnthropicListener:
    """Tells what the events say. Tools that ran at the vendor were not asked for, and nothing is told of them."""

    __slots__ = ("_events", "_expects", "_heard", "_kind")

    def __init__(self, heard: Heard, expects: Expects) -> None:
        self._heard = heard
        self._events = Events(_READ)
        self._expects = expects
        self._kind = ""

    def listen(self, data: bytes) -> None:
        """One event; what is no JSON says nothing. Raises ProviderBroke for what cannot be told on."""
        event = self._events.read(data)
        if event is None:
            return
        if event.type == "content_block_delta":
            if event.delta is not None:
                self._delta(event.delta)
        elif event.type == "content_block_start":
            if event.content_block is not None:
                self._block(event.content_block)
        elif event.type == "message_start":
            message = event.message or _Message()
            self._heard.begin(message.id, message.model, None)
        elif event.type == "message_delta" and event.delta is not None and event.delta.stop_reason:
            self._stop(event.delta)

    def _block(self, block: _Block) -> None:
        heard = self._heard
        self._kind = block.type
        heard.part()
        if block.type == "text" and block.text:
            self._text(block.text)
        elif block.type == "thinking":
            if block.thinking:
                heard.reasoning(block.thinking)
            if block.signature:
                heard.signature(block.signature)
        elif block.type == "redacted_thinking" and block.data:
            heard.hidden(block.data)
        elif block.type == "tool_use":
            if self._expects.json_tool is None:
                heard.call(block.id or "call", block.name or "")
            if bytes(block.input) not in _NOTHING:
                self._arguments(bytes(block.input).decode())

    def _delta(self, delta: _Delta) -> None:
        if delta.text:
            self._text(delta.text)
        elif delta.partial_json:
            if self._kind == "tool_use":
                self._arguments(delta.partial_json)
        elif delta.thinking:
            self._heard.reasoning(delta.thinking)
        elif delta.signature:
            self._heard.signature(delta.signature)

    def _text(self, words: str) -> None:
        """Words; beside the JSON that was asked for they are none of the answer."""
        if self._expects.json_tool is None:
            self._heard.text(words)

    def _arguments(self, piece: str) -> None:
        if self._expects.json_tool is None:
            self._heard.arguments(piece)
        else:
            self._heard.text(piece)

    def _stop(self, delta: _Delta) -> None:
        stop = stop_of(delta.stop_reason, ANTHROPIC)
        if stop == "tool" and self._expects.json_tool is not None:
            stop = "end"
        refused = delta.stop_details if stop == "refused" else None
        self._heard.stop(stop, delta.stop_sequence, None if refused is None else refused.explanation)
