"""Requests that are no good HTTP, made by a seed: each would call a model if a server read it kindly."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

BODY = json.dumps({"model": "mock/small", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 5}).encode()
_CONTROLS = [bytes([code]) for code in (*range(9), 10, 11, 12, 13, *range(14, 32), 127)]


@dataclass(frozen=True, slots=True)
class Good:
    """A request that works, in parts that can be spoiled; its headers come in any order and spelling."""

    key: str
    chance: random.Random

    def head(
        self, *more: bytes, line: bytes = b"POST /v1/chat/completions HTTP/1.1", host: bytes = b"host: x"
    ) -> bytes:
        own = [b"authorization: Bearer " + self.key.encode(), b"content-type: application/json", b"accept: */*"]
        own = [name.title() + b":" + value if self.chance.random() < 0.5 else name + b":" + value
               for name, _, value in (each.partition(b":") for each in own)]  # fmt: skip
        lines = [host, *own, *more]
        self.chance.shuffle(lines)
        return b"\r\n".join(each for each in (line, *lines) if each) + b"\r\n\r\n"

    @property
    def length(self) -> bytes:
        return b"content-length: %d" % len(BODY)

    def plain(self, **more: bytes) -> bytes:
        return self.head(self.length, **more) + BODY

    def chunked(self, size: bytes = b"%x" % len(BODY), end: bytes = b"\r\n", last: bytes = b"0\r\n\r\n") -> bytes:
        return self.head(b"transfer-encoding: chunked") + size + b"\r\n" + BODY + end + last


def malformed(key: str, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """So many requests, each with the name of what is wrong with it."""
    chance = random.Random(seed)
    good = Good(key, chance)
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        yield kind.__name__.strip("_"), kind(good, chance)


def _both_lengths(good: Good, chance: random.Random) -> bytes:
    coding = chance.choice(
        [b"transfer-encoding: chunked", b"Transfer-Encoding:chunked", b"TRANSFER-ENCODING:\tChunked"]
    )
    pair = [chance.choice([good.length, b"content-length: 0", b"Content-Length: 5"]), coding]
    chance.shuffle(pair)
    return good.head(*pair) + chance.choice([BODY, b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)])


def _two_lengths(good: Good, chance: random.Random) -> bytes:
    second = chance.choice([good.length, b"content-length: %d" % chance.randrange(9999), b"Content-length:0"])
    pair = [good.length, second]
    chance.shuffle(pair)
    return good.head(*pair) + BODY


def _odd_length(good: Good, chance: random.Random) -> bytes:
    size = len(BODY)
    odd = (
        b"+%d" % size, b"-%d" % size, b"0x%x" % size, b"%d, %d" % (size, size), b"", b"%d;" % size,
        b"%d %d" % (1, size), b"%d.0" % size, b"1e2", b"9" * chance.randrange(20, 400),
        b"\xef\xbc\x91", b"%d\x00" % size, b"chunked", b"'%d'" % size,
    )  # fmt: skip
    return good.head(b"content-length: " + chance.choice(odd)) + BODY


def _odd_coding(good: Good, chance: random.Random) -> bytes:
    odd = (
        b"xchunked", b"gzip, chunked", b"chunked, chunked", b"chunked, identity", b"identity", b"identity, chunked",
        b"\x0bchunked", b"chunked\x00", b"\"chunked\"", b"chunked;q=1", b"chunked,", b", chunked", b"gzip", b"c hunked",
        b"chunked\r\ntransfer-encoding: chunked", b"chunked\r\ntransfer-encoding: identity",
        b"deflate\r\ntransfer-encoding: chunked",
    )  # fmt: skip
    return good.head(b"transfer-encoding: " + chance.choice(odd)) + b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)


def _coding_of_old(good: Good, chance: random.Random) -> bytes:
    line = b"POST /v1/chat/completions HTTP/1.0"
    return good.head(b"transfer-encoding: chunked", line=line) + b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)


def _control(good: Good, chance: random.Random) -> bytes:
    """A control character, at any place of the head, put in or in place of what was there."""
    head, place = good.head(good.length), 0
    while head[place : place + 1] in (b"\r", b"\n") or not place:
        place = chance.randrange(1, len(head) - 4)
    return head[:place] + chance.choice(_CONTROLS) + head[place + chance.randrange(2) :] + BODY


def _lone_end(good: Good, chance: random.Random) -> bytes:
    """A line that does not end in CR LF."""
    lines = good.head(good.length).split(b"\r\n")
    spoilt = chance.randrange(len(lines) - 2)
    end = chance.choice([b"\n", b"\r", b"\n\r", b"\r\r\n"])
    return b"".join(line + (end if at == spoilt else b"\r\n") for at, line in enumerate(lines[:-1])) + BODY


def _folded(good: Good, chance: random.Random) -> bytes:
    return good.head(b"x-folded: one\r\n" + chance.choice([b" ", b"\t", b"  \t"]) + b"two", good.length) + BODY


def _odd_name(good: Good, chance: random.Random) -> bytes:
    names = (
        b"content-length ",
        b"x y",
        b"",
        b"x(y)",
        b"x@y",
        b"\xc3\xa9",
        b'"x"',
        b"x/y",
        b"x,y",
        b"[x]",
        b" x",
        b"x\x00",
    )
    return good.head(chance.choice(names) + b": 1", good.length) + BODY


def _odd_host(good: Good, chance: random.Random) -> bytes:
    hosts = (
        b"", b"host:", b"host: a\r\nhost: a", b"host: a\r\nHost: b", b"host: a b", b"host: a/b", b"host: a@b",
        b"host: a#b", b"host: a?b", b"host: [::1", b"host: a:b", b"host: a:99999999", b"host: a\\b", b"host: <a>",
        b"host: \xff", b"host: a,\tb",
    )  # fmt: skip
    return good.plain(host=chance.choice(hosts))


def _odd_line(good: Good, chance: random.Random) -> bytes:
    path = b"/v1/chat/completions"
    lines = (
        b"POST http://x" + path + b" HTTP/1.1", b"POST https://evil.example" + path + b" HTTP/1.1",
        b"OPTIONS * HTTP/1.1", b"POST * HTTP/1.1", b"CONNECT x:443 HTTP/1.1", b"TRACE " + path + b" HTTP/1.1",
        b"POST " + path + b" HTTP/2.0",
        b"POST " + path + b" HTTP/0.9", b"POST " + path + b" HTTP/1.9", b"POST " + path + b" HTTP/11", b"POST " + path,
        b"POST " + path + b" http/1.1", b"post " + path + b" HTTP/1.1", b"POST\t" + path + b" HTTP/1.1",
        b"POST " + path + b" HTTP/1.1 x", b"P\xc3\x96ST " + path + b" HTTP/1.1", b"POST v1/chat/completions HTTP/1.1",
        b"POST " + path + b"#x HTTP/1.1", b"POST " + path + b"%00 HTTP/1.1", b"POST " + path + b"\xff HTTP/1.1",
        b"SOURCE / ICE/1.0",
        b"POST " + path + b" RTSP/1.0", b"PRI * HTTP/2.0", b"BREW " + path + b" HTTP/1.1",
        b"POST /" + b"a" * 9000 + b" HTTP/1.1",
    )  # fmt: skip
    return good.plain(line=chance.choice(lines))


def _odd_chunk(good: Good, chance: random.Random) -> bytes:
    size = len(BODY)
    sizes = (
        b"zz", b"-1", b"0x%x" % size, b"%x " % size, b" %x" % size, b"+%x" % size, b"f" * 17, b"", b"%x\n" % size,
        b"%x\r" % size,
        b"%x;a\n=b" % size, b"%x;\x00" % size, b"%x\t" % size, b"1;" + b"a" * 10 + b"\x0b", b"%x" % (size - 1),
        b"%x" % (size // 2),
    )  # fmt: skip
    return good.chunked(size=chance.choice(sizes))


def _odd_chunk_end(good: Good, chance: random.Random) -> bytes:
    if chance.random() < 0.5:
        return good.chunked(end=chance.choice([b"\n", b"\r", b"xx", b"\r\r", b"\n\r\n", b"\x00\x00"]))
    return good.chunked(
        last=chance.choice([b"0\n\n", b"0\r\nbad trailer\r\n\r\n", b"0\r\nx: a\nb: c\r\n\r\n", b"0;\x00\r\n\r\n"])
    )


def _too_much(good: Good, chance: random.Random) -> bytes:
    many = [b"x-%d: y" % number for number in range(chance.randrange(101, 1500))]
    one = [b"x-big: " + b"a" * chance.randrange(33_000, 200_000)]
    return good.head(*chance.choice([many, one]), good.length) + BODY


def _not_http(good: Good, chance: random.Random) -> bytes:
    greetings = (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"SSH-2.0-x\r\n",
        b"\x00" * 20,
        b"EHLO x\r\n",
        b"{}\r\n",
        b"*1\r\n$4\r\nPING\r\n",
    )
    return chance.choice(greetings) + chance.randbytes(chance.randrange(200))


def _second_is_bad(good: Good, chance: random.Random) -> bytes:
    """Two at once: the second is hidden behind a first that is harmless."""
    return b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n" + chance.choice(KINDS[:-1])(good, chance)


KINDS: list[Callable[[Good, random.Random], bytes]] = [
    _both_lengths, _two_lengths, _odd_length, _odd_coding, _coding_of_old, _control, _lone_end, _folded, _odd_name,
    _odd_host,
    _odd_line, _odd_chunk, _odd_chunk_end, _too_much, _not_http, _second_is_bad,
]  # fmt: skip
