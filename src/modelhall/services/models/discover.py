"""Asks a profile's server which models it has."""

import asyncio

from modelhall.domain.errors import (
    DeadlineExceeded,
    ModelhallError,
    ProviderBroke,
    ProviderBusy,
    ProviderError,
    ProviderHungUp,
    ProviderRefusedKey,
    ProviderUnreachable,
)
from modelhall.domain.library import Profile
from modelhall.gateway.outgoing import request_to
from modelhall.gateway.upstream import Deadlines
from modelhall.providers.lists import offered
from modelhall.providers.prepare import discovery_request
from modelhall.providers.provider import Discovery, Provider
from modelhall.services.house import House
from modelhall.services.models.listing import Listing, screened

TRIES = 3
DEADLINES = Deadlines(connect=5, first_byte=10, idle=10, total=10)
MOST_BYTES = 4 * 1024 * 1024
LONG = 64 * 1024
AGAIN = (ProviderUnreachable, ProviderHungUp, ProviderBroke, DeadlineExceeded)


async def discover(house: House, profile: Profile, provider: Provider) -> Listing | None:
    """Its list, after at most three tries of ten seconds; `None` where this kind of provider has none.

    Raises ProviderError and below, DeadlineExceeded, KeyMissing, AddressNotAllowed, EngineStarting, EngineFailed.
    """
    if provider.discovery is None:
        return None
    for number in range(1, TRIES + 1):
        try:
            return await _read(provider.discovery, await _list(house, profile, provider))
        except AGAIN:
            if number == TRIES:
                raise
    return None


async def _read(discovery: Discovery, body: bytes) -> Listing:
    """A long list is read beside the loop, so that calls go on meanwhile."""
    if len(body) < LONG:
        return _read_now(discovery, body)
    return await asyncio.to_thread(_read_now, discovery, body)


def _read_now(discovery: Discovery, body: bytes) -> Listing:
    return screened(discovery.read(body), offered(body) if discovery.one_each else None)


async def _list(house: House, profile: Profile, provider: Provider) -> bytes:
    line = house.lines.line_of(profile, provider)
    request = discovery_request(line.target, profile.base_url)
    if request is None:
        raise ProviderBroke(f"{provider.title} has no list of models")
    headers = {name: value for name, value in request.headers if name != "content-type"}
    asked = request_to(request.url, headers, None, private_allowed=line.private_allowed)
    async with house.upstream.send(asked, DEADLINES) as answer:
        if answer.status != 200:
            raise _refusal(profile, answer.status)
        answer.refuse_coding()
        return await answer.whole(MOST_BYTES)


def _refusal(profile: Profile, status: int) -> ModelhallError:
    where = f"the server of profile {profile.slug}"
    if status in {401, 403}:
        return ProviderRefusedKey(f"{where} does not take the profile's key (status {status}); give it another one")
    if status == 429:
        return ProviderBusy(f"{where} asked us to slow down", retry_after_s=30)
    if status >= 500:
        return ProviderBroke(f"{where} failed (status {status})")
    return ProviderError(f"{where} gives no list of models (status {status}); name the models you want")
