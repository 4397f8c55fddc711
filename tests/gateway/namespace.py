"""A world of its own: every address of it is a canary, and its name server lies. Run by test_connector_namespace.py.

In this network namespace all addresses of IPv4 and IPv6 lead to this process, so that whatever is connected to is seen
here, with the address that was meant.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, ip_address
from pathlib import Path
from typing import Any

from modelhall.dialects import openai_chat
from modelhall.domain.errors import ModelhallError
from modelhall.domain.library import Profile
from modelhall.gateway.outgoing import request_to
from modelhall.gateway.upstream import Deadlines, Upstream
from modelhall.services.models.discover import discover
from modelhall.services.profiles.add_profile import NewProfile, add_profile
from modelhall.services.profiles.remove_profile import remove_profile
from modelhall.services.start.find_ollama import find_ollama
from tests.gateway.hall import Hall, open_hall
from tests.gateway.spellings import METADATA_V4, NEVER_V6, PRIVATE_V4, PRIVATE_V6, hosts, never_hosts
from tests.gateway.upstream import chat
from tests.support.house import OpenHouse, open_test_house

PORTS = (80, 22, 25, 5432, 6379, 8400, 11434)
PUBLIC = ("1.1.1.1", "2606:4700:4700::1111")
QUICK = Deadlines(connect=2, first_byte=2, idle=2, total=2)
ASK = {"model": "small", "messages": [{"role": "user", "content": "Hello"}]}
ANSWER = json.dumps(chat() | {"data": [{"id": "m"}], "models": [{"name": "m", "model": "m"}]}).encode()
"""A chat completion, a list of models and an Ollama's list at once."""
AS_OLLAMA_READS_THEM = {"0.0.0.0", "[::]", "0", "00", "0x0"}
"""`OLLAMA_HOST=0.0.0.0` means this machine."""

Call = Callable[[str], Awaitable[str]]


def main(tries: int) -> dict[str, Any]:
    """What was tried and what was hit, for the test to judge."""
    with tempfile.TemporaryDirectory() as folder:
        make_the_world(Path(folder))
        names = NameServer()
        names.start()
        return asyncio.run(look_around(Path(folder), names, tries))


def make_the_world(folder: Path) -> None:
    """All addresses lead here, and names are asked for here; for this process only."""
    for words in ("link set lo up", "route add local 0.0.0.0/0 dev lo", "-6 route add local ::/0 dev lo"):
        subprocess.run(["ip", *words.split()], check=not words.startswith("-6"), timeout=20)
    files = {
        "resolv.conf": "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n",
        "nsswitch.conf": "hosts: files dns\n",
        "hosts": "127.0.0.1 localhost\n::1 localhost\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
        if Path("/etc", name).exists():
            subprocess.run(["mount", "--bind", str(folder / name), f"/etc/{name}"], check=True, timeout=20)


class NameServer(threading.Thread):
    """Answers for `<policy>-<number>.<way>.test`, with a time to live of 0; anything else does not exist."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.asked: Counter[tuple[str, str, int]] = Counter()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 53))

    def run(self) -> None:
        while True:
            question, sender = self._socket.recvfrom(4096)
            self._socket.sendto(self.answer(question), sender)

    def answer(self, question: bytes) -> bytes:
        labels, place = list[str](), 12
        while size := question[place]:
            labels.append(question[place + 1 : place + 1 + size].decode("ascii", "replace").lower())
            place += size + 1
        end, kind = place + 5, int.from_bytes(question[place + 1 : place + 3])
        found = self.addresses(labels[0], labels[1], kind) if len(labels) == 3 and labels[2] == "test" else None
        code = 0x8183 if found is None else 0x8180
        packed = [_packed(each) for each in found or ()]
        head = question[:2] + b"".join(each.to_bytes(2) for each in (code, 1, len(packed), 0, 0))
        return head + question[12:end] + b"".join(packed)

    def addresses(self, name: str, way: str, kind: int) -> list[str]:
        """What a name leads to this time; `kind` 1 asks for IPv4, 28 for IPv6."""
        policy, _, number = name.rpartition("-")
        turn, lot = self.asked[(name, way, kind)], int(number)
        self.asked[(name, way, kind)] += 1
        inner, inner6 = PRIVATE_V4[lot % len(PRIVATE_V4)], PRIVATE_V6[lot % len(PRIVATE_V6)]
        metadata, metadata6 = METADATA_V4[lot % len(METADATA_V4)], NEVER_V6[lot % len(NEVER_V6)]
        policies: Mapping[str, tuple[list[str], list[str]]] = {
            "public": ([PUBLIC[0]], []),
            "flip": ([PUBLIC[0] if turn == 0 else "127.0.0.1"], []),
            "flop": ([PUBLIC[0] if (turn + lot) % 2 else inner], []),
            "mixed": ([PUBLIC[0], inner] if lot % 2 else [inner, PUBLIC[0]], []),
            "aaaa": ([PUBLIC[0]], [inner6]),
            "mapped": ([PUBLIC[0]], ["::ffff:127.0.0.1"]),
            "metadata": (["10.0.0.1", metadata] if lot % 2 else [metadata], []),
            "metadata6": (["10.0.0.1"], [metadata6]),
            "metaflip": (["10.0.0.1" if turn == 0 else metadata], []),
        }
        return policies[policy][0 if kind == 1 else 1] if kind in {1, 28} else []


def _packed(text: str) -> bytes:
    address = ip_address(text)
    kind = 1 if isinstance(address, IPv4Address) else 28
    return b"\xc0\x0c" + kind.to_bytes(2) + b"\0\1" + bytes(4) + len(address.packed).to_bytes(2) + address.packed


@dataclass(slots=True)
class Canaries:
    """Listeners on every address: which were reached."""

    reached: list[str] = field(default_factory=list[str])

    async def sing(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Notes who was called, and answers as a provider would; `/go/<status>` sends to this machine itself."""
        self.reached.append(str(writer.get_extra_info("sockname")[0]))
        try:
            line = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1].decode()
            status = next((word for word in line.split("/") if word.isdigit()), "200")
            inner = "http://127.0.0.1:80/"
            head = f"HTTP/1.1 {status} So\r\nLocation: {inner}\r\nRefresh: 0; url={inner}\r\nConnection: close\r\n"
            writer.write(f"{head}Content-Length: {len(ANSWER)}\r\n\r\n".encode() + ANSWER)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def hits(self, allowed: Iterable[str] = PUBLIC) -> list[str]:
        """Which were reached that must not be; forgets them all."""
        reached, self.reached = self.reached, []
        return [each for each in reached if each not in allowed]


@asynccontextmanager
async def canaries() -> AsyncGenerator[Canaries]:
    """All of them, on all ports."""
    flock = Canaries()
    async with AsyncExitStack() as stack:
        for port in PORTS:
            for host in ("0.0.0.0", "::"):
                await stack.enter_async_context(await asyncio.start_server(flock.sing, host, port, backlog=100))
        yield flock


async def look_around(folder: Path, names: NameServer, tries: int) -> dict[str, Any]:
    """Every host against every way out, then names that lie, then redirects."""
    async with AsyncExitStack() as stack:
        flock = await stack.enter_async_context(canaries())
        (folder / "hall").mkdir()
        (folder / "house").mkdir()
        hall = await stack.enter_async_context(open_hall(f"sqlite:///{folder}/hall/m.db", folder / "hall"))
        house = await stack.enter_async_context(open_test_house(f"sqlite:///{folder}/house/m.db", folder / "house"))
        upstream = await stack.enter_async_context(Upstream.open())
        no = {
            "call": await calling(hall),
            "discovery": await discovering(house),
            "connector": connecting(upstream, private_allowed=False),
        }
        yes = {"probe": probing(house), "connector with a yes": connecting(upstream, private_allowed=True)}
        plain = ("flip", "flop", "mixed", "aaaa", "mapped")
        meta = ("metadata", "metadata6", "metaflip")
        return {
            "reachable": {name: await swept(flock, way, ["1.1.1.1"]) for name, way in (no | yes).items()},
            "yes": await swept(flock, yes["connector with a yes"], ["10.0.0.1", "127.0.0.1"]),
            "hosts": {name: await swept(flock, way, hosts()) for name, way in no.items()}
            | {name: await swept(flock, way, _never()) for name, way in yes.items()},
            "names": {
                f"{name}: {policy}": await lied_to(flock, way, name.replace(" ", "-"), policy, tries)
                for ways, policies in ((no, plain), (no | yes, meta))
                for name, way in ways.items()
                for policy in policies
            },
            "redirects": {
                name: await swept(flock, way, [f"1.1.1.1:80/go/{status}" for status in (301, 302, 303, 307, 308)])
                for name, way in no.items()
            },
            "questions": sum(names.asked.values()),
        }


def _never() -> list[str]:
    return [each for each in never_hosts() if each not in AS_OLLAMA_READS_THEM]


async def swept(flock: Canaries, call: Call, places: Iterable[str]) -> dict[str, Any]:
    """Calls every place once, on one port after the other."""
    opened, told, tried = opened_by_the_kernel(), Counter[str](), 0
    for tried, place in enumerate(places, start=1):
        port = "" if "/" in place else f":{PORTS[tried % len(PORTS)]}"
        told[await call(f"http://{place}{port}")] += 1
    await asyncio.sleep(0.05)
    reached = len(flock.reached)
    opened = opened_by_the_kernel() - opened
    return {"tried": tried, "reached": reached, "hits": flock.hits(), "told": dict(told), "opened": opened}


async def lied_to(flock: Canaries, call: Call, label: str, policy: str, tries: int) -> dict[str, Any]:
    """Calls names of one policy twice each; the second look-up may tell something else."""
    allowed = (*PUBLIC, "10.0.0.1") if policy.startswith("meta") else PUBLIC
    told = Counter[str]()
    for number in range(tries):
        for _ in range(2):
            told[await call(f"http://{policy}-{number}.{label}.test:80")] += 1
    await asyncio.sleep(0.05)
    return {"hits": flock.hits(allowed), "told": dict(told)}


def opened_by_the_kernel() -> int:
    """How many TCP connections this namespace has begun so far, whether they came to be or not."""
    lines = [line.split() for line in Path("/proc/net/snmp").read_text().splitlines() if line.startswith("Tcp:")]
    return int(dict(zip(*lines, strict=True))["ActiveOpens"])


def connecting(upstream: Upstream, *, private_allowed: bool) -> Call:
    """Straight to the connector, past every check of what a person writes."""

    async def call(url: str) -> str:
        try:
            async with upstream.send(request_to(url, {}, b"{}", private_allowed=private_allowed), QUICK) as answer:
                return str(answer.status)
        except ModelhallError as error:
            return error.code
        except ValueError:
            return "no url"

    return call


async def calling(hall: Hall) -> Call:
    """A caller's call to a profile at that address."""
    await hall.model("small")
    key = await hall.key()
    library = hall.gateway.desk.snapshot.libraries[hall.organisation.id]
    (target,) = library.targets.values()

    async def call(url: str) -> str:
        profile = replace(target.profile, allow_private=False, base_url=url)
        targets: Any = library.targets
        targets[target.model.id] = replace(target, profile=profile)
        answer = await hall.call("/v1" + openai_chat.PATH, ASK, key)
        return str(answer.json["error"]["code"]) if "error" in answer.json else str(answer.status)

    return call


async def discovering(house: OpenHouse) -> Call:
    """Asking a profile at that address for its models, whether or not the address may be stored."""
    wanted = NewProfile(provider="openai-compatible", id="den", base_url="http://1.1.1.1")
    stored: Profile = (await add_profile(house.house, house.operator, wanted)).profile
    provider = house.house.providers[stored.provider]

    async def call(url: str) -> str:
        try:
            await discover(house.house, replace(stored, base_url=url), provider)
        except ModelhallError as error:
            return error.code
        return "200"

    return call


def probing(house: OpenHouse) -> Call:
    """The look for an Ollama at the start, where the environment says."""

    async def call(url: str) -> str:
        house.environment["OLLAMA_HOST"] = url
        found = await find_ollama(house.house)
        if found:  # the next look would see that there is one already, and not look
            await remove_profile(house.house, house.operator, "ollama")
        return str(found)

    return call


if __name__ == "__main__":
    # Findings go to the real standard output; whatever else is printed does not mix with them.
    findings = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    with findings:
        json.dump(main(int(sys.argv[1])), findings)
