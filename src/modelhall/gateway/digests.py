"""Digests of keys that came lately: a program sends the same key with each call, and reckoning anew takes long."""

from collections.abc import Callable

MOST = 1024


class Digests:
    """From a key to its digest. With each new snapshot all is forgotten, so that no pepper outlives its time."""

    def __init__(self, reckon: Callable[[str], bytes]) -> None:
        self._reckon = reckon
        self._known: dict[str, bytes] = {}

    def __call__(self, presented: str) -> bytes:
        """The digest. Raises what reckoning it raises."""
        digest = self._known.get(presented)
        if digest is None:
            digest = self._reckon(presented)
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[presented] = digest
        return digest

    def forget(self) -> None:
        """Forgets them all."""
        self._known.clear()
