"""Closes the network for tests: only loopback and local sockets are left."""

from __future__ import annotations

import ipaddress
import re
import sys

LOCAL_NAMES = frozenset({"", "localhost", "ip6-localhost", "127.0.0.1", "::1", "0.0.0.0", "::"})


class NetworkClosed(RuntimeError):
    """A test tried to leave this machine."""


def close_the_network() -> None:
    """From now on this process may connect to loopback only. An audit hook cannot be taken away, which is the point."""
    sys.addaudithook(refuse_to_leave)


ODD_ADDRESS = re.compile(r"0x[0-9a-fA-F]+|[0-9.]+|localhost\.")
"""Spellings of IPv4 addresses that the system's library understands without asking anybody."""


def refuse_to_leave(event: str, arguments: tuple[object, ...]) -> None:
    """Raise NetworkClosed for a connection, datagram or name look-up that leaves this machine."""
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) and address else ""
        if isinstance(host, str) and not is_loopback(host):
            raise NetworkClosed(f"Tests may not connect to {host}: use a server on loopback.")
    elif event == "socket.getaddrinfo":
        host = arguments[0]
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host or "")
        if not is_loopback(name) and not is_address(name) and not ODD_ADDRESS.fullmatch(name):
            raise NetworkClosed(f"Tests may not look up {name}: use an address, or a resolver of your own.")


def is_loopback(host: str) -> bool:
    """Whether the host is this machine."""
    return host.lower() in LOCAL_NAMES or (is_address(host) and ipaddress.ip_address(host.split("%")[0]).is_loopback)


def is_address(host: str) -> bool:
    """Whether the host is an IP address, which needs no look-up."""
    try:
        ipaddress.ip_address(host.split("%")[0])
    except ValueError:
        return False
    return True
