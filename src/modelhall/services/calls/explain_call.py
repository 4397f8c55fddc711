"""Says what would become of a call, without making it."""

from modelhall.dialects.dialect import Dialect
from modelhall.dialects.spoken import DIALECTS
from modelhall.domain.errors import BadRequest
from modelhall.domain.ids import new_id
from modelhall.domain.people import Actor
from modelhall.gateway.call import Call, Caller
from modelhall.gateway.explain import Explanation, explain
from modelhall.services.calls.caller_for import caller_for
from modelhall.services.house import House
from modelhall.storage import budgets


async def explain_call(house: House, actor: Actor, dialect: str, body: bytes, key: str | None = None) -> Explanation:
    """What would become of this request in this dialect, sent by the actor, or with the key of that id or name.

    Raises BadRequest for a body that no dialect reads, NotFound for a key that the actor may not see.
    """
    spoken = _dialect_named(dialect)
    caller = await caller_for(house, actor, key)
    call = Call(new_id(), caller, spoken, body, spoken.read(body), {})
    return explain(call, house.lookout.current(), await _left(house, caller))


def _dialect_named(name: str) -> Dialect:
    for dialect in DIALECTS:
        if name == dialect.NAME:
            return dialect
    raise BadRequest(f"there is no dialect {name[:60]!r}; there are {', '.join(each.NAME for each in DIALECTS)}")


async def _left(house: House, caller: Caller) -> int | None:
    """The least that any of the caller's budgets has left; `None` when it has none."""
    if not caller.windows:
        return None
    async with house.database.read() as connection:
        return min((await budgets.left(connection, caller.windows)).values(), default=0)
