"""Whole answers of Anthropic's messages, read and written."""

from typing import Any

import msgspec

from modelhall.dialects.translate.anthropic_parts import call_of
from modelhall.dialects.translate.expects import Envelope, Expects
from modelhall.dialects.translate.fields import Fields
from modelhall.dialects.translate.stops import ANTHROPIC, TO_ANTHROPIC, stop_of
from modelhall.dialects.translate.usage_out import anthropic_usage
from modelhall.domain.errors import BadRequest, ProviderBroke
from modelhall.domain.messages import Completion, HiddenReasoning, Part, Reasoning, Refusal, Text, ToolCall
from modelhall.domain.usage import Usage


def read_reply(body: bytes, usage: Usage | None, expects: Expects) -> Completion:
    """The answer of a body. Raises ProviderBroke when it is none."""
    try:
        return _read(Fields(body), usage, expects)
    except BadRequest as exc:
        raise ProviderBroke(f"The provider's answer cannot be translated: {exc.message}") from exc


def write_reply(reply: Completion, envelope: Envelope, expects: Expects) -> bytes:
    """The answer as Anthropic's clients expect it."""
    blocks = [block for part in reply.parts if (block := _block(part, expects)) is not None]
    return msgspec.json.encode(
        {
            "id": reply.id or envelope.id,
            "type": "message",
            "role": "assistant",
            "model": envelope.model or reply.model or "",
            "content": blocks,
            "stop_reason": None if reply.stop is None else TO_ANTHROPIC[reply.stop],
            "stop_sequence": reply.stop_sequence,
            "usage": anthropic_usage(reply.usage),
        }
    )


def _read(answer: Fields, usage: Usage | None, expects: Expects) -> Completion:
    parts = [part for block in answer.items("content") for part in _parts(block)]
    if expects.json_tool is not None:
        parts = [_as_text(part) for part in parts if not isinstance(part, Text)]
    stop = stop_of(answer.text("stop_reason"), ANTHROPIC)
    details = answer.inner("stop_details")
    return Completion(
        id=answer.text("id"),
        model=answer.text("model"),
        parts=tuple(parts),
        stop="end" if expects.json_tool is not None and stop == "tool" else stop,
        stop_sequence=answer.text("stop_sequence"),
        why_refused=None if details is None or stop != "refused" else details.text("explanation"),
        usage=usage,
    )


def _as_text(part: Part) -> Part:
    """The input of the tool that stands for the answer; what else the model said is not the JSON that was asked for."""
    return Text(part.arguments.decode()) if isinstance(part, ToolCall) else part


def _parts(block: Fields) -> list[Part]:
    """What a block of an answer says; tools that ran at the vendor were not asked for and say nothing here."""
    kind = block.needed("type")
    if kind == "text":
        words = block.text("text")
        return [Text(words)] if words else []
    if kind == "thinking":
        return [Reasoning(block.text("thinking") or "", block.text("signature") or None)]
    if kind == "redacted_thinking":
        return [HiddenReasoning(block.needed("data"))]
    return [call_of(block)] if kind == "tool_use" else []


def _block(part: Part, expects: Expects) -> dict[str, Any] | None:
    if isinstance(part, Text | Refusal):
        return {"type": "text", "text": part.text}
    if isinstance(part, ToolCall):
        return {"type": "tool_use", "id": part.id, "name": part.name, "input": msgspec.Raw(part.arguments)}
    if not expects.shows_reasoning:
        return None
    if isinstance(part, Reasoning):
        return {"type": "thinking", "thinking": part.text, "signature": part.signature or ""}
    return {"type": "redacted_thinking", "data": part.data} if isinstance(part, HiddenReasoning) else None
