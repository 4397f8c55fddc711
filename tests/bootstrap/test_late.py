"""What is loaded when it is first asked for: once, beside everything else, and again after a failure."""

import asyncio
import subprocess
import sys
import threading
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from modelhall.bootstrap.late import Late

SCOPE: dict[str, Any] = {"type": "http", "path": "/"}


class Made:
    """An application that takes its time to be made, and notes who came."""

    def __init__(self, failures: int = 0) -> None:
        self.times, self.failures, self.came = 0, failures, list[str]()
        self.go_on = threading.Event()

    def make(self) -> ASGIApp:
        self.times += 1
        self.go_on.wait(10)
        if self.times <= self.failures:
            raise RuntimeError("not this time")
        return self.answer

    async def answer(self, scope: Scope, _receive: Receive, _send: Send) -> None:
        self.came.append(scope["path"])


async def receive() -> dict[str, Any]:
    return {"type": "http.disconnect"}


async def send(_message: Any) -> None:
    return None


async def test_it_is_made_once_for_all_who_ask_while_others_are_served() -> None:
    made = Made()
    late = Late(made.make)
    asking = [asyncio.create_task(late({**SCOPE, "path": f"/{each}"}, receive, send)) for each in "abc"]
    await asyncio.sleep(0.05)  # the loop goes on
    assert made.came == []
    made.go_on.set()
    await asyncio.gather(*asking)
    assert (made.times, sorted(made.came)) == (1, ["/a", "/b", "/c"])


async def test_who_asked_first_may_leave() -> None:
    made = Made()
    late = Late(made.make)
    first, second = (asyncio.create_task(late({**SCOPE, "path": path}, receive, send)) for path in ("/a", "/b"))
    await asyncio.sleep(0.05)
    first.cancel()
    made.go_on.set()
    await second
    assert (made.times, made.came) == (1, ["/b"])


async def test_after_a_failure_it_is_tried_again() -> None:
    made = Made(failures=1)
    made.go_on.set()
    late = Late(made.make)
    with pytest.raises(RuntimeError):
        await late(SCOPE, receive, send)
    await late(SCOPE, receive, send)
    assert (made.times, made.came) == (2, ["/"])


def test_serving_loads_neither_the_control_plane_nor_what_only_other_commands_need() -> None:
    rare = ("fastapi", "modelhall.api", "modelhall.bootstrap.control_plane", "argon2", "joserfc", "yaml", "tomlkit")
    told = f"import sys, modelhall.cli.main, modelhall.cli.serve; print([n for n in {rare} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
