"""Writes streams of OpenAI's chat completions."""

from typing import Any

import msgspec

from modelhall.dialects.translate.expects import Envelope
from modelhall.dialects.translate.openai_messages import FORMAT
from modelhall.dialects.translate.stops import TO_OPENAI
from modelhall.dialects.translate.usage_out import openai_usage
from modelhall.domain.messages import Stop
from modelhall.domain.usage import Usage

_encode = msgspec.json.encode


class OpenAIWriter:
    """Heard (see `heard.Heard`), as chunks; the reason of the end, usage and `[DONE]` are kept for `end`."""

    __slots__ = ("_calls", "_envelope", "_head", "_out", "_reason", "_thought", "_wants_usage", "_why_refused")

    def __init__(self, envelope: Envelope, *, wants_usage: bool) -> None:
        self._envelope = envelope
        self._wants_usage = wants_usage
        self._out: list[bytes] = []
        self._head = b""
        self._calls = -1
        self._thought = -1
        self._reason: str | None = None
        self._why_refused: str | None = None

    def begin(self, id: str | None, model: str | None, created: int | None) -> None:
        if self._head:
            return
        told = {
            "id": id or self._envelope.id,
            "object": "chat.completion.chunk",
            "created": created or self._envelope.created,
            "model": self._envelope.model or model or "",
        }
        self._head = b"data: " + _encode(told)[:-1] + b',"choices":['
        self._delta({"role": "assistant", "content": ""})

    def part(self) -> None:
        """Parts of one kind run together, but for thoughts: each has its own proof."""
        if self._thought >= 0:
            self._thought = -self._thought - 2

    def text(self, words: str) -> None:
        if not self._head:
            self.begin(None, None, None)
        self._out.append(
            b'%b{"index":0,"delta":{"content":%b},"logprobs":null,"finish_reason":null}]}\n\n'
            % (self._head, _encode(words))
        )

    def reasoning(self, words: str) -> None:
        detail = {"type": "reasoning.text", "text": words, "format": FORMAT, "index": self._thoughts()}
        self._delta({"reasoning_content": words, "reasoning_details": [detail]})

    def signature(self, proof: str) -> None:
        detail = {"type": "reasoning.text", "signature": proof, "format": FORMAT, "index": self._thoughts()}
        self._delta({"reasoning_details": [detail]})

    def hidden(self, data: str) -> None:
        detail = {"type": "reasoning.encrypted", "data": data, "format": FORMAT, "index": self._thoughts()}
        self._delta({"reasoning_details": [detail]})
        self.part()

    def refusal(self, words: str) -> None:
        self._delta({"refusal": words})

    def call(self, id: str, name: str) -> None:
        self._calls += 1
        function = {"name": name, "arguments": ""}
        self._delta({"tool_calls": [{"index": self._calls, "id": id, "type": "function", "function": function}]})

    def arguments(self, piece: str) -> None:
        self._delta({"tool_calls": [{"index": self._calls, "function": {"arguments": piece}}]})

    def stop(self, stop: Stop | None, sequence: str | None, why_refused: str | None) -> None:
        del sequence
        self._reason = None if stop is None else TO_OPENAI[stop]
        self._why_refused = why_refused

    def take(self) -> bytes:
        if not self._out:
            return b""
        written = b"".join(self._out)
        self._out.clear()
        return written

    def end(self, usage: Usage | None) -> bytes:
        self.begin(None, None, None)
        if self._why_refused:
            self._delta({"refusal": self._why_refused})
        if self._reason is not None:
            self._delta({}, self._reason)
        if self._wants_usage and usage is not None:
            self._out.append(b'%b],"usage":%b}\n\n' % (self._head, _encode(openai_usage(usage))))
        self._out.append(b"data: [DONE]\n\n")
        return self.take()

    def _thoughts(self) -> int:
        """The number of the thought that is being told; a part that ended makes the next one a new one."""
        if self._thought < 0:
            self._thought = -self._thought - 1
        return self._thought

    def _delta(self, delta: dict[str, Any], reason: str | None = None) -> None:
        if not self._head:
            self.begin(None, None, None)
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        self._out.append(b"%b%b]}\n\n" % (self._head, _encode(choice)))
