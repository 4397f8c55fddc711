"""Opens a session for a member who has shown who they are; every sign-in ends here."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from modelhall.domain.errors import Forbidden
from modelhall.domain.people import Actor, Member
from modelhall.services.house import House
from modelhall.services.sessions.identify import IDLE
from modelhall.services.sessions.token import digest_of, new_token
from modelhall.storage import members, sessions
from modelhall.storage.database import Change

LONGEST = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """What goes into the cookie, and until when it is good at most."""

    token: str = field(repr=False)
    until: datetime


async def open_session(
    house: House, member: Member, user_agent: str | None = None, *, via: str = "session", before: str | None = None
) -> OpenedSession:
    """A fresh session of the member; `via`: what they signed in by; `before`: the token of a session that ends with it.

    Raises Forbidden for a member who was removed or disabled.
    """
    async with house.database.change(acting_as(member, via)) as change:
        return await begin_session(house, change, member, user_agent, before=before)


async def begin_session(
    house: House, change: Change, member: Member, user_agent: str | None, *, before: str | None = None
) -> OpenedSession:
    """The same within a change that does more. The token is always new: one that somebody else set is never used."""
    connection, now, token = change.connection, house.clock(), new_token()
    there = await members.get_member(connection, member.id)
    if there is None or there.removed_at is not None or there.disabled:
        raise Forbidden("this person may not sign in any more; ask an admin")
    if before is not None and (old := await sessions.session_by_digest(connection, digest_of(before), now)) is not None:
        await sessions.end_session(connection, old.id)
    session = await sessions.insert_session(
        connection,
        digest=digest_of(token),
        member_id=member.id,
        user_agent=(user_agent or "")[:300] or None,
        idle_until=now + IDLE,
        absolute_until=now + LONGEST,
    )
    await members.note_sign_in(connection, member.account_id, now)
    after = {"until": session.absolute_until}
    organisation_id = member.organisation_id
    await change.audit("session.open", "session", session.id, "session", after=after, organisation_id=organisation_id)
    return OpenedSession(token, session.absolute_until)


def acting_as(member: Member, via: str) -> Actor:
    """The member as who does something."""
    return Actor(member.organisation_id, member.id, member.role, via, account_id=member.account_id)
