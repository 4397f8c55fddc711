"""Finds an alias by its name."""

from difflib import get_close_matches

from modelhall.domain.errors import NotFound
from modelhall.domain.library import Alias
from modelhall.services.connection import Connection
from modelhall.storage import aliases

MOST_COMPARED = 2000


async def find_alias(connection: Connection, organisation_id: str, name: str) -> Alias:
    """The organisation's living alias. Raises NotFound with the nearest names."""
    alias = await aliases.alias_by_name(connection, organisation_id, name)
    if alias is not None:
        return alias
    names = [each.name for each in await aliases.list_aliases(connection, organisation_id, limit=MOST_COMPARED)]
    near = get_close_matches(name[:100], names, n=3, cutoff=0.4)
    hint = f"; there is {', '.join(near)}" if near else "; `modelhall alias list` shows what there is"
    raise NotFound(f"there is no alias {name[:80]!r}{hint}", details={"nearest": near})
