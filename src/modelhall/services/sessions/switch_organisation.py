"""Lets a person who is in several organisations go on in another one."""

from modelhall.domain.errors import BadRequest, NotFound
from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.rights import require
from modelhall.services.sessions.open_session import OpenedSession, begin_session
from modelhall.storage import members, organisations, sessions


async def switch_organisation(house: House, actor: Actor, slug: str) -> OpenedSession:
    """A new session there in place of the one in use. Raises RoleTooLow, BadRequest, NotFound."""
    require(actor, Role.VIEWER)
    if actor.session_id is None or actor.account_id is None:
        raise BadRequest("only who signed in can go to another organisation; a key stays in its own")
    async with house.database.change(actor) as change:
        places = await members.members_of_account(change.connection, actor.account_id)
        found = await organisations.organisation_by_slug(change.connection, slug)
        member = next((each for each in places if found is not None and each.organisation_id == found.id), None)
        old = await sessions.get_session(change.connection, actor.session_id)
        if member is None or old is None:
            raise NotFound(f"you are in no organisation {slug[:80]!r}")
        await sessions.end_session(change.connection, old.id)
        return await begin_session(house, change, member, old.user_agent)
