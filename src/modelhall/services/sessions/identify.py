"""Who is asking: the operator of this start, a key, or a person with a session."""

import hmac
from datetime import timedelta

from modelhall.domain.errors import KeyExpired, SessionOver, Unauthenticated, UnknownKey
from modelhall.domain.people import Actor, Role
from modelhall.domain.virtual_keys import is_well_formed
from modelhall.services.house import House
from modelhall.services.sessions.token import digest_of
from modelhall.storage import members, sessions

IDLE = timedelta(hours=12)
TOUCH_AFTER = timedelta(minutes=1)


async def identify(house: House, presented: str | None, session: str | None) -> Actor:
    """The actor behind a presented key or operator token, else behind a session. Raises Unauthenticated and below."""
    if presented:
        return _operator(house, presented) or _key(house, presented)
    if session:
        return await _member(house, session)
    raise Unauthenticated(
        "say who you are: sign in with the link that the server printed, or send `Authorization: Bearer` with a key "
        "that has a role"
    )


def _operator(house: House, presented: str) -> Actor | None:
    token = house.operator_token
    same = token is not None and hmac.compare_digest(token.encode(), presented.encode())
    return house.operator if same else None


def _key(house: House, presented: str) -> Actor:
    if not is_well_formed(presented):
        raise UnknownKey("this is not a key of this house; its keys begin with mh_ and end in a checksum")
    caller = house.lookout.current().callers.get(house.vault.digest(presented))
    if caller is None:
        raise UnknownKey("there is no such key, or it was deleted")
    if caller.expires_at is not None and caller.expires_at <= house.clock():
        raise KeyExpired(f"this key expired at {caller.expires_at:%Y-%m-%d %H:%M} UTC")
    return Actor(
        organisation_id=caller.organisation_id,
        member_id=caller.member_id,
        role=caller.role or Role.VIEWER,
        via="key",
        key_id=caller.key_id,
        plain=caller.role is None,
    )


async def _member(house: House, token: str) -> Actor:
    now = house.clock()
    async with house.database.read() as connection:
        session = await sessions.session_by_digest(connection, digest_of(token), now)
        member = None if session is None else await members.get_member(connection, session.member_id)
    if session is None or member is None or member.removed_at is not None or member.disabled:
        raise SessionOver("your session has ended; sign in again")
    if now - session.seen_at > TOUCH_AFTER:
        async with house.database.write() as connection:
            await sessions.touch_session(connection, session.id, seen_at=now, idle_until=now + IDLE)
    return Actor(
        member.organisation_id, member.id, member.role, "session", account_id=member.account_id, session_id=session.id
    )
