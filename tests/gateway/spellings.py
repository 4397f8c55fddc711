"""Spellings of addresses that nobody's provider has: what people and attackers write for the house's own network."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address

METADATA_V4 = (
    "169.254.169.254",
    "169.254.170.2",
    "169.254.170.23",
    "169.254.0.23",
    "169.254.42.42",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
)
METADATA_V6 = (
    "fd00:ec2::254",
    "fd00:ec2::23",
    "fd20:ce::254",
    "fd00:c1::a9fe:a9fe",
    "fd00:100::100:200",
    "fd00:42::42",
    "fd00:a9fe:a9fe::1",
    "fe80::a9fe:a9fe",
)
PRIVATE_V4 = (
    "127.0.0.1",
    "127.1.2.3",
    "127.255.255.254",
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "192.168.255.254",
    "100.64.0.1",
    "100.127.255.255",
    "192.0.0.1",
    "192.0.0.9",
    "192.0.0.170",
    "192.0.2.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.99.1",
    "192.175.48.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
)
NEVER_V4 = (
    *METADATA_V4,
    "0.0.0.0",
    "0.1.2.3",
    "169.254.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
)
PRIVATE_V6 = (
    "::1",
    "100::1",
    "100:0:0:1::1",
    "2001:1::1",
    "2001:2::1",
    "2001:3::1",
    "2001:4:112::1",
    "2001:10::1",
    "2001:20::1",
    "2001:30::1",
    "2001:db8::1",
    "2002:101:101::1",
    "2620:4f:8000::1",
    "3fff::1",
    "5f00::1",
    "4000::1",
    "8000::1",
    "fc00::1",
    "fd12:3456::1",
    "fdff::1",
    "fec0::1",
    "feff::1",
    "64:ff9b:1::1",
    "::5",
)
NEVER_V6 = (*METADATA_V6, "::", "fe80::1", "febf::1", "ff02::1", "ff0e::1")
NAMES = (
    "localhost",
    "LOCALHOST",
    "LocalHost",
    "localhost.",
    "localhost..",
    "lo\u0441alhost",
    "\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3",
    "\uff4c\uff4f\uff43\uff41\uff4c\uff48\uff4f\uff53\uff54",
    "localhost%00",
    "localhost%2e",
    "%6cocalhost",
    "127.0.0.1.",
    "127.0.0.1..",
    "127.0.0.1%00",
    "127.0.0.1%20",
    "127%2e0%2e0%2e1",
    "\uff11\uff12\uff17.\uff10.\uff10.\uff11",
    "\u2460\u2461\u2466.\u24ea.\u24ea.\u2460",
    "127\u30020\u30020\u30021",
    "127\uff0e0\uff0e0\uff0e1",
    "127\uff610\uff610\uff611",
    "\u0661\u0662\u0667.\u0660.\u0660.\u0661",
    "1.1.1.1@127.0.0.1",
    "1.1.1.1:80@127.0.0.1",
    "127.0.0.1#@1.1.1.1",
    "127.0.0.1\\@1.1.1.1",
    "127.0.0.1\t",
    "127.0.\n0.1",
    "[::1%25lo]",
    "[::1%lo]",
    "[::1%1]",
    "[fe80::1%25lo]",
    "[fe80::1%lo]",
    "[fe80::a9fe:a9fe%25eth0]",
    "[0:0:0:0:0:0:0:1]",
    "[0000:0000:0000:0000:0000:0000:0000:0001]",
    "[::0001]",
    "[::127.0.0.1]",
    "[::]",
    "0",
    "0x0",
    "00",
    "0.0",
)


def v4_forms(text: str) -> tuple[str, ...]:
    """One IPv4 address in the spellings that the C library understands, and some that none should."""
    number = int(IPv4Address(text))
    a, b, c, d = (number >> shift & 255 for shift in (24, 16, 8, 0))
    return (
        text,
        str(number),
        hex(number),
        f"0{number:o}",
        f"{a}.{number & 0xFFFFFF}",
        f"{a}.{b}.{number & 0xFFFF}",
        f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
        f"0x{a:x}.0x{b:x}.0x{c:x}.0x{d:x}",
        f"0x{a:X}.{b}.0{c:o}.{d}",
        f"{a:03}.{b:03}.{c:03}.{d:03}",
        f"{a + 256}.{b}.{c}.{d}",
    )


def in_v6(text: str) -> tuple[str, ...]:
    """One IPv4 address inside IPv6: mapped, compatible, translated, NAT64 in each layout, 6to4, Teredo, ISATAP."""
    number = int(IPv4Address(text))
    high, low = number >> 16, number & 0xFFFF
    a, b, c, d = (number >> shift & 255 for shift in (24, 16, 8, 0))
    upside = number ^ 0xFFFFFFFF
    return (
        f"::ffff:{text}",
        f"::ffff:{high:x}:{low:x}",
        f"::{high:x}:{low:x}",
        f"::ffff:0:{high:x}:{low:x}",
        f"64:ff9b::{high:x}:{low:x}",
        f"64:ff9b:1::{high:x}:{low:x}",
        f"64:ff9b:1:{high:x}:{c:x}:{d << 8:x}::",
        f"64:ff9b:1:{a:x}:{b:x}:{c << 8 | d:x}::",
        f"64:ff9b:1:0:{a:x}:{b << 8 | c:x}:{d << 8:x}:0",
        f"2002:{high:x}:{low:x}::1",
        f"2001:0:{high:x}:{low:x}::fefe:fefe",
        f"2001:0:101:101::{upside >> 16:x}:{upside & 0xFFFF:x}",
        f"2606:4700::5efe:{high:x}:{low:x}",
        f"2606:4700::200:5efe:{high:x}:{low:x}",
    )


def never_hosts() -> tuple[str, ...]:
    """Hosts that are never connected to, yes or no."""
    metadata = METADATA_V4[0], METADATA_V4[5], METADATA_V4[6]
    return tuple(
        dict.fromkeys(
            (
                *NEVER_V4,
                *(form for each in metadata for form in v4_forms(each)),
                *_bracketed(NEVER_V6),
                *_bracketed(form for each in metadata for form in in_v6(each)),
            )
        )
    )


def hosts() -> tuple[str, ...]:
    """All of them, each once."""
    told = (
        *never_hosts(),
        *PRIVATE_V4,
        *(form for each in ("127.0.0.1", "10.0.0.1", "192.168.0.1") for form in v4_forms(each)),
        *_bracketed(PRIVATE_V6),
        *_bracketed(form for each in ("127.0.0.1", "10.0.0.1", "192.168.0.1") for form in in_v6(each)),
        *NAMES,
    )
    return tuple(dict.fromkeys(told))


def _bracketed(addresses: Iterable[str]) -> Iterator[str]:
    return (f"[{each}]" for each in addresses)


DECORATIONS = (
    "http://{host}",
    "http://{host}:8080/v1",
    "https://{host}:443/v1/",
    "HTTP://{host}/v1",
    "http://user@{host}/",
    "http://user:word@{host}:80",
    "http://other.example@{host}",
    "http://{host}@other.example",
    "http://{host}\\@other.example/",
    "http://other.example\\@{host}/",
    "http://{host}#@other.example/",
    "http://{host}?@other.example/",
    "http://{host}:80:81/",
    "http://{host}:080/",
    "http://{host}:",
    "http://{host}:+80",
    "http://{host}:8_0",
    "http://{host}:\u0668\u0660",
    "http://{host}:0",
    "http://{host}:65536",
    "http://{host}%2f.other.example/",
    "http://{host}%00.other.example/",
    "http://{host}\t.other.example/",
    "http://{host}\n/v1",
    "http://{host};other.example/",
    "http://{host},other.example/",
    "http:///{host}/",
    "http:/{host}/",
    "http:{host}/",
    "http://{host}//other.example/",
    "http://{host}/../../other.example",
    "http://{host}/%2e%2e/x",
    "//{host}/",
    "{host}",
    "ftp://{host}/",
    "file://{host}/etc/passwd",
    "gopher://{host}:70/",
    "unix://{host}",
    "ws://{host}/",
    "http+unix://{host}/",
    "http://[{host}]/",
    "http://{host}\u3002other.example/",
    " http://{host}/v1 ",
)
AMBIGUOUS_HOSTS = (
    "one.example",
    "ONE.Example",
    "gpu-box",
    "gpu_box",
    "1.1.1.1",
    "1.1",
    "0x1.1",
    "01.01.01.01",
    "16843009",
    "[2606:4700::1111]",
    "[2606:4700::1111%25lo]",
    "[::FFFF:1.1.1.1]",
    "one.example.",
    "b\u00fccher.example",
    "xn--bcher-kva.example",
    "xn--a.example",
    "-one.example",
    "one..example",
    "one.0x7f",
)


def ambiguous_urls() -> tuple[str, ...]:
    """URLs on which readers of URLs are known to disagree, and plain ones among them."""
    urls = (each.replace("{host}", host) for host in (*AMBIGUOUS_HOSTS, "127.0.0.1") for each in DECORATIONS)
    return tuple(dict.fromkeys(urls))
