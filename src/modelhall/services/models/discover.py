"""Asks a profile's server which models it has."""

from dataclasses import dataclass

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
from modelhall.providers.prepare import discovery_request
from modelhall.providers.provider import DiscoveredModel, Provider
from modelhall.services.house import House

TRIES = 3
DEADLINES = Deadlines(connect=5, first_byte=10, idle=10, total=10)
MOST_BYTES = 4 * 1024 * 1024
AGAIN = (ProviderUnreachable, ProviderHungUp, ProviderBroke, DeadlineExceeded)


@dataclass(frozen=True, slots=True)
class Listing:
    """The models that a provider lists."""

    models: tuple[DiscoveredModel, ...]


async def discover(house: House, profile: Profile, provider: Provider) -> Listing | None:
    """Its list, after at most three tries of ten seconds; `None` where this kind of provider has none.

    Raises ProviderError and below, DeadlineExceeded, KeyMissing, AddressNotAllowed, EngineStarting, EngineFailed.
    """
    if provider.discovery is None:
        return None
    for number in range(1, TRIES + 1):
        try:
            return Listing(provider.discovery.read(await _list(house, profile, provider)))
        except AGAIN:
            if number == TRIES:
                raise
    return None


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
