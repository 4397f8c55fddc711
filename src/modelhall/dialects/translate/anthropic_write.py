"""Writes streams of Anthropic's messages."""

from typing import Any

import msgspec

from modelhall.dialects.translate.expects import Envelope, Expects
from modelhall.dialects.translate.stops import TO_ANTHROPIC
from modelhall.dialects.translate.usage_out import anthropic_usage
from modelhall.domain.errors import ProviderBroke
from modelhall.domain.messages import Stop
from modelhall.domain.usage import Usage

_encode = msgspec.json.encode


class AnthropicWriter:
    """Heard (see `heard.Heard`), as events: one block after another, each begun and ended, the end kept for `end`.

    What went in is not known before the provider's end: `message_start` says 0 as its fields must be there, and
    `message_delta` tells all of it.
    """

    __slots__ = ("_begun", "_envelope", "_expects", "_index", "_kind", "_out", "_stop")

    def __init__(self, envelope: Envelope, expects: Expects) -> None:
        self._envelope = envelope
        self._expects = expects
        self._out: list[bytes] = []
        self._begun = False
        self._kind = ""
        self._index = -1
        self._stop: dict[str, Any] = {"stop_reason": None, "stop_sequence": None}

    def begin(self, id: str | None, model: str | None, created: int | None) -> None:
        del created
        if self._begun:
            return
        self._begun = True
        message: dict[str, Any] = {
            "id": id or self._envelope.id,
            "type": "message",
            "role": "assistant",
            "model": self._envelope.model or model or "",
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": anthropic_usage(None),
        }
        self._event(b"message_start", {"message": message})

    def part(self) -> None:
        self._close()

    def text(self, words: str) -> None:
        self._open("text", {"type": "text", "text": ""})
        self._delta(b'"text_delta","text":', words)

    def reasoning(self, words: str) -> None:
        if self._expects.shows_reasoning:
            self._open("thinking", {"type": "thinking", "thinking": "", "signature": ""})
            self._delta(b'"thinking_delta","thinking":', words)

    def signature(self, proof: str) -> None:
        if self._expects.shows_reasoning:
            self._open("thinking", {"type": "thinking", "thinking": "", "signature": ""})
            self._delta(b'"signature_delta","signature":', proof)

    def hidden(self, data: str) -> None:
        if self._expects.shows_reasoning:
            self._close()
            self._open("redacted_thinking", {"type": "redacted_thinking", "data": data})

    def refusal(self, words: str) -> None:
        self.text(words)

    def call(self, id: str, name: str) -> None:
        self._close()
        self._open("tool_use", {"type": "tool_use", "id": id, "name": name, "input": {}})

    def arguments(self, piece: str) -> None:
        if self._kind != "tool_use":
            raise ProviderBroke("The provider sent arguments of a tool call after something else had begun.")
        self._delta(b'"input_json_delta","partial_json":', piece)

    def stop(self, stop: Stop | None, sequence: str | None, why_refused: str | None) -> None:
        del why_refused
        self._stop = {"stop_reason": None if stop is None else TO_ANTHROPIC[stop], "stop_sequence": sequence}

    def take(self) -> bytes:
        if not self._out:
            return b""
        written = b"".join(self._out)
        self._out.clear()
        return written

    def end(self, usage: Usage | None) -> bytes:
        self.begin(None, None, None)
        self._close()
        self._event(b"message_delta", {"delta": self._stop, "usage": anthropic_usage(usage)})
        self._event(b"message_stop", {})
        return self.take()

    def _open(self, kind: str, block: dict[str, str | dict[str, str]]) -> None:
        if self._kind == kind:
            return
        self._close()
        self._kind = kind
        self._index += 1
        self._event(b"content_block_start", {"index": self._index, "content_block": block})

    def _close(self) -> None:
        if self._kind:
            self._kind = ""
            self._event(b"content_block_stop", {"index": self._index})

    def _delta(self, head: bytes, words: str) -> None:
        self._out.append(
            b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d,"delta":{"type":%b%b}}\n\n'
            % (self._index, head, _encode(words))
        )

    def _event(self, name: bytes, fields: dict[str, Any]) -> None:
        self._out.append(b"event: %b\ndata: %b\n\n" % (name, _encode({"type": name.decode(), **fields})))
