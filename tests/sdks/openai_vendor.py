"""The vendor's words in OpenAI's shape, and what it reads from a request in that shape."""

import base64
import json
import struct
from collections.abc import Iterator, Mapping
from typing import Any

from tests.sdks.said import CACHED, FRESH, WRITTEN, Said, pieces

Body = Mapping[str, Any]
VECTOR = (0.25, -0.5, 1.0)
USAGE = {
    "prompt_tokens": FRESH + CACHED,
    "completion_tokens": WRITTEN,
    "total_tokens": FRESH + CACHED + WRITTEN,
    "prompt_tokens_details": {"cached_tokens": CACHED},
}


def schema(body: Body) -> Any:
    return body.get("response_format", {}).get("json_schema", {}).get("schema")


def tools(body: Body) -> list[str]:
    return [tool["function"]["name"] for tool in body.get("tools", [])]


def forced(body: Body) -> tuple[str, Any] | None:
    """Name and parameters of the tool that must be called."""
    choice = body.get("tool_choice")
    if not isinstance(choice, dict):
        return None
    name = choice["function"]["name"]
    return name, next(tool["function"]["parameters"] for tool in body["tools"] if tool["function"]["name"] == name)


def results(body: Body) -> list[str]:
    """The results of tools, in order."""
    return [_text(message["content"]) for message in body["messages"] if message["role"] == "tool"]


def _text(content: Any) -> str:
    return content if isinstance(content, str) else "".join(part["text"] for part in content)


def picture(body: Body) -> tuple[str, str]:
    """Kind and base64 of the one picture that was sent."""
    (address,) = (part["image_url"]["url"] for part in body["messages"][-1]["content"] if part["type"] == "image_url")
    kind, _, data = address.removeprefix("data:").partition(";base64,")
    return kind, data


def error(status: int) -> Any:
    return {"error": {"message": f"the vendor says {status}", "type": "x", "param": None, "code": None}}


def vector(encoding: str | None) -> Any:
    return base64.b64encode(struct.pack("<3f", *VECTOR)).decode() if encoding == "base64" else list(VECTOR)


def whole(said: Said, body: Body) -> Any:
    message: dict[str, Any] = {"role": "assistant", "content": said.text or None}
    if said.calls:
        message["tool_calls"] = [
            {"id": call, "type": "function", "function": {"name": name, "arguments": arguments}}
            for call, name, arguments in said.calls
        ]
    choice = {"index": 0, "message": message, "finish_reason": _finish(said)}
    head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": body["model"]}
    return head | {"choices": [choice], "usage": USAGE}


def streamed(said: Said, body: Body) -> Iterator[bytes]:
    yield _event(body, {"role": "assistant", "content": ""})
    for piece in pieces(said.text):
        yield _event(body, {"content": piece})
    for at, (call, name, arguments) in enumerate(said.calls):
        head = {"index": at, "id": call, "type": "function", "function": {"name": name, "arguments": ""}}
        yield _event(body, {"tool_calls": [head]})
        for piece in pieces(arguments):
            yield _event(body, {"tool_calls": [{"index": at, "function": {"arguments": piece}}]})
    if said.whole:
        yield _event(body, {}, _finish(said))
        if body.get("stream_options", {}).get("include_usage"):
            yield _data({**_chunk(body), "choices": [], "usage": USAGE})
        yield b"data: [DONE]\n\n"


def _finish(said: Said) -> str:
    return "tool_calls" if said.calls else "stop"


def _event(body: Body, delta: Body, finish: str | None = None) -> bytes:
    return _data({**_chunk(body), "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def _chunk(body: Body) -> Body:
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": body["model"]}


def _data(chunk: Body) -> bytes:
    return f"data: {json.dumps(chunk)}\n\n".encode()
