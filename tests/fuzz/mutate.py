"""Spoils inputs: single bytes, the marks that readers look for, and the values inside JSON."""

import json
import random
from collections.abc import Callable, Sequence

from tests.dialects.translate.test_hostile import spoiled

MARKS: tuple[bytes, ...] = (
    b"\n",
    b"\n\n",
    b"\r",
    b"\r\n",
    b"\r\r",
    b"\xef\xbb\xbf",
    b"\x00",
    b":",
    b": ping\n\n",
    b" ",
    b"data:",
    b"data: ",
    b"\ndata: ",
    b"event: ",
    b"event: execute\n",
    b"event: error\n",
    b"event: message_stop\n",
    b"id: \x00\n",
    b"id: 7\n",
    b"retry: 1\n",
    b"error: no\n",
    b"[DONE]",
    b"data: [DONE]\n\n",
    b"data: null\n\n",
    b'data: {"type":"message_stop"}\n\n',
    b'{"error":{"message":"no"}}',
    b'{"error":"no"}',
    b"data: 5\n\n",
    b"NaN",
    b"Infinity",
    b"-Infinity",
    b"1e400",
    b"-1",
    b"9223372036854775808",
    b"1.5",
    b'"12"',
    b"null",
    b"true",
    b"{}",
    b"[]",
    b'""',
    b"\\ud800",
    b"\\u0000",
    b"\\n\\n",
    b'\\"',
    b"\xe2\x80\xa8",
    b"\xc2\x85",
    b"\xff",
    b"\xf0\x9f",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b'"',
    b"\\",
    b'"finish_reason":"stop"',
    b'"finish_reason":"error"',
    b'"index":1',
    b'"index":-1',
    b'"usage":{"prompt_tokens":-1}',
    b'"usage":"x"',
    b'"choices":[]',
    b'"choices":{}',
    b'"delta":null',
    b'"model":1',
    b'"type":"x\\nretry: 1"',
    b'"type":"x\\n\\ndata: [DONE]"',
    b'"content":[{"type":"text","text":"x"}]',
    b'"stream":true',
)

RARELY = 0.05
"""Large inputs take a second for what small ones do in a moment."""
OFTEN, DEEP = (50, 1000), (3000, 100_000)

Mutation = Callable[[bytes, random.Random, Sequence[bytes]], bytes]


def mutated(data: bytes, pick: random.Random, pool: Sequence[bytes]) -> bytes:
    """The input, spoiled in one to four ways; at most 256 kB."""
    for _ in range(pick.choice((1, 1, 1, 2, 3, 4))):
        data = pick.choice(MUTATIONS)(data, pick, pool)
    return data[: 256 * 1024]


def _byte(data: bytes, pick: random.Random, pool: Sequence[bytes]) -> bytes:
    del pool
    at = pick.randrange(len(data) + 1)
    return data[:at] + bytes([pick.randrange(256)]) + data[at + 1 :]


def _mark(data: bytes, pick: random.Random, pool: Sequence[bytes]) -> bytes:
    del pool
    at = pick.randrange(len(data) + 1)
    return data[:at] + pick.choice(MARKS) + data[at + pick.choice((0, 0, 1, 4)) :]


def _without(data: bytes, pick: random.Random, pool: Sequence[bytes]) -> bytes:
    del pool
    at = pick.randrange(len(data) + 1)
    return data[:at] + data[at + pick.choice((1, 2, 8, 64, 512)) :]


def _again(data: bytes, pick: random.Random, pool: Sequence[bytes]) -> bytes:
    del pool
    at = pick.randrange(len(data) + 1)
    piece = data[at : at + pick.choice((1, 2, 8, 64, 512))]
    return data[:at] + piece * pick.choice(OFTEN if pick.random() < RARELY else (2, 2, 3, 20)) + data[at:]


def _crossed(data: bytes, pick: random.Random, pool: Sequence[bytes]) -> bytes:
    other = pick.choice(pool)
    return data[: pick.randrange(len(data) + 1)] + other[pick.randrange(len(other) + 1) :]


def _deep(data: bytes, pick: random.Random, pool: Sequence[bytes]) -> bytes:
    del pool
    at, depth = pick.randrange(len(data) + 1), pick.choice(DEEP if pick.random() < RARELY else (3, 30, 900))
    opening, closing = pick.choice(((b"[", b"]"), (b'{"a":', b"}")))
    middle = b"0" if opening != b"[" else b""
    return data[:at] + opening * depth + middle + closing * depth + data[at:]


def _line_ends(data: bytes, pick: random.Random, pool: Sequence[bytes]) -> bytes:
    del pool
    return data.replace(b"\n", pick.choice((b"\r", b"\r\n")), pick.choice((1, -1)))


def _value(data: bytes, pick: random.Random, pool: Sequence[bytes]) -> bytes:
    """One value somewhere in the JSON of the input, or of one of its events, is replaced by an odd one."""
    del pool
    events = data.split(b"\n\n")
    at = pick.randrange(len(events))
    head, found, tail = events[at].partition(b"data: ")
    text = tail if found else head
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return data
    if isinstance(value, dict | list):
        value = spoiled(value, pick)
    changed = json.dumps(value, ensure_ascii=pick.random() < 0.5).encode("utf-8", "replace")
    events[at] = head + found + changed if found else changed
    return b"\n\n".join(events)


MUTATIONS: tuple[Mutation, ...] = (
    _byte,
    _mark,
    _mark,
    _mark,
    _without,
    _again,
    _crossed,
    _deep,
    _line_ends,
    _value,
    _value,
    _value,
    _value,
)
