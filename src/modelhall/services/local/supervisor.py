"""Keeps the built-in model running: fetches it when told to, starts it, restarts it when it dies, stops it."""

import asyncio
import sys
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

from modelhall.domain.errors import EngineFailed
from modelhall.gateway.engine import EngineAddress
from modelhall.services.local.folder import is_installed
from modelhall.services.local.install import install_engine
from modelhall.services.local.process import EngineProcess, engine_process
from modelhall.services.local.status import EngineState, EngineStatus, InstallProgress

FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 30.0
# Having served this long, the next death counts as the first again.
STEADY_AFTER_S = 60.0
FETCH_AGAIN_S = 60.0
LOOK_FOR_INSTALL_S = 1.0


class EngineSupervisor:
    """The one who knows the engine's port and key. Handed to the gateway as its `Engine`.

    `fetch`: install the engine when it is missing, beside everything else. Without it the engine is missing until
    `fetch_now()` is called or someone else installs it into `folder`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        fetch: bool,
        on_change: Callable[[EngineStatus], None] = lambda status: None,
        python: str = sys.executable,
    ) -> None:
        self._folder = folder
        self._fetch_asked = asyncio.Event()
        if fetch:
            self._fetch_asked.set()
        self._on_change = on_change
        self._python = python
        self._status = EngineStatus(_first_state(folder, fetch))
        self._address: EngineAddress | None = None
        self._answers = asyncio.Event()
        self._pause_s = FIRST_PAUSE_S

    def address(self) -> EngineAddress:
        """Where it answers now. Raises EngineStarting on the way there, EngineFailed where a person must act."""
        if self._address is not None:
            return self._address
        raise self._status.refusal()

    def status(self) -> EngineStatus:
        """How it is, without waiting."""
        return self._status

    def fetch_now(self) -> None:
        """Install the engine if it is missing, and try again at once if a fetch has failed."""
        self._fetch_asked.set()

    async def until_ready(self) -> EngineAddress:
        """Wait until it answers, however long that takes."""
        while self._address is None:
            await self._answers.wait()
        return self._address

    @asynccontextmanager
    async def run(self) -> AsyncGenerator[None]:
        """Keep the engine alive for the time of this block. Never waits for it, and never fails because of it."""
        life = asyncio.create_task(self._live(), name="engine-supervisor")
        try:
            yield
        finally:
            life.cancel()
            with suppress(asyncio.CancelledError):
                await life
            self._change(replace(self._status, state=_first_state(self._folder, fetch=False), pid=None))

    async def _live(self) -> None:
        while True:
            await self._installed()
            self._change(replace(self._status, state="loading"))
            await self._one_life()
            # After the first deaths soon, then ever later: what cannot run must not eat the machine.
            await asyncio.sleep(self._pause_s)
            self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)

    async def _installed(self) -> None:
        """Fetch if asked to, else wait until somebody installs it."""
        while not is_installed(self._folder):
            if self._fetch_asked.is_set():
                await self._fetch()
            else:
                self._change(replace(self._status, state="missing"))
                await self._asked_within(LOOK_FOR_INSTALL_S)

    async def _fetch(self) -> None:
        """Try once; after a failure rest, or until somebody asks again."""
        self._change(replace(self._status, state="fetching", fetched_bytes=0, total_bytes=None, error=None))
        try:
            await install_engine(self._folder, self._fetching, python=self._python)
        except EngineFailed as exc:
            self._change(replace(self._status, state="failed", error=exc.message))
            self._fetch_asked.clear()
            await self._asked_within(FETCH_AGAIN_S)
            self._fetch_asked.set()

    async def _asked_within(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._fetch_asked.wait(), seconds)

    def _fetching(self, progress: InstallProgress) -> None:
        self._change(replace(self._status, fetched_bytes=progress.fetched_bytes, total_bytes=progress.total_bytes))

    async def _one_life(self) -> None:
        try:
            async with engine_process(self._folder, python=self._python) as engine:
                born = time.monotonic()
                self._ready(engine)
                try:
                    reason = await engine.ended()
                finally:
                    self._address = None
                    self._answers.clear()
        except EngineFailed as exc:
            self._change(replace(self._status, state="failed", error=exc.message))
            return
        if time.monotonic() - born >= STEADY_AFTER_S:
            self._pause_s = FIRST_PAUSE_S
        restarts = self._status.restarts + 1
        self._change(replace(self._status, state="loading", pid=None, restarts=restarts, error=reason))

    def _ready(self, engine: EngineProcess) -> None:
        self._address = engine.address
        self._answers.set()
        self._change(replace(self._status, state="ready", pid=engine.pid, error=None))

    def _change(self, status: EngineStatus) -> None:
        if status != self._status:
            self._status = status
            self._on_change(status)


def _first_state(folder: Path, fetch: bool) -> EngineState:
    if is_installed(folder):
        return "loading"
    return "fetching" if fetch else "missing"
