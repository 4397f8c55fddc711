"""A provider that counts every request it sees, by the id that came with it: the truth the ledger is held against."""

import asyncio
import json
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests.gateway.upstream import DONE, ROLE, chat, event


@dataclass(slots=True)
class Counting:
    """The attempts that arrived, by the gateway's own id of them."""

    address: str = ""
    pause: float = 0.01
    """Seconds between two pieces of a stream, about."""
    seen: list[str] = field(default_factory=list[str])

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        marker = body["messages"][0]["content"]
        self.seen.append(request.headers["x-client-request-id"])
        await asyncio.sleep(random.uniform(0, 0.05))
        usage = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}
        if not body.get("stream"):
            return web.json_response(chat(marker, prompt=7, completion=5))
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        for piece in (ROLE, event(marker), event(finish="stop"), _usage(usage), DONE):
            await response.write(piece)
            await asyncio.sleep(random.uniform(0, self.pause * 2))
        return response


def _usage(usage: dict[str, int]) -> bytes:
    return f"data: {json.dumps({'choices': [], 'usage': usage})}\n\n".encode()


@asynccontextmanager
async def counting(pause: float = 0.01) -> AsyncGenerator[Counting]:
    provider = Counting(pause=pause)
    app = web.Application()
    app.router.add_post("/v1/chat/completions", provider.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    provider.address = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield provider
    finally:
        await runner.cleanup()
