"""`modelhall chat`: asks a model through the model door, as any program would, and prints its answer as it comes."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated

from cyclopts import Parameter

from modelhall.cli.client import Client, Object, in_path, refusal
from modelhall.cli.engine_progress import wait_for_engine
from modelhall.cli.options import USUAL, Common, wrong
from modelhall.cli.out import clean, show_json, tell, usd
from modelhall.cli.reach import house
from modelhall.cli.usage import tokens
from modelhall.domain.errors import EngineStarting, ModelhallError, NotFound
from modelhall.domain.usage import INPUT_CLASSES, OUTPUT_CLASSES


@dataclass(slots=True)
class Answer:
    """What came back so far."""

    call: str
    model: str
    text: str = ""
    finish_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation with one model."""

    client: Client
    model: str | None
    max_tokens: int | None
    quiet: bool
    messages: list[Object] = field(default_factory=list[Object])


def chat(
    *prompt: Annotated[
        str, Parameter(name="PROMPT", negative="", help="What to ask; left out, it is read from standard input.")
    ],
    model: Annotated[str | None, Parameter(help="The model; otherwise the default.")] = None,
    system: Annotated[str | None, Parameter(help="How the model should behave.")] = None,
    max_tokens: Annotated[int | None, Parameter(help="The longest answer, in tokens.")] = None,
    common: Common = USUAL,
) -> None:
    """Ask a model and see its answer as it comes, then its usage and cost. Without a prompt at a terminal: a talk."""
    asked = " ".join(prompt)
    together = not asked and sys.stdin.isatty() and not common.json
    if not asked and not together:
        asked = sys.stdin.read().strip()
        if not asked:
            raise wrong("Say what to ask: modelhall chat 'Say hello.'")
    with house(common) as client:
        talk = Talk(client, model, max_tokens, quiet=common.json)
        if system:
            talk.messages.append({"role": "system", "content": system})
        if together:
            converse(talk)
            return
        answer = turn(talk, asked)
        figures = figures_of(client, answer.call)
    if common.json:
        show_json(
            {
                "call": answer.call,
                "model": answer.model,
                "text": answer.text,
                "finish_reason": answer.finish_reason,
                **figures,
            }
        )
    else:
        tell(summary(answer, figures))


def converse(talk: Talk) -> None:
    """Ask and answer until the person ends it."""
    tell("Ctrl-D ends the conversation.")
    while True:
        sys.stderr.write("> ")
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            tell("")
            return
        if not line.strip():
            continue
        try:
            answer = turn(talk, line.strip())
        except ModelhallError as error:
            talk.messages.pop()
            tell(error.message)
            continue
        tell(summary(answer, figures_of(talk.client, answer.call)))


def turn(talk: Talk, asked: str) -> Answer:
    """One question and its answer; while the built-in model is on its way, wait for it and show how far it is."""
    talk.messages.append({"role": "user", "content": asked})
    try:
        answer = ask(talk)
    except EngineStarting:
        wait_for_engine(talk.client)
        answer = ask(talk)
    talk.messages.append({"role": "assistant", "content": answer.text})
    return answer


def ask(talk: Talk) -> Answer:
    """Send the conversation and print what comes, piece by piece."""
    body: Object = {"messages": talk.messages, "stream": True}
    if talk.model:
        body["model"] = talk.model
    if talk.max_tokens:
        body["max_tokens"] = talk.max_tokens
    with talk.client.stream("POST", "/v1/chat/completions", body) as reply:
        answer = Answer(reply.headers.get("x-modelhall-call", ""), reply.headers.get("x-modelhall-model", ""))
        for event in events(reply.chunks):
            if "error" in event:
                if answer.text and not talk.quiet:
                    sys.stdout.write("\n")
                raise refusal(502, reply.headers, json.dumps(event).encode())
            piece = heard(answer, event)
            if piece and not talk.quiet:
                sys.stdout.write(clean(piece))
                sys.stdout.flush()
    if not talk.quiet:
        sys.stdout.write("\n")
    return answer


def heard(answer: Answer, event: Object) -> str:
    """Take one event into the answer; gives its text."""
    choices: list[Object] = event.get("choices") or []
    if not choices:
        return ""
    delta: Object = choices[0].get("delta") or {}
    piece = str(delta.get("content") or "")
    answer.text += piece
    answer.finish_reason = choices[0].get("finish_reason") or answer.finish_reason
    return piece


def events(chunks: Iterator[bytes]) -> Iterator[Object]:
    """The JSON objects of a stream of server-sent events."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            data = line.strip().removeprefix(b"data:").strip()
            if line.startswith(b"data:") and data != b"[DONE]":
                yield json.loads(data)


def figures_of(client: Client, call: str) -> Object:
    """What the call used and cost, from the ledger; empty when it is not there."""
    if not call:
        return {}
    try:
        found = client.get(f"/calls/{in_path(call)}")
    except NotFound:
        return {}
    told: list[Object] = found.get("attempts", [])
    counts = {name: sum(row.get(name) or 0 for row in told) for name in (*INPUT_CLASSES, *OUTPUT_CLASSES)}
    return {"usage": {name: count for name, count in counts.items() if count}, "cost": found.get("cost")}


def summary(answer: Answer, figures: Object) -> str:
    """The line below an answer."""
    usage: Object = figures.get("usage", {})
    parts = [answer.model or "answered"]
    if usage:
        parts += [f"{tokens(usage, INPUT_CLASSES) or 0:,} tokens in", f"{tokens(usage, OUTPUT_CLASSES) or 0:,} out"]
    if figures:
        parts.append(usd(figures.get("cost")))
    if answer.finish_reason == "length":
        parts.append("cut at its longest length")
    return " · ".join(parts)
