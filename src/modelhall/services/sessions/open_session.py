"""Opens a session with a one-time link."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from modelhall.domain.errors import LinkSpent
from modelhall.services import links
from modelhall.services.house import House
from modelhall.services.sessions.identify import IDLE
from modelhall.services.sessions.token import digest_of, new_token
from modelhall.storage import sessions
from modelhall.storage.database import Change

LONGEST = timedelta(days=7)
SPENT = "this link was used already or is too old; `modelhall serve` prints a new one at each start"


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """What goes into the cookie, and until when it is good at most."""

    token: str = field(repr=False)
    until: datetime


async def open_session(house: House, code: str, user_agent: str | None) -> OpenedSession:
    """A session of the account that links act as. The code is used up. Raises LinkSpent."""
    actor, now = replace(house.operator, via="link"), house.clock()
    async with house.database.read() as connection:  # first, so that a guess costs no turn at writing
        good = await links.is_good(connection, code, now)
    if not good:
        raise LinkSpent(SPENT)
    async with house.database.change(actor) as change:
        if not await links.redeem(change.connection, code, now):
            raise LinkSpent(SPENT)
        return await session_for(change, actor.organisation_id, actor.member_id, user_agent, now)


async def session_for(
    change: Change, organisation_id: str, member_id: str, user_agent: str | None, now: datetime
) -> OpenedSession:
    """A new session of that member, in a change of the caller's."""
    token = new_token()
    session = await sessions.insert_session(
        change.connection,
        digest=digest_of(token),
        member_id=member_id,
        user_agent=(user_agent or "")[:300] or None,
        idle_until=now + IDLE,
        absolute_until=now + LONGEST,
    )
    after = {"user_agent": session.user_agent, "until": session.absolute_until}
    await change.audit("session.open", "session", session.id, "session", after=after, organisation_id=organisation_id)
    return OpenedSession(token, session.absolute_until)
