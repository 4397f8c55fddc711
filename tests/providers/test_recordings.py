"""Every recording is read by its provider's reader, and gives exactly the usage that it states."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from pathlib import Path

import pytest

from modelhall.dialects.dialect import Ask, Dialect
from modelhall.domain.usage import Usage
from modelhall.providers.provider import DiscoveredModel, Provider
from modelhall.providers.registry import providers
from tests.replay import FOLDER, Cassette

STATED = [
    pytest.param(path, id=f"{path.parent.name}/{path.stem}")
    for path in sorted(FOLDER.glob("*/*"))
    if path.parent.name in providers() and "# usage: " in path.read_text()
]
STREAMS = [
    pytest.param(path, id=path.parent.name)
    for path in sorted(FOLDER.glob("*/chat_stream.txt"))
    if path.parent.name != "local"
]
LISTS = [pytest.param(path, id=path.parent.name) for path in sorted(FOLDER.glob("*/models.json"))]
# The built-in engine's recordings state nothing; these are the tokens in and out that it reported.
LOCAL = {
    ("chat.json", "openai_chat"): (37, 8),
    ("chat_stream.txt", "openai_chat"): (37, 8),
    ("completions_stream.txt", "openai_completions"): (4, 6),
    ("messages.json", "anthropic_messages"): (37, 8),
    ("messages_stream.txt", "anthropic_messages"): (37, 8),
}


def dialect_of(provider: Provider, name: str) -> Dialect:
    """The dialect of this name; the provider must speak it."""
    return next(dialect for dialect in provider.speaks if name == dialect.NAME)


def read(path: Path, dialect: Dialect, *, asked: bool, pieces: int) -> tuple[Usage | None, bool, bytes]:
    """What the reader finds, whether it saw the end, and what goes out."""
    provider, cassette = providers()[path.parent.name], Cassette.load(path)
    ask = Ask(model="m", stream=cassette.streamed, wants_usage=asked)
    reader = dialect.reader(ask, provider.reads_usage.get(dialect))
    cuts = sorted(random.Random(pieces).sample(range(len(cassette.body)), pieces))
    bounds = zip([0, *cuts], [*cuts, len(cassette.body)], strict=True)
    out = b"".join(reader.feed(cassette.body[a:b]) for a, b in bounds) + reader.end()
    assert reader.failed is None
    assert reader.flaw is None
    return reader.usage, reader.finished, out


@pytest.mark.parametrize("path", STATED)
@pytest.mark.parametrize("pieces", [0, 7])
def test_the_usage_is_exactly_what_the_recording_states(path: Path, pieces: int) -> None:
    cassette = Cassette.load(path)
    stated = json.loads(cassette.head["usage"])
    dialect = dialect_of(providers()[path.parent.name], cassette.head["dialect"])
    usage, finished, out = read(path, dialect, asked=True, pieces=pieces)
    assert usage == (Usage(**stated) if stated else None)
    assert (finished, out) == (True, cassette.body)


@pytest.mark.parametrize("path", STREAMS)
def test_a_caller_that_did_not_ask_gets_the_text_and_no_usage(path: Path) -> None:
    cassette = Cassette.load(path)
    dialect = dialect_of(providers()[path.parent.name], "openai_chat")
    usage, finished, out = read(path, dialect, asked=False, pieces=3)
    stated = json.loads(cassette.head["usage"])
    assert (usage, finished) == (Usage(**stated) if stated else None, True)
    assert b'"Hello"' in out
    assert b'" there."' in out
    assert out.endswith(b"data: [DONE]\n\n")
    assert b"prompt_tokens" not in out


@pytest.mark.parametrize(("name", "dialect"), LOCAL)
def test_the_built_in_engine_is_read_like_any_other(name: str, dialect: str) -> None:
    path = FOLDER / "local" / name
    usage, finished, out = read(path, dialect_of(providers()["local"], dialect), asked=True, pieces=5)
    assert usage is not None
    assert (usage.input_tokens(), usage.output_tokens()) == LOCAL[name, dialect]
    assert (finished, out) == (True, Cassette.load(path).body)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_of_models_is_read(path: Path) -> None:
    cassette, discovery = Cassette.load(path), providers()[path.parent.name].discovery
    assert discovery is not None
    assert cassette.head["request"] == f"GET {discovery.path}"
    found, stated = discovery.read(cassette.body), json.loads(cassette.head["models"])
    assert [model.id for model in found] == [each["id"] for each in stated]
    for model, each in zip(found, stated, strict=True):
        assert {name: shown(model, name) for name in each} == each


def shown(model: DiscoveredModel, name: str) -> object:
    """A field as a recording states it."""
    if name == "capabilities":
        return sorted(model.capabilities or ())
    if name == "prices":
        return {kind: plain(price) for kind, price in model.prices.items() if price}
    return getattr(model, name)


def plain(price: Decimal) -> str:
    """A price without idle zeros."""
    return f"{price.normalize():f}"
