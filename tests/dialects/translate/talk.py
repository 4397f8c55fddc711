"""Made-up conversations and answers, what they mean, and clients that put streams together."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from modelhall.dialects.parameters import ParameterFacts
from modelhall.domain.messages import (
    Conversation,
    Document,
    HiddenReasoning,
    Image,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
    Turn,
)

EFFORTS = ("none", "low", "medium", "high")
OPEN = ParameterFacts(
    efforts=EFFORTS,
    thinking="budget",
    tool_images=True,
    takes=frozenset({"reasoning_content", "reasoning_details", "cache_control", "top_k"}),
)
"""A model that takes all there is."""

WORDS = st.text(min_size=1, max_size=12).filter(str.strip)
BASE64 = st.sampled_from(["AAAA", "iVBORw0KGgo=", "JVBERi0xLjQK"])
NAMES = st.sampled_from(["search", "get_weather", "run-it", "a_b"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(-1e9, 1e9) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(WORDS, VALUES, max_size=4)
SCHEMAS = st.builds(
    lambda names: {
        "type": "object",
        "properties": {name: {"type": "string"} for name in names},
        "required": sorted(names),
        "additionalProperties": False,
    },
    st.sets(NAMES, max_size=3),
)
URLS = st.sampled_from(["https://example.com/a.png", "http://example.com/b?c=d&e=%20f"])


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object in which each field may be missing."""
    return st.fixed_dictionaries({}, optional=fields)


@st.composite
def talks(draw: st.DrawFn) -> list[tuple[str, Any]]:
    """The turns of a conversation in no dialect: what the user says, what the model says and calls, what tools give."""
    turns: list[tuple[str, Any]] = []
    for _ in range(draw(st.integers(0, 3))):
        turns.append(("user", draw(st.lists(user_parts, min_size=1, max_size=3))))
        calls = draw(st.lists(st.tuples(NAMES, OBJECTS), max_size=3))
        said = draw(st.lists(WORDS, min_size=0 if calls else 1, max_size=2))
        thoughts = draw(st.lists(thought_parts, max_size=2))
        named = [(f"call_{len(turns)}_{at}", name, given) for at, (name, given) in enumerate(calls)]
        turns.append(("assistant", (thoughts, said, named)))
        if named:
            results = [(id, draw(st.lists(WORDS, min_size=1, max_size=2)), draw(st.booleans())) for id, *_ in named]
            turns.append(("tools", results))
    turns.append(("user", draw(st.lists(user_parts, min_size=1, max_size=3))))
    return turns


user_parts = st.one_of(
    st.tuples(st.just("text"), WORDS),
    st.tuples(st.just("picture"), BASE64),
    st.tuples(st.just("picture at"), URLS),
    st.tuples(st.just("pdf"), BASE64),
)
thought_parts = st.one_of(
    st.tuples(st.just("thought"), WORDS, st.sampled_from(["c2lnbmVk", "cHJvb2Y="])),
    st.tuples(st.just("hidden"), BASE64),
)


def meaning(asked: Conversation) -> dict[str, Any]:
    """What a request means, whatever the dialect in which it was read."""
    later = [part for turn in asked.turns if turn.role == "system" for part in turn.parts]
    sampling = asked.sampling
    return {
        "system": "\n".join(part.text for part in (*asked.system, *later) if isinstance(part, Text) and part.text),
        "turns": _turns(asked.turns),
        "tools": [
            (
                tool.name,
                tool.description,
                json.loads(tool.parameters or b'{"type":"object","properties":{}}'),
                tool.strict,
            )
            for tool in asked.tools
        ],
        "choice": asked.tool_choice,
        "parallel": asked.parallel if asked.tools else None,
        "output": None if asked.output is None else json.loads(asked.output.schema or b"null"),
        "picks": (sampling.temperature, sampling.top_p, sampling.stop),
        "limit": asked.output_limit,
        "user": asked.user,
        "tier": asked.service_tier,
        "stream": bool(asked.stream),
    }


def _turns(turns: tuple[Turn, ...]) -> list[Any]:
    """Turns of one role together; the order within a turn where it means something."""
    together: list[tuple[str, list[Any]]] = []
    for turn in turns:
        if turn.role == "system":
            continue
        if not together or together[-1][0] != turn.role:
            together.append((turn.role, []))
        together[-1][1].extend(turn.parts)
    return [(role, _parts(role, parts)) for role, parts in together]


def _parts(role: str, parts: list[Any]) -> Any:
    if role == "assistant":
        return (
            [_plain(part) for part in parts if isinstance(part, Reasoning | HiddenReasoning)],
            "".join(part.text for part in parts if isinstance(part, Text | Refusal)),
            [_plain(part) for part in parts if isinstance(part, ToolCall)],
        )
    results = [_plain(part) for part in parts if isinstance(part, ToolResult)]
    return results, [_plain(part) for part in parts if not isinstance(part, ToolResult)]


def _plain(part: Any) -> Any:
    if isinstance(part, ToolCall):
        return part.id, part.name, json.loads(part.arguments)
    if isinstance(part, ToolResult):
        media = [_plain(each) for each in part.parts if not isinstance(each, Text)]
        words = "\n".join(each.text for each in part.parts if isinstance(each, Text))
        marked = part.error and not words.lower().startswith("error")
        return part.id, f"Error: {words}" if marked else words, media
    if isinstance(part, Image):
        return "picture", part.url, part.media_type, part.data
    if isinstance(part, Document) and part.text is not None:
        return "text", "\n\n".join(words for words in (part.title, part.context, part.text) if words)
    if isinstance(part, Document):
        return "document", part.media_type, part.data, part.title or "document.pdf"
    return ("text", part.text) if isinstance(part, Text) else part


def heard_by_openai(stream: bytes) -> dict[str, Any]:
    """What a client of OpenAI's makes of a stream: the message, the reason of its end, and the usage."""
    message: dict[str, Any] = {"content": "", "refusal": "", "calls": {}, "thoughts": {}}
    reason = usage = None
    events = [event[len("data: ") :] for event in stream.decode().split("\n\n") if event]
    for event in events:
        if event == "[DONE]":
            continue
        chunk = json.loads(event)
        usage = chunk.get("usage") or usage
        for choice in chunk["choices"]:
            reason = choice["finish_reason"] or reason
            delta = choice["delta"]
            message["content"] += delta.get("content") or ""
            message["refusal"] += delta.get("refusal") or ""
            for call in delta.get("tool_calls", ()):
                kept = message["calls"].setdefault(call["index"], {"id": call.get("id"), "name": "", "arguments": ""})
                kept["name"] += call["function"].get("name", "")
                kept["arguments"] += call["function"].get("arguments", "")
            for detail in delta.get("reasoning_details", ()):
                kept = message["thoughts"].setdefault(detail["index"], {})
                for name, value in detail.items():
                    kept[name] = kept.get(name, "") + value if name == "text" else value
    return {"message": message, "reason": reason, "usage": usage, "done": events[-1:] == ["[DONE]"]}


def told_by_openai(body: bytes) -> dict[str, Any]:
    """The same of a whole answer."""
    answer = json.loads(body)
    choice = answer["choices"][0]
    said = choice["message"]
    calls = {at: {"id": call["id"], **call["function"]} for at, call in enumerate(said.get("tool_calls", ()))}
    message = {
        "content": said["content"] or "",
        "refusal": said["refusal"] or "",
        "calls": calls,
        "thoughts": {detail["index"]: detail for detail in said.get("reasoning_details", ())},
    }
    return {"message": message, "reason": choice["finish_reason"], "usage": answer.get("usage"), "done": True}


def heard_by_anthropic(stream: bytes) -> dict[str, Any]:
    """What a client of Anthropic's makes of a stream; fails where the events come in a wrong order."""
    answer: dict[str, Any] = {}
    texts: dict[int, str] = {}
    open_block: int | None = None
    done = False
    for event in (each for each in stream.decode().split("\n\n") if each):
        name, _, data = event.partition("\ndata: ")
        said = json.loads(data)
        assert name == f"event: {said['type']}"
        assert not done
        if said["type"] == "message_start":
            assert not answer
            answer = said["message"]
        elif said["type"] == "content_block_start":
            assert open_block is None
            assert said["index"] == len(answer["content"])
            open_block = said["index"]
            answer["content"].append(said["content_block"])
        elif said["type"] == "content_block_delta":
            assert said["index"] == open_block
            assert open_block is not None
            _grow(answer["content"][open_block], said["delta"], texts, open_block)
        elif said["type"] == "content_block_stop":
            assert said["index"] == open_block
            open_block = None
        elif said["type"] == "message_delta":
            answer |= said["delta"]
            answer["usage"] |= said["usage"]
        else:
            done = said["type"] == "message_stop"
    for at, text in texts.items():
        answer["content"][at]["input"] = json.loads(text)
    return {"answer": answer, "done": done and open_block is None}


def _grow(block: dict[str, Any], delta: dict[str, Any], texts: dict[int, str], at: int) -> None:
    kind = delta["type"]
    if kind == "input_json_delta":
        texts[at] = texts.get(at, "") + delta["partial_json"]
    elif kind == "signature_delta":
        block["signature"] = delta["signature"]
    else:
        name = "text" if kind == "text_delta" else "thinking"
        block[name] += delta[name]
