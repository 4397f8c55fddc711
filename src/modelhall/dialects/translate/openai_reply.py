"""Whole answers of OpenAI's chat completions, read and written."""

from collections.abc import Iterator
from typing import Any, cast

import msgspec

from modelhall.dialects.translate.expects import Envelope
from modelhall.dialects.translate.fields import Fields
from modelhall.dialects.translate.openai_messages import call_of, details_of
from modelhall.dialects.translate.openai_parts import arguments_of, reasoning_of
from modelhall.dialects.translate.stops import FAILURES, OPENAI, TO_OPENAI, stop_of, with_calls
from modelhall.dialects.translate.usage_out import openai_usage
from modelhall.domain.errors import BadRequest, ProviderBroke
from modelhall.domain.messages import Completion, HiddenReasoning, Part, Reasoning, Refusal, Text, ToolCall
from modelhall.domain.usage import Usage


def read_reply(body: bytes, usage: Usage | None) -> Completion:
    """The first answer of a body. Raises ProviderBroke when it is none."""
    try:
        return _read(Fields(body), usage)
    except BadRequest as exc:
        raise ProviderBroke(f"The provider's answer cannot be translated: {exc.message}") from exc
    except msgspec.ValidationError as exc:
        raise ProviderBroke(f"The provider's answer cannot be translated: {exc}") from exc


def write_reply(reply: Completion, envelope: Envelope) -> bytes:
    """The answer as OpenAI's clients expect it."""
    words = [part.text for part in reply.parts if isinstance(part, Text)]
    thoughts = [part for part in reply.parts if isinstance(part, Reasoning | HiddenReasoning)]
    calls = [call_of(part) for part in reply.parts if isinstance(part, ToolCall)]
    refusals = [part.text for part in reply.parts if isinstance(part, Refusal)]
    refusal = "".join(refusals) or reply.why_refused
    message: dict[str, Any] = {"role": "assistant", "content": "".join(words) if words else None, "refusal": refusal}
    if thoughts:
        if text := "\n".join(thought.text for thought in thoughts if isinstance(thought, Reasoning)):
            message["reasoning_content"] = text
        message["reasoning_details"] = details_of(thoughts)
    if calls:
        message["tool_calls"] = calls
    reason = None if reply.stop is None else TO_OPENAI[reply.stop]
    written: dict[str, Any] = {
        "id": reply.id or envelope.id,
        "object": "chat.completion",
        "created": reply.created or envelope.created,
        "model": envelope.model or reply.model or "",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": reason}],
    }
    if reply.usage is not None:
        written["usage"] = openai_usage(reply.usage)
    return msgspec.json.encode(written)


def _read(answer: Fields, usage: Usage | None) -> Completion:
    choices = answer.items("choices")
    if not choices:
        raise answer.fault("choices", "is empty")
    choice = choices[0]
    message = choice.inner("message")
    if message is None:
        raise choice.fault("message", "is missing")
    reason = choice.text("finish_reason")
    if reason in FAILURES:
        raise ProviderBroke(f"The provider broke the answer off: {reason}.")
    stop = stop_of(reason, OPENAI)
    parts = reasoning_of(message, [])
    parts += _words(message)
    refusal = message.text("refusal")
    if refusal:
        parts.append(Refusal(refusal))
    calls = _calls(message, cut=stop in ("length", "context"))
    stop = with_calls("refused" if refusal else stop, calls=bool(calls))
    # vLLM and others tell which of the caller's words ended the answer.
    found = choice.peek("stop_reason")
    sequence = choice.text("stop_reason") if found is not None and bytes(found)[:1] == b'"' else None
    return Completion(
        id=answer.text("id"),
        model=answer.text("model"),
        parts=(*parts, *calls),
        stop="sequence" if sequence and stop == "end" else stop,
        stop_sequence=sequence,
        usage=usage,
        created=_created(answer),
    )


def _words(message: Fields) -> list[Part]:
    """The text; some vendors send a list in which their thoughts stand too (Mistral, reasoning, read 2026-11)."""
    raw = message.raw("content")
    if raw is None:
        return []
    content = msgspec.json.decode(raw, type=str | list[Any])
    pieces = [("text", content)] if isinstance(content, str) else list(pieces_of(content))
    return [Text(words) if kind == "text" else Reasoning(words) for kind, words in pieces if words]


def pieces_of(content: list[Any]) -> Iterator[tuple[str, str]]:
    """Text and thinking out of a list of parts."""
    for part in content:
        if not isinstance(part, dict):
            continue
        found = cast("dict[str, Any]", part)
        if found.get("type") == "text" and isinstance(found.get("text"), str):
            yield "text", found["text"]
        thoughts = found.get("thinking")
        if isinstance(thoughts, list):
            for _, words in pieces_of(cast("list[Any]", thoughts)):
                yield "thinking", words


def _calls(message: Fields, *, cut: bool) -> list[Part]:
    """The calls; where the answer was cut at its limit, without a last one that is not whole."""
    calls: list[Part] = []
    for at, call in enumerate(message.items("tool_calls")):
        function = call.inner("function")
        if function is None:
            raise call.fault("function", "is missing")
        arguments = arguments_of(function.text("arguments") or "")
        if arguments is None:
            if cut:
                break
            raise function.fault("arguments", "is not a JSON object")
        calls.append(ToolCall(call.text("id") or f"call_{at}", function.needed("name"), arguments))
    return calls


def _created(answer: Fields) -> int | None:
    found = answer.number("created")
    return None if found is None else int(found)
