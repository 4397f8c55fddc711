"""What a translation dropped and changed, in words that are safe in a header."""

import re
from collections.abc import Iterable, Mapping

MOST_DROPPED = 32
"""Names at most: they travel in one header."""

_STRANGE = re.compile(r"[^A-Za-z0-9_.\-]")
_MOST_NAME = 64


class Notes:
    """Collects what a receipt must say."""

    __slots__ = ("_dropped", "changes")

    def __init__(self) -> None:
        self._dropped: dict[str, None] = {}
        self.changes: dict[str, str] = {}

    def drop(self, *names: str) -> None:
        """These fields are not sent on. Names come from strangers, so only plain letters of them are kept."""
        for name in names:
            self._dropped.setdefault(_STRANGE.sub("_", name[:_MOST_NAME]))

    def change(self, name: str, what: str) -> None:
        """This field is sent on in another form."""
        self.changes.setdefault(name, what)

    def take(self, dropped: Iterable[str], changes: Mapping[str, str]) -> None:
        """Adds what somebody else noted; the later word on a field counts."""
        self.drop(*dropped)
        self.changes.update(changes)

    @property
    def dropped(self) -> tuple[str, ...]:
        """The names, each once, in the order in which they were found."""
        names = tuple(self._dropped)
        if len(names) <= MOST_DROPPED:
            return names
        return (*names[:MOST_DROPPED], f"and-{len(names) - MOST_DROPPED}-more")
