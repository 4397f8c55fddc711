"""Which addresses may be connected to. Every name is resolved once, checked, and connected to as it was checked.

The tables are our own (IANA special-purpose registries, read 2026-11): the standard library's `is_global` misses
several.
"""

import asyncio
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp.abc import AbstractResolver, ResolveResult

from modelhall.domain.errors import AddressNotAllowed, ProviderUnreachable

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

NEVER: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "169.254.0.0/16",  # link-local: most clouds' metadata service
        "100.100.100.200/32",  # Alibaba Cloud's metadata service
        "168.63.129.16/32",  # Azure's wire server
        "192.0.0.192/32",  # Oracle Cloud's metadata service
        "0.0.0.0/8",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "fe80::/10",
        "fd00:ec2::/32",  # Amazon's metadata service
        "ff00::/8",
        "::/128",
    )
)
"""Nobody's provider lives here."""

PRIVATE: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "::1/128",
        "100::/64",
        "2001::/23",
        "2001:db8::/32",
        "2620:4f:8000::/48",
        "3fff::/20",
        "5f00::/16",
        "fc00::/7",
        "fec0::/10",
    )
)
"""Somebody's own network: only with an admin's or the operator's explicit yes."""

_V4_INSIDE_V6: tuple[tuple[IPv6Network, int], ...] = (
    (IPv6Network("::ffff:0:0/96"), 0),
    (IPv6Network("::/96"), 0),
    (IPv6Network("64:ff9b::/96"), 0),
    (IPv6Network("64:ff9b:1::/48"), 0),
    (IPv6Network("2002::/16"), 80),
)
"""Networks of IPv6 that carry an IPv4 address, and how far it stands from the right, in bits."""


def is_never(address: Address) -> bool:
    """Whether nothing may ever connect there."""
    return any(_within(each, NEVER) for each in _faces(address))


def is_private(address: Address) -> bool:
    """Whether a connection there needs an explicit yes."""
    return any(_within(each, PRIVATE) for each in _faces(address))


def _faces(address: Address) -> list[Address]:
    """The address, and the IPv4 address inside it where it carries one."""
    faces: list[Address] = [address]
    if isinstance(address, IPv6Address):
        for network, shift in _V4_INSIDE_V6:
            if address in network and int(address) > 1:
                faces.append(IPv4Address(int(address) >> shift & 0xFFFFFFFF))
    return faces


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks if network.version == address.version)


class CheckedResolver(AbstractResolver):
    """Resolves a name once and gives only addresses that may be connected to."""

    def __init__(self, *, private_allowed: bool) -> None:
        self._private_allowed = private_allowed

    def check(self, host: str, address: Address) -> None:
        """Raises AddressNotAllowed unless a connection to this address is allowed."""
        if is_never(address):
            raise AddressNotAllowed(f"{host} leads to {address}, which is never called")
        if is_private(address) and not self._private_allowed:
            raise AddressNotAllowed(
                f"{host} leads to the private address {address}; "
                "an admin allows it with `modelhall profile edit ID --allow-private`"
            )

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The checked addresses of a host. Raises AddressNotAllowed when any of them is not allowed."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        except OSError as error:
            raise ProviderUnreachable(f"{host} cannot be resolved: {error.strerror or error}") from error
        except UnicodeError as error:
            raise ProviderUnreachable(f"{host[:80]} is no name that can be resolved") from error
        results: list[ResolveResult] = []
        for kind, _, protocol, _, place in found:
            text = str(place[0])
            self.check(host, ip_address(text.partition("%")[0]))
            results.append(
                ResolveResult(
                    hostname=host, host=text, port=port, family=kind, proto=protocol, flags=socket.AI_NUMERICHOST
                )
            )
        return results

    async def close(self) -> None:
        """Nothing is kept."""
