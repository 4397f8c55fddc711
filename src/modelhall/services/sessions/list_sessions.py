"""Lists where a person is signed in."""

from collections.abc import Sequence

from modelhall.domain.errors import BadRequest
from modelhall.domain.people import Actor, Role
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.rights import require
from modelhall.storage import members, sessions
from modelhall.storage.sessions import Session


async def list_sessions(house: House, actor: Actor) -> Sequence[Session]:
    """The person's own living sessions, the one seen last first. Raises RoleTooLow, BadRequest for a key."""
    require(actor, Role.VIEWER)
    async with house.database.read() as connection:
        account_id = await account_of(connection, actor)
        return await sessions.sessions_of(connection, account_id, house.clock())


async def account_of(connection: Connection, actor: Actor) -> str:
    """The person behind an actor. Raises BadRequest for a key: it has nothing to do with where its owner signed in."""
    if actor.key_id is not None:
        raise BadRequest("only who is signed in has sessions; a key has none")
    if actor.account_id is not None:
        return actor.account_id
    member = await members.get_member(connection, actor.member_id)
    return "" if member is None else member.account_id
