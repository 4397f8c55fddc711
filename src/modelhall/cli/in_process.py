"""The way without a server: the whole house inside this process, asked through its ASGI door.

It lives in a thread of its own with its own event loop, so that Ctrl-C ends a command at once and the house still
closes as it should.
"""

import asyncio
import queue
from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping, MutableMapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from modelhall.bootstrap.house import open_house
from modelhall.cli.client import Reply
from modelhall.domain.errors import NotReady
from modelhall.settings import Settings

Message = MutableMapping[str, Any]
Asgi = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]


@contextmanager
def inside(settings: Settings) -> Generator["InProcess"]:
    """The house, open as long as the context lasts. Raises what opening it raises."""
    opened: Future[InProcess] = Future()
    with ThreadPoolExecutor(1, thread_name_prefix="house") as threads:
        life = threads.submit(asyncio.run, _live(settings, opened))
        either: list[Future[Any]] = [life, opened]
        wait(either, return_when=FIRST_COMPLETED)
        if not opened.done():
            life.result()
        house = opened.result()
        try:
            yield house
        finally:
            house.leave()
    life.result()


async def _live(settings: Settings, opened: "Future[InProcess]") -> None:
    over = asyncio.Event()
    async with open_house(settings) as house:
        opened.set_result(InProcess(house.app, house.operator_token, asyncio.get_running_loop(), over))
        await over.wait()


@dataclass(frozen=True, slots=True)
class InProcess:
    """The door of a house in the same process."""

    app: Asgi
    token: str
    loop: asyncio.AbstractEventLoop
    over: asyncio.Event
    address: str = ""

    def leave(self) -> None:
        """Have the house close."""
        self.loop.call_soon_threadsafe(self.over.set)

    @contextmanager
    def call(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> Generator[Reply]:
        """One request. Raises NotReady when the house ends without an answer."""
        exchange = Exchange(body or b"", asyncio.Event(), queue.SimpleQueue())
        path, _, query = target.partition("?")
        told = {"host": "127.0.0.1", "content-length": str(len(body or b"")), **headers}
        scope: Message = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode("ascii"),
            "query_string": query.encode("ascii"),
            "root_path": "",
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in told.items()],
            "client": ("127.0.0.1", 0),
            "server": ("127.0.0.1", 80),
        }
        task = asyncio.run_coroutine_threadsafe(exchange.run(self.app, scope), self.loop)
        try:
            yield exchange.reply(task)
        finally:
            self.loop.call_soon_threadsafe(exchange.left.set)
            wait((task,), timeout=5)
            task.cancel()


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, handed from the house's loop to the command's thread."""

    body: bytes
    left: asyncio.Event
    said: "queue.SimpleQueue[Message | None]"
    """What the app sends; `None` when it has ended."""

    async def run(self, app: Asgi, scope: Message) -> None:
        """Have the app answer; what it raises comes out of the task."""
        pending: list[Message] = [{"type": "http.request", "body": self.body, "more_body": False}]

        async def receive() -> Message:
            if pending:
                return pending.pop()
            await self.left.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            self.said.put(message)

        try:
            await app(scope, receive, send)
        finally:
            self.said.put(None)

    def reply(self, task: "Future[None]") -> Reply:
        """The answer, as soon as its head is there."""
        head = self.said.get()
        while head is not None and head["type"] != "http.response.start":
            head = self.said.get()
        if head is None:
            task.result()
            raise NotReady("The house ended without an answer. Try again.")
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in head["headers"]}
        return Reply(int(head["status"]), headers, self._chunks(task))

    def _chunks(self, task: "Future[None]") -> Iterator[bytes]:
        while (message := self.said.get()) is not None:
            if message["type"] == "http.response.body":
                if chunk := bytes(message.get("body", b"")):
                    yield chunk
                if not message.get("more_body", False):
                    return
        task.result()
        raise NotReady("The house stopped in the middle of its answer. Try again.")
