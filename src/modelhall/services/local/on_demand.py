"""The built-in model for a house that opens for one command: started only when somebody asks for it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from modelhall.gateway.engine import EngineAddress
from modelhall.services.local.status import EngineStatus
from modelhall.services.local.supervisor import EngineSupervisor


class EngineOnDemand:
    """Stands before the supervisor, and wakes it at the first call."""

    def __init__(self, supervisor: EngineSupervisor) -> None:
        self._supervisor = supervisor
        self._woken = asyncio.Event()

    def address(self) -> EngineAddress:
        """Where it answers now. Raises EngineStarting, EngineFailed."""
        self._woken.set()
        return self._supervisor.address()

    def status(self) -> EngineStatus:
        """How it is, without waiting and without waking it."""
        return self._supervisor.status()

    def fetch_now(self) -> None:
        """Installs it if it is missing."""
        self._woken.set()
        self._supervisor.fetch_now()

    @asynccontextmanager
    async def run(self) -> AsyncGenerator[None]:
        """Lives as long as the context, and stops the engine at its end if it was started."""
        life = asyncio.create_task(self._live())
        try:
            yield
        finally:
            life.cancel()
            await asyncio.gather(life, return_exceptions=True)

    async def _live(self) -> None:
        await self._woken.wait()
        async with self._supervisor.run():
            await asyncio.Event().wait()
