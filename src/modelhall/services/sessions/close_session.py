"""Ends the session that a request came with."""

from modelhall.domain.errors import NotFound
from modelhall.domain.people import Actor
from modelhall.services.house import House
from modelhall.services.sessions.token import digest_of
from modelhall.storage import sessions


async def close_session(house: House, actor: Actor, token: str | None) -> None:
    """Sign out. Raises NotFound when the request came without a session."""
    async with house.database.change(actor) as change:
        session = None
        if token is not None and actor.via == "session":
            session = await sessions.session_by_digest(change.connection, digest_of(token), house.clock())
        if session is None:
            raise NotFound("this request has no session that could be ended")
        await sessions.end_session(change.connection, session.id)
        await change.audit("session.close", "session", session.id, "session")
