"""What a provider says is data: nonsense is refused, odd streams pass, impossible counts never reach the ledger."""

import asyncio
import gzip
import json
import re
from collections.abc import Callable

import pytest

from modelhall.domain.usage import MOST_TOLD, USAGE_CLASSES
from tests.gateway.faulty import (
    Faulty,
    Script,
    Wire,
    anthropic_stream,
    chunk,
    completion,
    message,
    openai_stream,
    text_delta,
    told,
    words,
)
from tests.gateway.hall import Answer, Hall
from tests.gateway.listening import WAYS, ask, heard, text_of
from tests.storage.ledger_seeds import rows

SAID = "".join(words("word")).strip()
EVENTS = "text/event-stream"
DEEP = 100_000
PAGE = b"<!doctype html><html><body>Welcome back</body></html>"


def says(*parts: bytes, kind: str = "", head: tuple[str, ...] = (), framing: str = "chunked") -> Script:
    """An answer with 200 of these bytes."""

    async def script(wire: Wire) -> None:
        await wire.head(*head, kind=kind, framing=framing)
        for part in parts:
            await wire.piece(part)
        await wire.end()

    return script


NONSENSE: dict[str, Script] = {
    "nothing": says(),
    "blanks": says(b" \n" * 100),
    "a page": says(PAGE, kind="text/html"),
    "a page as events": says(PAGE, kind=EVENTS),
    "garbage": says(bytes(range(256)) * 40),
    "a number": says(b"5"),
    "a list": says(b"[]"),
    "null": says(b"null"),
    "an empty object": says(b"{}"),
    "an error": says(b'{"error":{"message":"no","type":"x"}}'),
    "an error in words": says(b'{"error":"no"}'),
    "an error event": says(b'event: error\ndata: {"type":"error","error":{"type":"x","message":"no"}}\n\n'),
    "an error in data": says(b'data: {"error":{"message":"no"}}\n\n'),
    "deep": says(b'{"choices":' + b"[" * DEEP + b"]" * DEEP + b"}"),
    "deep in data": says(b'data: {"type":' + b"[" * DEEP + b"]" * DEEP + b"}\n\n"),
    "compressed": says(gzip.compress(b"x" * 100_000), head=("content-encoding: gzip",)),
    "compressed otherwise": says(b"x", head=("content-encoding: br",)),
    "compressed twice": says(b"x", head=("content-encoding: gzip, gzip",)),
    "empty events": says(b"\n\n" * 10_000),
    "comments": says(b": still here\n\n" * 1_000),
}


async def called(hall: Hall, provider: Faulty, way: str, script: Script, *, stream: bool, key: str = "") -> Answer:
    path, profile = WAYS[way]
    provider.scripts["it"] = script
    return await hall.call(path, ask(f"{profile}/small", "it", stream=stream), key or await hall.key())


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("way", WAYS)
async def test_nonsense_is_an_error_of_the_providers(
    small_hall: Hall, provider: Faulty, way: str, stream: bool
) -> None:
    key = await small_hall.key(budget="1000")
    for name, script in NONSENSE.items():
        async with asyncio.timeout(2):
            answer = await called(small_hall, provider, way, script, stream=stream, key=key)
        assert answer.status == 502, (name, answer.body[:300])
        assert answer.json["error"]["message"], name
        assert b"<html>" not in answer.body, name
    await small_hall.settled()
    assert {row["status"] for row in await rows(small_hall.database)} <= {"failed", "cut"}


def odd_chunks() -> list[bytes]:
    """Events of both dialects whose fields have other types than anybody expects."""
    odd: tuple[object, ...] = (None, True, -1, 1.5, "x", [], [None], {}, {"x": [1]})
    found = [chunk(value) for value in odd] + [chunk({"content": value}) for value in odd]
    found += [chunk({}, value) for value in odd if value != "x"]
    found += [chunk({"tool_calls": value}) for value in odd]
    found += [b"data: " + json.dumps({"choices": value}).encode() + b"\n\n" for value in odd]
    found += [told(str(value), index=value, delta=value) for value in odd]
    found += [told("content_block_delta", index=value, delta=value) for value in odd]
    return [*found, b"data: {\n\n", b"data: NaN\n\n", b"data:\n\n", b"data\n\n", b'data: {"choices":[{"delta":\n\n']


@pytest.mark.parametrize("way", WAYS)
async def test_fields_of_wrong_types_never_make_a_fault_of_the_house(
    small_hall: Hall, provider: Faulty, way: str
) -> None:
    key, claude = await small_hall.key(), WAYS[way][1] == "claude"
    whole = anthropic_stream("word") if claude else openai_stream("word")
    for odd in odd_chunks():
        for at in (1, 30):
            script = says(*whole[:at], odd, *whole[at:])
            answer = await called(small_hall, provider, way, script, stream=True, key=key)
            where = (odd, at, answer.status, answer.body[-300:])
            assert answer.status in {200, 502}, where
            assert b"own_trouble" not in answer.body, where
            assert b"the house made a mistake" not in answer.body, where


USAGE: tuple[str, ...] = ("-1", str(2**63), "NaN", "Infinity", "-Infinity", '"12"', "1.5", "1e400", "[]", "{}", "true")


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("way", WAYS)
async def test_impossible_counts_are_not_believed_and_the_answer_still_goes_out(
    small_hall: Hall, provider: Faulty, way: str, stream: bool
) -> None:
    key, claude = await small_hall.key(budget="1000"), WAYS[way][1] == "claude"
    name = "output_tokens" if claude else "completion_tokens"
    for count in USAGE:
        if stream:
            parts = anthropic_stream("word") if claude else openai_stream("word")
        else:
            parts = [json.dumps(message("word") if claude else completion("word")).encode()]
        told_so = [
            re.sub(rb'"%b": \d+' % name.encode(), b'"%b": %b' % (name.encode(), count.encode()), p) for p in parts
        ]
        answer = await called(small_hall, provider, way, says(*told_so), stream=stream, key=key)
        assert answer.status == 200, (count, answer.body)
        assert (heard(answer.body).text if stream else text_of(answer)).strip() == SAID, count
        assert not stream or heard(answer.body).errors == 0, (count, answer.body[-300:])
    await small_hall.settled()
    written = await rows(small_hall.database)
    assert len(written) == len(USAGE)
    for row in written:
        assert (row["status"], row["flaw"], row["estimated"]) == ("ok", "impossible_usage", True), row
        assert all(row[each] is None or 0 <= row[each] <= MOST_TOLD for each in USAGE_CLASSES[:10]), row
        assert 0 < row["cost"] < 10**9, row


@pytest.mark.parametrize("way", WAYS)
async def test_an_event_brings_the_client_nothing_but_what_its_dialect_knows(
    small_hall: Hall, provider: Faulty, way: str
) -> None:
    whole = anthropic_stream("word") if WAYS[way][1] == "claude" else openai_stream("word")
    evil = (
        b"event: execute\ndata: {\"type\":\"execute\",\"code\":\"alert(1)\"}\n\n",
        b"event: replace\nid: \x00\nretry: 1\n",  # the fields of the event after it
        b": so\nid: 5\nretry: 1\n\n",
        b"retry: 1\n\n",
        b"id: 7\n\n",
        b'data: {"type":"x\\n\\nevent: message_stop"}\n\n',
    )  # fmt: skip
    bare = whole[40].partition(b"data: ")[1] + whole[40].partition(b"data: ")[2]
    script = says(*whole[:30], evil[0], *whole[30:40], evil[1] + bare, *evil[2:], *whole[41:])
    answer = await called(small_hall, provider, way, script, stream=True)
    said = heard(answer.body)
    assert (said.text.strip(), said.errors, said.ended) == (SAID, 0, True), answer.body
    names = {line.partition(b":")[0] for line in answer.body.split(b"\n")}
    assert names <= {b"", b"data", b"event"}
    kinds = set(re.findall(rb"^event: ?(.*)$", answer.body, re.MULTILINE))
    assert kinds <= {told_kind.encode() for told_kind in ANTHROPIC_KINDS}
    assert b"execute" not in answer.body or way == "openai"  # there it is text that no client looks at


ANTHROPIC_KINDS = (
    "message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta",
    "message_stop", "ping",
)  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
async def test_a_word_that_looks_like_an_end_is_a_word(small_hall: Hall, provider: Faulty, way: str) -> None:
    claude = WAYS[way][1] == "claude"
    whole = anthropic_stream("word") if claude else openai_stream("word")
    end = "\n\ndata: [DONE]\n\nevent: message_stop\ndata: {}\n\n"
    fake = text_delta(end) if claude else chunk({"content": end})
    answer = await called(small_hall, provider, way, says(*whole[:30], fake), stream=True)
    said = heard(answer.body)
    assert end in said.text
    assert (said.errors, said.error_is_last, said.ended) == (1, True, False)


def _with_line_ends(end: bytes) -> Callable[[list[bytes]], list[bytes]]:
    return lambda parts: [part.replace(b"\n", end) for part in parts]


HARMLESS: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "as it is": lambda parts: parts,
    "blank lines": lambda parts: [b"\n\n", *[part + b"\n\n\n" for part in parts]],
    "comments": lambda parts: [piece for part in parts for piece in (b": hello\n\n", b": hello\n" + part)],
    "CRLF": _with_line_ends(b"\r\n"),
    "CR": _with_line_ends(b"\r"),
    "a byte order mark": lambda parts: [b"\xef\xbb\xbf", *parts],
    "no blank after the colon": lambda parts: [part.replace(b": {", b":{", 1) for part in parts],
    "unknown fields": lambda parts: [b"id: 5\nretry: 3\nx-y: z\n" + part for part in parts],
    "one read": lambda parts: [b"".join(parts)],
    "a byte a read": lambda parts: [bytes([byte]) for byte in b"".join(parts)],
    "more after the end": lambda parts: [*parts, b": bye\n\n", b"data: garbage\n\n"],
    "separators in text": lambda parts: [part.replace(b"word7 ", "word7\u2028\u0085 ".encode()) for part in parts],
}
USED_SO_FAR = (b'"choices"', b'"usage":{"prompt_tokens":10,"completion_tokens":54},"choices"')
OPENAI_ONLY: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "no end": lambda parts: parts[:-1],
    "no end and no usage": lambda parts: parts[:-2],
    "an end without usage": lambda parts: [*parts[:-2], parts[-1]],
    "an end without its blank line": lambda parts: [*parts[:-1], b"data: [DONE]\n"],
    "an end without a line": lambda parts: [*parts[:-1], b"data: [DONE]"],
    "usage in every chunk": lambda parts: [*[part.replace(*USED_SO_FAR) for part in parts[:-2]], *parts[-2:]],
}


@pytest.mark.parametrize("way", WAYS)
async def test_a_whole_stream_in_an_unusual_form_is_no_false_alarm(
    small_hall: Hall, provider: Faulty, way: str
) -> None:
    key, claude = await small_hall.key(), WAYS[way][1] == "claude"
    whole = anthropic_stream("word") if claude else openai_stream("word")
    forms = HARMLESS if claude else HARMLESS | OPENAI_ONLY
    for name, form in forms.items():
        answer = await called(small_hall, provider, way, says(*form(whole)), stream=True, key=key)
        assert answer.status == 200, (name, answer.body)
        said = heard(answer.body)
        assert (said.errors, said.text.replace("\u2028\u0085", "").strip()) == (0, SAID), (name, answer.body[-500:])
        assert said.finish in {"stop", "end_turn"}, name
    await small_hall.settled()
    assert {row["status"] for row in await rows(small_hall.database)} == {"ok"}


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "text/html", "x/y; charset=\xff", ""])
async def test_a_wrong_content_type_is_not_handed_on(small_hall: Hall, provider: Faulty, kind: str) -> None:
    script = says(*openai_stream("word"), kind=kind.encode("ascii", "replace").decode())
    answer = await called(small_hall, provider, "openai", script, stream=True)
    assert heard(answer.body).text.strip() == SAID
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"


async def test_what_follows_an_answer_is_never_the_next_ones(small_hall: Hall, provider: Faulty) -> None:
    key = await small_hall.key()
    stray = json.dumps(completion("stray")).encode()
    second = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(stray), stray)

    async def two_answers(wire: Wire) -> None:
        first = json.dumps(completion("word")).encode()
        await wire.head(framing=str(len(first)))
        await wire.raw_bytes(first + second)

    for _ in range(10):
        first = await called(small_hall, provider, "openai", two_answers, stream=False, key=key)
        after = await called(
            small_hall, provider, "openai", says(stray.replace(b"stray", b"next")), stream=False, key=key
        )
        for answer, mark in ((first, "word"), (after, "next")):
            assert b"stray" not in answer.body
            assert answer.status == 502 or text_of(answer).startswith(f"{mark}0"), answer.body
