"""Makes a profile of an Ollama on this machine, if one answers."""

from modelhall.domain.errors import ModelhallError, ProviderBroke
from modelhall.gateway.outgoing import request_to
from modelhall.gateway.upstream import Deadlines
from modelhall.providers.addresses import base_url_in, url_of
from modelhall.providers.provider import Discovery
from modelhall.services.house import House
from modelhall.services.profiles.profile_view import told
from modelhall.services.profiles.profile_words import checked_base_url
from modelhall.services.start.find_environment import ENVIRONMENT
from modelhall.services.start.first_start import system_actor
from modelhall.storage import profiles
from modelhall.storage.profiles import ProfileDraft

NAME = "ollama"
QUICKLY = Deadlines(connect=0.3, first_byte=0.3, idle=0.3, total=0.3)
MOST_BYTES = 4 * 1024 * 1024


async def find_ollama(house: House) -> bool:
    """Whether a profile was made. Run it beside the start: it waits up to 300 ms, and is content when nobody answers.

    Asks where `OLLAMA_HOST` says, else on loopback; both are the operator's own words, so a private address is fine.
    """
    provider = house.providers.get(NAME)
    actor = system_actor(house.operator)
    if provider is None or provider.discovery is None:
        return False
    async with house.database.read() as connection:
        if await profiles.profile_by_slug(connection, actor.organisation_id, NAME) is not None:
            return False
    try:
        base_url = checked_base_url(provider, base_url_in(provider, house.credentials.environment))
        await _answer_of(house, provider.discovery, url_of(provider, base_url, provider.discovery.path))
    except ModelhallError:
        return False
    async with house.database.change(actor) as change:
        if await profiles.profile_by_slug(change.connection, actor.organisation_id, NAME) is not None:
            change.nothing()
            return False
        draft = ProfileDraft(
            organisation_id=actor.organisation_id,
            slug=NAME,
            provider=provider.name,
            name=provider.title,
            base_url=base_url,
            origin=ENVIRONMENT,
            allow_private=True,
        )
        profile = await profiles.insert_profile(change.connection, draft)
        await change.audit("profile.add", "profile", profile.id, profile.slug, after=told(profile))
    return True


async def _answer_of(house: House, discovery: Discovery, url: str) -> None:
    """Raises what stands in the way: nobody there, or somebody who is no Ollama."""
    async with house.upstream.send(request_to(url, {}, None, private_allowed=True), QUICKLY) as answer:
        if answer.status != 200:
            raise ProviderBroke("this is no Ollama")
        answer.refuse_coding()
        discovery.read(await answer.whole(MOST_BYTES))
