"""Ends the session that a request came with."""

from modelhall.domain.errors import NotFound
from modelhall.domain.people import Actor
from modelhall.services.house import House
from modelhall.storage import sessions


async def close_session(house: House, actor: Actor) -> None:
    """Sign out. Raises NotFound when the request came without a session."""
    if actor.session_id is None:
        raise NotFound("this request has no session that could be ended")
    async with house.database.change(actor) as change:
        await sessions.end_session(change.connection, actor.session_id)
        await change.audit("session.close", "session", actor.session_id, "session")
