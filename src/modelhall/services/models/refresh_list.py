"""Asks a profile's provider for its list and keeps the answer, or why there is none, beside the last good list."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from secrets import SystemRandom

from modelhall.domain.errors import ModelhallError, OwnTrouble, ProviderBroke
from modelhall.domain.library import Profile
from modelhall.domain.people import Actor, Role
from modelhall.providers.provider import Provider
from modelhall.services.house import House
from modelhall.services.models.discover import discover
from modelhall.services.models.last_listing import last_listing
from modelhall.services.models.list_state import ListState, state_of
from modelhall.services.models.listing import Listing, differences, pack, unpack_or_nothing
from modelhall.services.models.renew_models import renew_models
from modelhall.services.profiles.find_profile import find_profile
from modelhall.services.rights import require
from modelhall.storage import known_lists, profiles
from modelhall.storage.known_lists import Difference, NewList

USUAL_HOURS = 6.0
LOOK_S = 15.0
AT_ONCE = 8
LEASE = timedelta(minutes=2)
"""Longer than three tries can take."""
FIRST_PAUSE = timedelta(minutes=5)
JITTER = 0.15

log = logging.getLogger(__name__)


async def refresh_list(house: House, actor: Actor, slug: str) -> ListState:
    """Ask now, and say what is known then: a provider's failure is told beside the list that was known before.

    Raises RoleTooLow, NotFound.
    """
    require(actor, Role.MEMBER)
    async with house.database.read() as connection:
        profile = await find_profile(connection, actor.organisation_id, slug)
    provider = house.providers.get(profile.provider)
    if provider is not None and has_list(provider):
        await _ask(house, profile, provider, USUAL_HOURS)
    async with house.database.read() as connection:
        return state_of(house, profile, await known_lists.read_list(connection, profile.id))


async def keep_lists_fresh(house: House, hours: Callable[[], float]) -> None:
    """Until it is cancelled: asks every provider about that often, and never waits for one before another; 0: never."""
    asking: set[asyncio.Task[None]] = set()
    turn = asyncio.Semaphore(AT_ONCE)
    try:
        await renew_all(house)
        while True:
            await asyncio.sleep(LOOK_S * _jitter())
            try:
                for profile, provider in await _due(house) if hours() > 0 else ():
                    task = asyncio.create_task(_in_turn(turn, house, profile, provider, hours()))
                    asking.add(task)
                    task.add_done_callback(asking.discard)
            except ModelhallError as error:
                log.warning("providers' lists were not looked at: %s", error.message, extra={"code": error.code})
    finally:
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)


async def renew_all(house: House) -> None:
    """Bring every model up to what its provider listed last and what this version's catalog says."""
    try:
        async with house.database.read() as connection:
            known = await profiles.all_profiles(connection)
        for profile in known:
            await renew_models(house, profile, await last_listing(house, profile))
    except ModelhallError as error:
        log.warning("models were not all renewed: %s", error.message, extra={"code": error.code})


async def refresh_due(house: House, hours: float = USUAL_HOURS) -> None:
    """Ask every provider whose list is due, at once."""
    turn = asyncio.Semaphore(AT_ONCE)
    asked = [_in_turn(turn, house, profile, provider, hours) for profile, provider in await _due(house)]
    await asyncio.gather(*asked)


def has_list(provider: Provider) -> bool:
    """Whether this kind of provider has a list to ask for; the built-in model's is known."""
    return provider.discovery is not None and not provider.supervised


async def _due(house: House) -> list[tuple[Profile, Provider]]:
    async with house.database.read() as connection:
        ids = await known_lists.due_profiles(connection, house.clock())
        found = [await profiles.get_profile(connection, profile_id) for profile_id in ids]
    known = [(profile, house.providers.get(profile.provider)) for profile in found if profile is not None]
    asked = [(profile, provider) for profile, provider in known if provider is not None and has_list(provider)]
    return [each for each in asked if await _claimed(house, each[0])]


async def _claimed(house: House, profile: Profile) -> bool:
    """Whether this process asks; with several of them, one does."""
    async with house.database.write() as connection:
        return await known_lists.claim(connection, profile, house.clock(), house.clock() + LEASE)


async def _in_turn(turn: asyncio.Semaphore, house: House, profile: Profile, provider: Provider, hours: float) -> None:
    async with turn:
        try:
            await _ask(house, profile, provider, hours)
        except ModelhallError as error:
            log.warning("the list of %s was not kept: %s", profile.slug, error.message, extra={"code": error.code})


async def _ask(house: House, profile: Profile, provider: Provider, hours: float) -> None:
    try:
        listing = await _listing(house, profile, provider)
    except ModelhallError as error:
        await _keep_error(house, profile, error, hours)
    else:
        await _keep(house, profile, listing, hours)


async def _listing(house: House, profile: Profile, provider: Provider) -> Listing:
    try:
        listing = await discover(house, profile, provider)
    except ModelhallError:
        raise
    except Exception as error:
        log.exception("the list of %s could not be read", profile.slug)
        raise OwnTrouble("the list could not be read; the log says why") from error
    if listing is None:
        raise ProviderBroke(f"{provider.title} has no list of models")
    if not listing.models and (listing.left_out or not (provider.free or provider.local)):
        # A vendor that lists nothing has a bad day; what was listed before says more.
        raise ProviderBroke(f"the server of profile {profile.slug} lists no model that can be used")
    return listing


async def _keep(house: House, profile: Profile, listing: Listing, hours: float) -> None:
    at = house.clock()
    async with house.database.write() as connection:
        packed = await known_lists.read_models(connection, profile.id, for_update=True)
        new, changes = await asyncio.to_thread(_compared, packed, listing)
        due_at = at + timedelta(hours=hours) * _jitter()
        await known_lists.keep_list(connection, profile, new, at=at, due_at=due_at)
        await known_lists.append_changes(connection, profile, at, changes)
    await renew_models(house, profile, listing.models)


def _compared(packed: bytes | None, listing: Listing) -> tuple[NewList, list[Difference]]:
    """Beside the loop: lists may be long."""
    before = unpack_or_nothing(packed)
    # Everything is new in a first list, which tells nobody anything.
    changes, counts = differences(listing.models if before is None else before, listing.models)
    return NewList(pack(listing.models), len(listing.models), listing.left_out, counts), changes


async def _keep_error(house: House, profile: Profile, error: ModelhallError, hours: float) -> None:
    at = house.clock()
    async with house.database.write() as connection:
        known = await known_lists.read_list(connection, profile.id)
        due_at = at + _pause(known.failures if known else 0, hours)
        await known_lists.keep_error(connection, profile, (error.code, error.message), at=at, due_at=due_at)


def _pause(failures: int, hours: float) -> timedelta:
    """Twice as long after each failure, until it is as long as between good lists."""
    return min(FIRST_PAUSE * 2 ** min(failures, 10), timedelta(hours=hours)) * _jitter()


def _jitter() -> float:
    """So that many processes and profiles do not ask at the same moment."""
    return SystemRandom().uniform(1 - JITTER, 1 + JITTER)
