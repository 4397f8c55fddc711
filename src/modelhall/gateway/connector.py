"""Which addresses may be connected to. Every name is resolved once, checked, and connected to as it was checked.

The tables are our own (IANA's special-purpose registries for IPv4 and IPv6, read 2026-11): the standard library's
`is_global` misses several. docs/decisions/connector.md says why.
"""

import asyncio
import re
import socket
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from modelhall.domain.errors import AddressNotAllowed, ProviderUnreachable

NUMBER = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")
"""A host that ends so is an address, not a name (WHATWG URL, 3.5)."""
Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address
AddressInfo = tuple[int, int, int, str, tuple[object, ...]]
"""Family, kind, protocol, name and place of a socket, as `getaddrinfo` gives them."""

NEVER: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",  # "this network"; Linux takes 0.0.0.0 for itself
        # Link-local. 169.254.169.254 is the metadata service of AWS, Google, Azure, Oracle, IBM, DigitalOcean, Hetzner,
        # Linode, Vultr and OpenStack; 169.254.170.2 and .23 give credentials to ECS and EKS; 169.254.0.23 is Tencent's,
        # 169.254.42.42 Scaleway's.
        "169.254.0.0/16",
        "100.100.100.200/32",  # Alibaba Cloud's metadata service
        "168.63.129.16/32",  # Azure's wire server
        "192.0.0.192/32",  # Oracle's metadata service of old
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved; 255.255.255.255 is broadcast
        "::/128",  # unspecified; Linux takes it for itself
        "fe80::/10",  # link-local; fe80::a9fe:a9fe is OpenStack's and Hetzner's metadata service
        "fd00:ec2::/32",  # AWS: metadata at ::254, EKS's credentials at ::23
        "fd20:ce::254/128",  # Google's metadata service
        "fd00:c1::a9fe:a9fe/128",  # Oracle's
        "fd00:100::100:200/128",  # Alibaba Cloud's
        "fd00:42::42/128",  # Scaleway's
        "fd00:a9fe:a9fe::1/128",  # Linode's
        "ff00::/8",  # multicast
    )
)
"""Nobody's provider lives here."""

PRIVATE: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8",  # private use
        "100.64.0.0/10",  # shared by a carrier's customers (CGNAT)
        "127.0.0.0/8",  # this machine
        "172.16.0.0/12",  # private use
        "192.0.0.0/24",  # IETF's protocols
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112: answered by whoever is next
        "192.52.193.0/24",  # AMT: answered by whoever is next
        "192.88.99.0/24",  # relays from 6to4, given up
        "192.168.0.0/16",  # private use
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "2001::/23",  # IETF's protocols: Teredo, benchmarks, AMT, AS112, ORCHID, drones' ids
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: ends in an IPv4 network of anybody's
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
"""Somebody's own network: only with an admin's or the operator's explicit yes."""

GLOBAL_V6 = IPv6Network("2000::/3")
"""All of IPv6 that is given out to the world.

The rest needs a yes like PRIVATE: ::1, 100::/64, 5f00::/16, fc00::/7, fec0::/10 and what has no use yet.
"""
MAPPED, NAT64 = IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96")
AS_INSIDE = (MAPPED, NAT64)
"""Only other spellings of an IPv4 address, which alone decides."""
LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")
TEREDO, SIX_TO_FOUR = IPv6Network("2001::/32"), IPv6Network("2002::/16")
COMPATIBLE, TRANSLATED = IPv6Network("::/96"), IPv6Network("::ffff:0:0:0/96")
ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})
LEAST_INSIDE = 1 << 24
"""Below it are 0.0.0.0/8 and what a guess at the wrong layout reads out of zeros."""


def is_never(address: Address) -> bool:
    """Whether nothing may ever connect there."""
    return any(_within(each, NEVER) for each in (address, *inside(address)))


def is_private(address: Address) -> bool:
    """Whether a connection there needs an explicit yes."""
    if isinstance(address, IPv6Address) and address not in GLOBAL_V6 and not _within(address, AS_INSIDE):
        return True
    return any(_within(each, PRIVATE) for each in (address, *inside(address)))


def inside(address: Address) -> list[IPv4Address]:
    """The IPv4 addresses that an IPv6 address may carry; where a layout must be guessed, all that it may mean."""
    return [] if isinstance(address, IPv4Address) else [IPv4Address(each) for each in _carried(address)]


def _carried(address: IPv6Address) -> Iterator[int]:
    number = int(address)
    low = number & 0xFFFF_FFFF
    if _within(address, AS_INSIDE):
        yield low
    elif address in COMPATIBLE or address in TRANSLATED:
        yield from (low,) if low >= LEAST_INSIDE else ()
    elif address in SIX_TO_FOUR:
        yield number >> 80 & 0xFFFF_FFFF
    elif address in TEREDO:
        yield number >> 64 & 0xFFFF_FFFF  # the server
        yield low ^ 0xFFFF_FFFF  # the client, written upside down (RFC 4380, 4)
    elif address in LOCAL_NAT64:
        yield from (each for each in _nat64_layouts(number) if each >= LEAST_INSIDE)
    if number >> 32 & 0xFFFF_FFFF in ISATAP:
        yield low


def _nat64_layouts(number: int) -> Iterator[int]:
    """What RFC 6052 (2.2) reads with a prefix of 48, 56, 64 and 96 bits. Bits 64 to 71 are skipped."""
    packed = number.to_bytes(16)
    for place in (packed[6:8] + packed[9:11], packed[7:8] + packed[9:12], packed[9:13], packed[12:16]):
        yield int.from_bytes(place)


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks if network.version == address.version)


class Guard:
    """Says of each address whether it may be connected to."""

    def __init__(self, *, private_allowed: bool) -> None:
        self._private_allowed = private_allowed

    def check(self, host: str, address: Address) -> None:
        """Raises AddressNotAllowed unless a connection to this address is allowed."""
        if is_never(address):
            raise AddressNotAllowed(f"{host} leads to {address}, which is never called", details={"reason": "never"})
        if is_private(address) and not self._private_allowed:
            raise AddressNotAllowed(
                f"{host} leads to the private address {address}; "
                "an admin allows it with `modelhall profile edit ID --allow-private`"
            )

    def check_place(self, host: str, place: str) -> None:
        """The same for an address in the words of a socket. Raises AddressNotAllowed."""
        try:
            address = ip_address(place.partition("%")[0])
        except ValueError as error:
            # Numbers such as 2130706433 or 127.1, which the system's library would still turn into an address.
            raise AddressNotAllowed(f"{host[:80]} is no plain IP address and no name") from error
        self.check(host, address)

    def new_socket(self, info: AddressInfo) -> socket.socket:
        """A socket for a connection to that place. Nothing connects without having come by here."""
        family, kind, protocol, _, place = info
        self.check_place(str(place[0]), str(place[0]))
        return socket.socket(family, kind, protocol)


class CheckedResolver:
    """Resolves a name once and gives only addresses that may be connected to."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    async def resolve(self, host: str, port: int) -> list[AddressInfo]:
        """The checked addresses of a host, at least one.

        Raises AddressNotAllowed when any of them is not allowed, ProviderUnreachable when there is none.
        """
        if ":" in host or NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
            self._guard.check_place(host, host)  # the system's library reads 168.063.129.016 as another address
            return [_place_of(ip_address(host), port)]
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise ProviderUnreachable(f"{host} cannot be resolved: {error.strerror or error}") from error
        except UnicodeError as error:
            raise ProviderUnreachable(f"{host[:80]} is no name that can be resolved") from error
        for _, _, _, _, place in found:
            self._guard.check_place(host, str(place[0]))
        if not found:
            raise ProviderUnreachable(f"{host} cannot be resolved: it has no address")
        return list(found)


def _place_of(address: Address, port: int) -> AddressInfo:
    if isinstance(address, IPv4Address):
        return (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (str(address), port))
    return (socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (str(address), port, 0, 0))
