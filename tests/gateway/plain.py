"""Requests that are plain, or nearly: what a fast lane takes, and what it must leave to the careful way."""

import json
import random
from collections.abc import Iterator

from tests.gateway.malformed import BODY, malformed

CHAT = b"/v1/chat/completions"
LAST = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
PATHS = (
    CHAT, CHAT, CHAT, b"/v1/messages", b"/v1/messages/count_tokens", b"/v1/embeddings", CHAT + b"?beta=true",
    CHAT + b"?a=%20", CHAT + b"/", b"//v1/chat/completions", b"/v1/nothing", b"/v1/%63hat/completions", b"/v1/models",
    CHAT + b"?", CHAT + b"?" + b"a" * 300, b"/V1/chat/completions",
)  # fmt: skip
LINES = ("POST {} HTTP/1.1", "POST {} HTTP/1.1", "POST {} HTTP/1.1", "GET {} HTTP/1.1", "POST {} HTTP/1.0")
MORE = (
    b"", b"", b"accept: */*", b"Connection: keep-alive", b"connection: Keep-Alive", b"connection: close",
    b"connection: keep-alive, te", b"connection: upgrade\r\nupgrade: h2c", b"proxy-connection: close",
    b"proxy-connection: keep-alive", b"expect: 100-continue", b"expect: nothing", b"te: trailers", b"trailer: x",
    b"origin: https://x.example", b"content-encoding: gzip", b"x-empty:", b"x-space:  two", b"x-tab:\tone",
    b"x-trailing: one ", b"x-trailing: one\t", b"x-text: \xc3\xa9", b"x-colon: a:b", b"x-twice: 1\r\nx-twice: 2",
    b"anthropic-beta: one", b"anthropic-beta: one\r\nAnthropic-Beta: two", b"x-api-key: other",
    b"authorization: Basic eA==", b"x-a: content-length: 5", b"content-type: application/json; charset=utf-8",
    b"x-" + b"a" * 300 + b": b", b"x-big: " + b"b" * 9000, b"\r\n".join(b"x-%d: y" % each for each in range(94)),
    b"host: x", b"x_under: 1", b"!#$%&'*+-.^_`|~: odd",
)  # fmt: skip
HOSTS = (b"host: x", b"Host: 127.0.0.1:8400", b"HOST:x", b"host: [::1]:8400", b"host: x ", b"host: a b", b"host: ")
LENGTHS = (
    "content-length: {}",
    "Content-Length:{}",
    "CONTENT-LENGTH: {}",
    "content-length:  {}",
    "content-length: 0{}",
)


def nearly_plain(key: str, count: int, seed: int) -> Iterator[bytes]:
    """So many requests, alone or several at once; the server closes after each of them."""
    chance = random.Random(seed)
    bad = malformed(key, count, seed)
    for number in range(count):
        asked = [_one(key, chance) for _ in range(chance.choice([1, 1, 1, 2, 3]))]
        if number % 4 == 0:
            asked.append(next(bad)[1])
        yield b"".join([*asked, LAST])


def plain(key: str, body: bytes = BODY, *more: bytes, path: bytes = CHAT) -> bytes:
    """A perfectly plain request."""
    lines = [b"POST %b HTTP/1.1" % path, b"host: x", b"authorization: Bearer " + key.encode(), *more]
    return b"\r\n".join([*lines, b"content-length: %d" % len(body), b"", b""]) + body


def _one(key: str, chance: random.Random) -> bytes:
    path, body = chance.choice(PATHS), _body(chance)
    line = chance.choice(LINES).format(path.decode()).encode()
    carried = chance.choice([b"authorization: Bearer " + key.encode()] * 4 + [b"X-Api-Key: " + key.encode(), b""])
    length = chance.choice((LENGTHS[0],) * 4 + LENGTHS).format(len(body)).encode()
    lines = [chance.choice((HOSTS[0],) * 4 + HOSTS), carried, length]
    lines += chance.sample(MORE, chance.choice([0, 0, 1, 1, 2, 3]))
    chance.shuffle(lines)
    return b"\r\n".join(each for each in (line, *lines) if each) + b"\r\n\r\n" + body


def _body(chance: random.Random) -> bytes:
    asked = json.loads(BODY)
    kinds = (BODY, BODY, json.dumps(asked | {"stream": True}), BODY + b" " * 5000, b"{", b"", b"x" * 20_000)
    chosen = chance.choice(kinds)
    return chosen if isinstance(chosen, bytes) else chosen.encode()
