"""What is fuzzed: every reader of strangers' bytes. A target takes one input and raises when a promise was broken."""

import json
import random
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from modelhall.dialects import (
    anthropic_count_tokens,
    anthropic_messages,
    openai_chat,
    openai_completions,
    openai_embeddings,
)
from modelhall.dialects.anthropic_stream import AnthropicStreamReader
from modelhall.dialects.anthropic_usage import read_usage as read_anthropic
from modelhall.dialects.dialect import Ask, Change, Dialect, Reader, UsageReader
from modelhall.dialects.openai_stream import OpenAIStreamReader
from modelhall.dialects.openai_usage import read_usage, read_usage_with_reasoning_apart
from modelhall.dialects.parameters import ParameterFacts, apply_parameters, told_facts
from modelhall.dialects.sse import EventSplitter
from modelhall.dialects.told import Told, loosely, utf8
from modelhall.dialects.translate.bridge import bridge
from modelhall.dialects.translate.expects import Expects
from modelhall.domain.errors import BadRequest, ProviderBroke
from modelhall.domain.usage import MOST_TOLD
from modelhall.providers.registry import providers
from tests.dialects.translate.answers import reader as translator
from tests.dialects.translate.talk import OPEN
from tests.dialects.translate.test_hostile import ANTHROPIC, OPENAI
from tests.fuzz.views import (
    check_anthropic,
    check_openai,
    check_translated_to_anthropic,
    check_translated_to_openai,
    check_without_usage,
    in_pieces,
    seen,
    told,
)
from tests.replay import FOLDER, Cassette

MOST_HELD = 4096
REQUESTS = tuple(json.dumps(request).encode() for request in (OPENAI, ANTHROPIC))
DIALECTS: tuple[Dialect, ...] = (
    openai_chat,
    openai_completions,
    openai_embeddings,
    anthropic_messages,
    anthropic_count_tokens,
)


def chance(data: bytes) -> random.Random:
    """What is left to chance in a run hangs on the input alone, so that each run can be had again."""
    return random.Random(zlib.crc32(data))


def splitter(data: bytes) -> None:
    """The same events however they arrive; what is held stays within its bound."""
    whole = EventSplitter().feed(data)
    pieces = EventSplitter()
    assert b"".join(pieces.feed(read) for read in in_pieces(data, chance(data))).strip(b"\n") == whole.strip(b"\n")
    assert b"\r" not in whole
    small = EventSplitter(MOST_HELD)
    try:
        for read in in_pieces(data, chance(data)):
            small.feed(read)
            assert len(small.rest()) <= MOST_HELD
    except ProviderBroke:
        assert len(small.rest()) <= MOST_HELD + len(data)


def stream(data: bytes, make: Callable[[], Reader], check: Callable[[Any], None]) -> None:
    """A reader of streams: the same at once and in pieces, and only what its clients know goes out."""
    at_once, in_parts = told(make(), iter([data])), told(make(), in_pieces(data, chance(data)))
    for each in (at_once, in_parts):
        check(each)
    if not at_once.broke and not in_parts.broke:  # of what is refused more or less may have passed before
        assert seen(at_once.out) == seen(in_parts.out)
        assert (at_once.finished, at_once.failed) == (in_parts.finished, in_parts.failed)
        assert (at_once.usage, at_once.pieces) == (in_parts.usage, in_parts.pieces)


def whole(data: bytes, make: Callable[[], Reader]) -> None:
    """A reader of whole answers gives the answer, an error, or refuses; what it gives is JSON."""
    out = told(make(), in_pieces(data, chance(data)))
    assert not out.finished or out.broke or isinstance(loosely(utf8(out.out)), dict)
    assert out.finished or out.out == b""


def request(data: bytes, source: Dialect, target: Dialect) -> None:
    """A request is refused or carried; what is carried is a request of the target's dialect."""
    way = bridge(source, target)
    assert way is not None
    try:
        translated = way.request(data, Change("m"), chance(data).choice([OPEN, ParameterFacts()]))
    except BadRequest:
        return
    target.read(translated.body)
    json.loads(translated.body)
    for name in translated.dropped:
        assert name.isprintable(), name


def ask(data: bytes, dialect: Dialect) -> None:
    """A request is refused or understood; rewritten, it differs in nothing but what was to change."""
    try:
        asked = dialect.read(data)
    except BadRequest:
        return
    assert 0 <= asked.plain_bytes <= len(data)
    assert asked.choices >= 1
    assert asked.output_limit is None or asked.output_limit > 0
    change = Change("other", usage_option=asked.stream, output_limit=7 if asked.output_limit is None else None)
    try:
        changed = dialect.rewrite(data, change)
    except BadRequest:
        return
    before, after = loosely(data), loosely(changed)
    assert isinstance(before, dict) == isinstance(after, dict)
    if isinstance(before, dict) and isinstance(after, dict):
        assert after["model"] == "other"
        mine = {"model", "max_tokens", "max_completion_tokens", "stream_options"}
        assert same(
            {n: v for n, v in before.items() if n not in mine}, {n: v for n, v in after.items() if n not in mine}
        )
        assert dialect.read(changed).model == "other"


def same(one: object, other: object) -> bool:
    """Equal, where not-a-number equals itself."""
    return repr(one) == repr(other)


FACTS = ParameterFacts(
    ranges={"temperature": (0, 1), "top_p": (None, 0.5), "max_tokens": (16, None)},
    renames={"max_tokens": "max_completion_tokens", "stop": "stops"},
    unsupported=frozenset({"seed", "messages", "tools"}),
    exclusive=(("temperature", "top_p"), ("model", "user")),
)


def parameters(data: bytes) -> None:
    """Facts made of anything never fail; applied to anything, they refuse it or leave the rest as it was."""
    loose = loosely(data)
    found = told_facts(loose) if isinstance(loose, Mapping) else ParameterFacts()
    for facts in (FACTS, found):
        try:
            applied = apply_parameters(data, facts)
        except BadRequest:
            continue
        after = loosely(applied.body)
        if isinstance(loose, dict) and isinstance(after, dict):
            named = {*facts.ranges, *facts.renames, *facts.renames.values(), *facts.unsupported}
            named |= {name for group in facts.exclusive for name in group}
            for name in loose.keys() - named:
                assert same(after[name], loose[name]), name


def usage(data: bytes, reads: UsageReader) -> None:
    """Whatever is told as usage becomes counts that can be, or a flaw; never an error of the answer it came with."""
    account = Told()
    account.take(loosely(data))
    account.merge(loosely(data))
    found, vendor, flaw = account.read(reads)
    assert vendor is None or len(vendor) <= 2048
    if found is not None:
        assert flaw is None
        assert all(type(count) is int and 0 <= count <= MOST_TOLD for count in found.told().values())


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that is fuzzed, and inputs to begin with."""

    run: Callable[[bytes], None]
    seeds: tuple[bytes, ...]


def bodies(*, streamed: bool, anthropic: bool | None = None) -> tuple[bytes, ...]:
    """The recorded answers."""
    found = [Cassette.load(path) for path in sorted(FOLDER.glob("*/*.*"))]
    fitting = [each for each in found if each.streamed == streamed]
    if anthropic is not None:
        fitting = [each for each in fitting if ("anthropic" in each.head.get("dialect", "")) == anthropic]
    return tuple(each.body for each in fitting)


def _usages() -> tuple[bytes, ...]:
    told_by = (loosely(body) for body in bodies(streamed=False))
    found = (answer.get("usage") for answer in told_by if isinstance(answer, dict))
    return tuple(json.dumps(each).encode() for each in found if each)


def _usage_readers() -> dict[str, UsageReader]:
    own = {"openai": read_usage, "apart": read_usage_with_reasoning_apart, "anthropic": read_anthropic}
    return own | {f"{name}": reads for name, each in providers().items() for reads in each.reads_usage.values()}


def targets() -> dict[str, Target]:
    """All of them, by name."""
    openai, claude = bodies(streamed=True, anthropic=False), bodies(streamed=True, anthropic=True)
    gpt_whole, claude_whole = bodies(streamed=False, anthropic=False), bodies(streamed=False, anthropic=True)
    chat: Dialect = openai_chat
    messages: Dialect = anthropic_messages
    shown, plain = Expects(shows_reasoning=True), Ask(model="m")
    to_claude = partial(translator, chat, messages, expects=Expects())
    to_gpt = partial(translator, messages, chat, expects=shown)
    gpt, claude_reader = partial(OpenAIStreamReader, read_usage), partial(AnthropicStreamReader, read_anthropic)
    found = {
        "splitter": Target(splitter, openai + claude),
        "openai-stream": Target(partial(stream, make=partial(gpt, shows_usage=True), check=check_openai), openai),
        "openai-stream-without-usage": Target(
            partial(stream, make=partial(gpt, shows_usage=False), check=check_without_usage), openai
        ),
        "anthropic-stream": Target(partial(stream, make=claude_reader, check=check_anthropic), claude),
        "stream-for-openai": Target(
            partial(stream, make=partial(to_claude, stream=True), check=check_translated_to_openai), claude
        ),
        "stream-for-anthropic": Target(
            partial(stream, make=partial(to_gpt, stream=True), check=check_translated_to_anthropic), openai
        ),
        "openai-whole": Target(partial(whole, make=lambda: chat.reader(plain)), gpt_whole),
        "anthropic-whole": Target(partial(whole, make=lambda: messages.reader(plain)), claude_whole),
        "whole-for-openai": Target(partial(whole, make=partial(to_claude, stream=False)), claude_whole),
        "whole-for-anthropic": Target(partial(whole, make=partial(to_gpt, stream=False)), gpt_whole),
        "request-to-anthropic": Target(partial(request, source=chat, target=messages), REQUESTS),
        "request-to-openai": Target(partial(request, source=messages, target=chat), REQUESTS),
        "parameters": Target(
            parameters, (*REQUESTS, json.dumps({"ranges": {"n": [0, 1]}, "renames": {"a": "b"}}).encode())
        ),
    }
    found |= {f"ask-{each.NAME}": Target(partial(ask, dialect=each), REQUESTS) for each in DIALECTS}
    return found | {
        f"usage-{name}": Target(partial(usage, reads=each), _usages()) for name, each in _usage_readers().items()
    }
