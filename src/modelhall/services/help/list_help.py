"""Lists what to do when something does not work."""

from collections.abc import Sequence

from modelhall.domain.errors import NotFound
from modelhall.domain.people import Actor, Role
from modelhall.services.help.topics import ALL, Topic
from modelhall.services.rights import require


def list_help(actor: Actor, topic: str | None = None) -> Sequence[Topic]:
    """All topics, or the one of that id. Raises RoleTooLow, NotFound."""
    require(actor, Role.VIEWER)
    found = [each for each in ALL if topic is None or each.id == topic]
    if not found:
        raise NotFound(f"there is no topic {str(topic)[:60]!r}; there are {', '.join(each.id for each in ALL)}")
    return found
