"""Ends one of a person's own sessions, or all but the one in use."""

from modelhall.domain.errors import NotFound
from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.rights import require
from modelhall.services.sessions.list_sessions import account_of
from modelhall.storage import sessions


async def end_session(house: House, actor: Actor, session_id: str) -> None:
    """Sign out somewhere else. Raises RoleTooLow, BadRequest for a key, NotFound for another person's."""
    require(actor, Role.VIEWER)
    async with house.database.change(actor) as change:
        account_id = await account_of(change.connection, actor)
        own = await sessions.sessions_of(change.connection, account_id, house.clock())
        if session_id not in {each.id for each in own}:
            raise NotFound(f"you have no session {session_id[:80]!r}")
        await sessions.end_session(change.connection, session_id)
        await change.audit("session.close", "session", session_id, "session")


async def end_other_sessions(house: House, actor: Actor) -> int:
    """Sign out everywhere but here; gives from how many sessions. Raises RoleTooLow, BadRequest."""
    require(actor, Role.VIEWER)
    async with house.database.change(actor) as change:
        account_id = await account_of(change.connection, actor)
        ended = await sessions.end_sessions_of_account(change.connection, account_id, but=actor.session_id)
        await change.audit("session.close_others", "member", actor.member_id, actor.member_id, after={"ended": ended})
    return ended
