"""Makes connections: each address in its turn, checked before and after, the next one when one keeps us waiting."""

import asyncio
import os
import socket
import ssl
from collections.abc import Callable, Sequence
from itertools import chain, zip_longest

from modelhall.domain.errors import ProviderUnreachable
from modelhall.gateway.connector import AddressInfo, CheckedResolver, Guard
from modelhall.gateway.outgoing import Endpoint
from modelhall.gateway.wire import Wire

NEXT_AFTER_S = 0.25
"""How long one address is waited for before the next one is tried beside it (RFC 8305, 5)."""


async def dial(endpoint: Endpoint, trust: ssl.SSLContext, told: Callable[[Wire], None]) -> Wire:
    """A new connection; cancel it to give up. Raises AddressNotAllowed, ProviderUnreachable."""
    loop = asyncio.get_running_loop()
    guard = Guard(private_allowed=endpoint.private_allowed)
    places = in_turn(await CheckedResolver(guard).resolve(endpoint.host, endpoint.port))
    wire = Wire(endpoint, loop, told)
    secure = endpoint.scheme == "https"
    try:
        connected = await first_connected(places, guard)
        try:
            guard.check_place(endpoint.host, str(connected.getpeername()[0]))
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await loop.create_connection(
                lambda: wire,
                sock=connected,
                ssl=trust if secure else None,
                server_hostname=endpoint.host if secure else None,
            )
        except BaseException:
            connected.close()
            raise
    except (OSError, ssl.CertificateError) as error:
        raise ProviderUnreachable(f"no connection to the provider: {cause_of(error)}") from error
    return wire


def in_turn(places: Sequence[AddressInfo]) -> list[AddressInfo]:
    """The families by turns, so that one that leads nowhere costs one wait (RFC 8305, 4)."""
    first = [place for place in places if place[0] == places[0][0]]
    others = [place for place in places if place[0] != places[0][0]]
    return [place for place in chain(*zip_longest(first, others)) if place is not None]


async def first_connected(places: Sequence[AddressInfo], guard: Guard) -> socket.socket:
    """A socket to the first address that answers. Raises AddressNotAllowed, the OSError of the first that failed."""
    if len(places) == 1:
        return await _connected(places[0], guard)
    tries: set[asyncio.Task[socket.socket]] = set()
    failed: list[BaseException] = []
    left = list(places)
    try:
        while left or tries:
            if left:
                tries.add(asyncio.create_task(_connected(left.pop(0), guard)))
            wait = NEXT_AFTER_S if left else None
            done, tries = await asyncio.wait(tries, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
            won = [each for each in done if each.exception() is None]
            failed += [error for each in done if (error := each.exception()) is not None]
            if won:
                tries.update(won[1:])
                return won[0].result()
        raise failed[0]
    finally:
        for each in tries:
            each.add_done_callback(_closed)
            each.cancel()


async def _connected(place: AddressInfo, guard: Guard) -> socket.socket:
    attempt = guard.new_socket(place)
    try:
        attempt.setblocking(False)
        await asyncio.get_running_loop().sock_connect(attempt, place[4])
    except BaseException:
        attempt.close()
        raise
    return attempt


def _closed(late: asyncio.Task[socket.socket]) -> None:
    """A connection that is no longer wanted."""
    if not late.cancelled() and late.exception() is None:
        late.result().close()


def cause_of(error: OSError | ValueError) -> str:
    """The cause in a few words, without the address it happened at."""
    if isinstance(error, ssl.SSLCertVerificationError):
        foreign = error.verify_code in {62, 64}  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
        return f"its certificate is {'for another host' if foreign else f'not trusted ({error.verify_message})'}"
    if isinstance(error, ssl.SSLError):
        return f"no TLS with it ({str(error.reason or 'handshake failed').replace('_', ' ').lower()})"
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return "it closed the connection" if isinstance(error, ConnectionError) else type(error).__name__
