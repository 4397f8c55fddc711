"""Records the built-in engine's real replies into tests/cassettes/local; run it when engine.lock changes.

python -m tests.services.local.record
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from modelhall.services.local.folder import engine_folder
from modelhall.services.local.install import install_engine
from modelhall.services.local.process import EngineProcess, engine_process
from modelhall.services.local.status import MODEL

CASSETTES = Path(__file__).parents[2] / "cassettes" / "local"


@dataclass(frozen=True, slots=True)
class Cassette:
    """One recorded reply with the request that brought it."""

    origin: str
    path: str
    body: Mapping[str, object]
    status: int
    content_type: str
    reply: str

    def text(self) -> str:
        """As it lies on the disk."""
        heads = {
            "origin": self.origin,
            "request": f"POST {self.path}",
            "body": json.dumps(self.body),
            "status": str(self.status),
            "content-type": self.content_type,
        }
        return "".join(f"# {name}: {value}\n" for name, value in heads.items()) + f"# ---\n{self.reply}"


def read_cassette(file: Path) -> Cassette:
    """The reverse of `Cassette.text`."""
    head, _, reply = file.read_text(encoding="utf-8").partition("# ---\n")
    heads = dict(line.removeprefix("# ").split(": ", 1) for line in head.splitlines())
    return Cassette(
        heads["origin"],
        heads["request"].removeprefix("POST "),
        json.loads(heads["body"]),
        int(heads["status"]),
        heads["content-type"],
        reply,
    )


async def ask(
    origin: str, api_key: str, path: str, body: Mapping[str, object], headers: Mapping[str, str] | None = None
) -> tuple[int, str, str]:
    """Status, content type and whole body of one POST."""
    sent = {"authorization": f"Bearer {api_key}", **(headers or {})}
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as session,
        session.post(origin + path, json=body, headers=sent) as reply,
    ):
        return reply.status, reply.content_type, await reply.text()


def requests() -> dict[str, tuple[str, dict[str, object]]]:
    """What is asked, by name of the recording, in this order (the second chat finds the first one's prompt cached)."""
    said = [{"role": "user", "content": "What is the capital of France?"}]
    chat: dict[str, object] = {"model": MODEL, "messages": said, "max_tokens": 8, "temperature": 0}
    told: dict[str, object] = {"model": MODEL, "prompt": "Once upon a time", "max_tokens": 6, "temperature": 0}
    streamed = {"stream": True, "stream_options": {"include_usage": True}}
    too_long = [{"role": "user", "content": "1" * 2100}]
    return {
        "chat": ("/v1/chat/completions", chat),
        "chat_cached": ("/v1/chat/completions", chat),
        "chat_stream": ("/v1/chat/completions", {**chat, **streamed}),
        "chat_stream_without_usage": ("/v1/chat/completions", {**chat, "stream": True}),
        "chat_two_choices": ("/v1/chat/completions", {**chat, "n": 2}),
        "messages": ("/v1/messages", chat),
        "messages_stream": ("/v1/messages", {**chat, "stream": True}),
        "count_tokens": ("/v1/messages/count_tokens", {"model": MODEL, "messages": said}),
        "completions": ("/v1/completions", told),
        "completions_stream": ("/v1/completions", {**told, **streamed}),
        "completions_stream_without_usage": ("/v1/completions", {**told, "stream": True}),
        "completions_two_prompts": ("/v1/completions", {**told, "prompt": ["Once upon a time", "Hello"]}),
        "embeddings": ("/v1/embeddings", {"model": MODEL, "input": ["Hello world", "Good night"]}),
        "error_too_long": ("/v1/chat/completions", {**chat, "messages": too_long}),
        "error_no_messages": ("/v1/chat/completions", {"model": MODEL}),
        "error_messages_too_long": ("/v1/messages", {**chat, "messages": too_long}),
    }


async def record(engine: EngineProcess, into: Path) -> None:
    """Ask everything once and write it down."""
    into.mkdir(parents=True, exist_ok=True)
    origin = f"recorded from xllamacpp {engine.version}, SmolLM2-135M-Instruct, {datetime.now(UTC).date()}"
    where = engine.address
    for name, (path, body) in requests().items():
        status, content_type, reply = await ask(where.origin, where.api_key, path, body)
        ending = "json" if content_type == "application/json" else "txt"
        (into / f"{name}.{ending}").write_text(
            Cassette(origin, path, body, status, content_type, reply).text(), encoding="utf-8"
        )
    status, content_type, reply = await ask(where.origin, "wrong", "/v1/chat/completions", {"model": MODEL})
    wrong = Cassette(origin, "/v1/chat/completions", {"model": MODEL}, status, content_type, reply)
    (into / "error_wrong_key.json").write_text(wrong.text(), encoding="utf-8")


async def main() -> None:
    """Install if need be, then record."""
    folder = engine_folder(Path(sys.prefix))
    await install_engine(folder, lambda progress: None)
    async with engine_process(folder) as engine:
        await record(engine, CASSETTES)


if __name__ == "__main__":
    asyncio.run(main())
