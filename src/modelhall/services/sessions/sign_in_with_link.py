"""Signs in with a one-time link."""

from dataclasses import replace

from modelhall.domain.errors import LinkSpent
from modelhall.services import links
from modelhall.services.house import House
from modelhall.services.sessions.open_session import OpenedSession, begin_session
from modelhall.storage import members

SPENT = "this link was used already or is too old; `modelhall status` prints a new one"


async def sign_in_with_link(
    house: House, code: str, user_agent: str | None, *, before: str | None = None
) -> OpenedSession:
    """A session of the member that the link is for. The code is used up. Raises LinkSpent, Forbidden."""
    actor, now = replace(house.operator, via="link"), house.clock()
    async with house.database.read() as connection:  # first, so that a guess costs no turn at writing
        good = await links.is_good(connection, code, now)
    if not good:
        raise LinkSpent(SPENT)
    async with house.database.change(actor) as change:
        used = await links.redeem(change.connection, code, now)
        member = (
            None if used is None else await members.get_member(change.connection, used.member_id or actor.member_id)
        )
        if member is None:
            raise LinkSpent(SPENT)
        change.actor = replace(
            actor, organisation_id=member.organisation_id, member_id=member.id, account_id=member.account_id
        )
        return await begin_session(house, change, member, user_agent, before=before)
