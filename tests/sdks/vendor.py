"""A vendor that speaks both dialects, in a thread of its own: the model's name says what it does with what it got.

What it answers is made from what arrived, so a schema, a picture or a tool that was lost on the way is seen.
"""

import asyncio
import base64
import json
import threading
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.sdks import anthropic_vendor, openai_vendor
from tests.sdks.said import Said

CITIES = {"tools": ("Paris",), "parallel": ("Paris", "Rome")}
FAILING = ("status-400", "status-429", "status-500", "status-504")
MODELS = ("talk", "json", "tools", "parallel", "image")
FRAGILE = ("cut", *FAILING)
"""Models that fail. Each client has its own, `cut.openai_sdk`: what failed for one must not be held against another."""
BUSY = "busy-"
"""The first call of a model of this name is answered with 429."""


@dataclass(slots=True)
class Vendor:
    """The running vendor, and how often each of its models was called."""

    origin: str = ""
    calls: Counter[str] = field(default_factory=Counter[str])

    async def chat(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, "chat", openai_vendor)

    async def messages(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, "messages", anthropic_vendor)

    async def count_tokens(self, request: web.Request) -> web.StreamResponse:
        del request
        return web.json_response({"input_tokens": 17})

    async def embeddings(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
        rows = [
            {"object": "embedding", "index": at, "embedding": openai_vendor.vector(body.get("encoding_format"))}
            for at in range(len(texts))
        ]
        usage = {"prompt_tokens": 3, "total_tokens": 3}
        return web.json_response({"object": "list", "model": body["model"], "data": rows, "usage": usage})

    async def _answer(self, request: web.Request, path: str, shape: Any) -> web.StreamResponse:
        body = await request.json()
        model = body["model"]
        self.calls[f"{path} {model}"] += 1
        acts = model.partition(".")[0]
        failing = _status_of(acts, self.calls[f"{path} {model}"])
        if failing is not None:
            headers = {"retry-after": "1"} if failing == 429 else {}
            return web.json_response(shape.error(failing), status=failing, headers=headers)
        said = _say(acts, shape, body)
        if not body.get("stream"):
            return web.json_response(shape.whole(said, body))
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        for event in shape.streamed(said, body):
            await response.write(event)
        if acts == "cut":
            await asyncio.sleep(0.02)
            assert request.transport is not None
            request.transport.abort()
        return response


def _status_of(model: str, nth: int) -> int | None:
    if model.startswith(BUSY):
        return 429 if nth == 1 else None
    return int(model.removeprefix("status-")) if model in FAILING else None


def _say(model: str, shape: Any, body: Mapping[str, Any]) -> Said:
    """What this model says to this request."""
    if model == "cut":
        return Said(text="Hel", whole=False)
    if model == "json":
        return _keep_to_a_schema(shape.schema(body), shape.forced(body))
    if model == "image":
        kind, data = shape.picture(body)
        return Said(text=f"{kind}, {len(base64.b64decode(data))} bytes")
    if model in CITIES:
        results = shape.results(body)
        if results:
            return Said(text=f"Told: {', '.join(results)}")
        if "weather" not in shape.tools(body):
            return Said(text="no tools arrived")
        return Said(calls=tuple((f"call_{city}", "weather", json.dumps({"city": city})) for city in CITIES[model]))
    return Said(text="Hello there.")


def _keep_to_a_schema(schema: Mapping[str, Any] | None, forced: tuple[str, Mapping[str, Any]] | None) -> Said:
    """As text, or as the call of the one tool that must be called: LiteLLM's way where it does not know the model."""
    place = '{"city": "Paris", "people": 2}'
    if forced is not None and "city" in forced[1]["properties"]:
        return Said(calls=(("call_place", forced[0], place),))
    return Said(text=place if schema is not None and "city" in schema["properties"] else "no schema arrived")


@contextmanager
def running_vendor() -> Iterator[Vendor]:
    """The vendor on a free port of loopback, in a thread, because the tests wait for programs."""
    vendor, ready = Vendor(), threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def live() -> None:
        async with _serving(vendor):
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(live(),), daemon=True)
    thread.start()
    try:
        assert ready.wait(10)
        yield vendor
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()


@asynccontextmanager
async def _serving(vendor: Vendor) -> AsyncGenerator[None]:
    app = web.Application(client_max_size=2**24)
    app.router.add_post("/v1/chat/completions", vendor.chat)
    app.router.add_post("/v1/embeddings", vendor.embeddings)
    app.router.add_post("/v1/messages", vendor.messages)
    app.router.add_post("/v1/messages/count_tokens", vendor.count_tokens)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    vendor.origin = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield
    finally:
        await runner.cleanup()
