"""The built-in model as a process sees it that does not run it: what it was told last."""

from collections.abc import Callable

from modelhall.gateway.engine import EngineAddress
from modelhall.services.local.status import EngineStatus


class EngineElsewhere:
    """Stands for the supervisor in another process, which tells every change."""

    def __init__(self, wanted: Callable[[bool], None]) -> None:
        """`wanted` passes on that somebody calls it; with true, that somebody wants it installed."""
        self._wanted = wanted
        self._status = EngineStatus("loading")
        self._address: EngineAddress | None = None

    def told(self, status: EngineStatus, address: EngineAddress | None) -> None:
        """How it is now, and where it answers, if it does."""
        self._status = status
        self._address = address

    def address(self) -> EngineAddress:
        """Where it answers now. Raises EngineStarting, EngineFailed."""
        if self._address is None:
            self._wanted(False)
            raise self._status.refusal()
        return self._address

    def status(self) -> EngineStatus:
        """How it is, without waiting."""
        return self._status

    def fetch_now(self) -> None:
        """Has the supervisor install it if it is missing."""
        self._wanted(True)
