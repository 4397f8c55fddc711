"""The vendor's words in Anthropic's shape, and what it reads from a request in that shape."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tests.sdks.said import CACHED, FRESH, WRITTEN, Said, pieces

Body = Mapping[str, Any]
USAGE = {
    "input_tokens": FRESH,
    "cache_read_input_tokens": CACHED,
    "cache_creation_input_tokens": 0,
    "output_tokens": WRITTEN,
}
KINDS = {400: "invalid_request_error", 429: "rate_limit_error", 504: "timeout_error"}


def schema(body: Body) -> Any:
    return body.get("output_config", {}).get("format", {}).get("schema")


def tools(body: Body) -> list[str]:
    return [tool["name"] for tool in body.get("tools", [])]


def forced(body: Body) -> tuple[str, Any] | None:
    """Name and parameters of the tool that must be called."""
    name = body.get("tool_choice", {}).get("name")
    return None if name is None else (name, next(t["input_schema"] for t in body["tools"] if t["name"] == name))


def results(body: Body) -> list[str]:
    """The results of tools, in order."""
    blocks = [
        block for message in body["messages"] if isinstance(message["content"], list) for block in message["content"]
    ]
    return [_text(block["content"]) for block in blocks if block["type"] == "tool_result"]


def _text(content: Any) -> str:
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


def picture(body: Body) -> tuple[str, str]:
    """Kind and base64 of the one picture that was sent."""
    (source,) = (block["source"] for block in body["messages"][-1]["content"] if block["type"] == "image")
    return source["media_type"], source["data"]


def error(status: int) -> Any:
    kind = KINDS.get(status, "api_error")
    return {"type": "error", "error": {"type": kind, "message": f"the vendor says {status}"}, "request_id": "req_1"}


def whole(said: Said, body: Body) -> Any:
    content = [{"type": "text", "text": said.text}] if said.text else []
    content += [
        {"type": "tool_use", "id": call, "name": name, "input": json.loads(arguments)}
        for call, name, arguments in said.calls
    ]
    return _message(body) | {"content": content, "stop_reason": _stop(said), "usage": USAGE}


def streamed(said: Said, body: Body) -> Iterator[bytes]:
    yield _event("message_start", message={**_message(body), "usage": {**USAGE, "output_tokens": 1}})
    if said.text:
        yield _event("content_block_start", index=0, content_block={"type": "text", "text": ""})
        for piece in pieces(said.text):
            yield _event("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
        if said.whole:
            yield _event("content_block_stop", index=0)
    for at, (call, name, arguments) in enumerate(said.calls):
        head = {"type": "tool_use", "id": call, "name": name, "input": {}}
        yield _event("content_block_start", index=at, content_block=head)
        for piece in pieces(arguments):
            yield _event("content_block_delta", index=at, delta={"type": "input_json_delta", "partial_json": piece})
        yield _event("content_block_stop", index=at)
    if said.whole:
        delta = {"stop_reason": _stop(said), "stop_sequence": None}
        yield _event("message_delta", delta=delta, usage=USAGE)
        yield _event("message_stop")


def _message(body: Body) -> dict[str, Any]:
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": body["model"]}
    return head | {"content": [], "stop_reason": None, "stop_sequence": None}


def _stop(said: Said) -> str:
    return "tool_use" if said.calls else "end_turn"


def _event(kind: str, **data: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n".encode()
