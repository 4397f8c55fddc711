"""The processes of a running server: which workers it has, and which of them has a connection."""

import asyncio
import http.client
import json
import os
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.whole.server import Server

PATIENCE_S = 60.0


def workers_of(server: Server) -> list[int]:
    """The process ids of the server's workers, as they are now."""
    assert server.process is not None
    parent = server.process.pid
    try:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    except FileNotFoundError:
        return []
    return [int(pid) for pid in children if _is_worker(int(pid))]


def _is_worker(pid: int) -> bool:
    try:
        return b"modelhall.bootstrap.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def are_gone(pids: Iterable[int]) -> bool:
    """Whether none of these workers lives."""
    return not any(_is_worker(pid) for pid in pids)


async def until_gone(pids: Iterable[int]) -> float:
    """Waits for their end; gives the seconds."""
    began = time.monotonic()
    async with asyncio.timeout(PATIENCE_S):
        while not are_gone(pids):
            await asyncio.sleep(0.02)
    return time.monotonic() - began


def holders(ports: Iterable[int]) -> dict[int, int]:
    """By a client's port on loopback: the process at the other end of its connection."""
    sockets = dict[str, int]()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        sockets[fields[9]] = int(fields[2].rpartition(":")[2], 16)
    wanted, found = set(ports), dict[int, int]()
    for process in Path("/proc").iterdir():
        if not process.name.isdecimal() or int(process.name) == os.getpid():
            continue
        for inode in _sockets_of(process):
            if sockets.get(inode) in wanted:
                found[sockets[inode]] = int(process.name)
    return found


def _sockets_of(process: Path) -> list[str]:
    found = list[str]()
    try:
        for descriptor in (process / "fd").iterdir():
            target = os.readlink(descriptor)
            if target.startswith("socket:["):
                found.append(target[8:-1])
    except OSError:
        pass
    return found


@dataclass(slots=True)
class Line:
    """A connection that stays with one worker."""

    connection: http.client.HTTPConnection
    worker: int

    def close(self) -> None:
        """Hangs up."""
        self.connection.close()

    def ask(
        self, method: str, path: str, body: object = None, key: str = "", **headers: str
    ) -> tuple[int, Any, dict[str, str]]:
        """Status, JSON (or text) and headers of the answer."""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        if key:
            told["authorization"] = f"Bearer {key}"
        if body is not None:
            told["content-type"] = "application/json"
        self.connection.request(method, path, None if body is None else json.dumps(body), told)
        answer = self.connection.getresponse()
        text = answer.read()
        found = {name.lower(): value for name, value in answer.getheaders()}
        is_json = text and "json" in found.get("content-type", "")
        return answer.status, json.loads(text) if is_json else text.decode(), found


def line_to(server: Server, worker: int) -> Line:
    """A connection to this very worker; those that others took stay open meanwhile, so that it is its turn."""
    where, others = urlsplit(server.address), list[http.client.HTTPConnection]()
    try:
        for _ in range(50):
            connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=PATIENCE_S)
            others.append(connection)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            port = connection.sock.getsockname()[1]
            if holders([port]).get(port) == worker:
                return Line(others.pop(), worker)
    finally:
        for connection in others:
            connection.close()
    raise AssertionError(f"no connection came to worker {worker}")


async def until_whole(server: Server, count: int, without: Iterable[int] = ()) -> list[int]:
    """Waits until there are that many workers that answer, none of them of `without`; their process ids."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            pids = workers_of(server)
            if len(pids) == count and not set(pids) & set(without):
                try:
                    for pid in pids:
                        (await asyncio.to_thread(line_to, server, pid)).close()
                except (AssertionError, OSError, http.client.HTTPException):
                    pass
                else:
                    return pids
            await asyncio.sleep(0.1)


def kill(*pids: int) -> None:
    """`kill -9`."""
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
