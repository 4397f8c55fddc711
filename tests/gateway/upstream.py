"""A provider that does as it is told: answers, breaks, cuts and stays silent, and keeps what was sent to it."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

Handler = Callable[["Sent", web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Sent:
    """One request as the provider got it."""

    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)


@dataclass(slots=True)
class ScriptedProvider:
    """Answers with `script`; by default a chat completion of 10 tokens in and 100 out."""

    address: str = ""
    sent: list[Sent] = field(default_factory=list[Sent])
    gone: int = 0
    """How many answers were left before their end."""
    script: Handler | None = None

    async def handle(self, request: web.Request) -> web.StreamResponse:
        sent = Sent(request.path, dict(request.headers), await request.read())
        self.sent.append(sent)
        try:
            return await (self.script or plain)(sent, request)
        except (ConnectionResetError, asyncio.CancelledError):
            self.gone += 1
            raise


@asynccontextmanager
async def scripted() -> AsyncGenerator[ScriptedProvider]:
    provider = ScriptedProvider()
    app = web.Application(client_max_size=2**26)
    app.router.add_route("*", "/{path:.*}", provider.handle)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    provider.address = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield provider
    finally:
        await runner.cleanup()


def chat(text: str = "Hello there.", *, prompt: int = 10, completion: int = 100) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": "small",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion},
    }


def event(content: str | None = None, *, finish: str | None = None, **more: Any) -> bytes:
    delta = {} if content is None else {"content": content}
    chunk = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
    return f"data: {json.dumps(chunk | more)}\n\n".encode()


ROLE = b'data: {"id":"chatcmpl-1","choices":[{"index":0,"delta":{"role":"assistant"},"finish_reason":null}]}\n\n'
USAGE = (
    b'data: {"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":3,"total_tokens":13}}\n\n'
)
DONE = b"data: [DONE]\n\n"
WHOLE_STREAM = [ROLE, event("Hel"), event("lo"), event(finish="stop"), USAGE, DONE]


async def plain(sent: Sent, request: web.Request) -> web.StreamResponse:
    """A whole answer or a whole stream, as asked."""
    if sent.json.get("stream"):
        return await streamed(request, WHOLE_STREAM)
    return web.json_response(chat())


async def streamed(request: web.Request, pieces: list[bytes], pause: float = 0.0) -> web.StreamResponse:
    response = web.StreamResponse(headers={"content-type": "text/event-stream"})
    await response.prepare(request)
    for piece in pieces:
        await response.write(piece)
        await asyncio.sleep(pause)
    return response


def cut_after(pieces: list[bytes]) -> Handler:
    """A stream whose connection breaks after these pieces."""

    async def handle(sent: Sent, request: web.Request) -> web.StreamResponse:
        response = await streamed(request, pieces)
        await asyncio.sleep(0.02)
        assert request.transport is not None
        request.transport.abort()
        return response

    return handle
