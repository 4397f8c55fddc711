"""The settings in force, while the process runs."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from modelhall.bootstrap.beside import beside
from modelhall.domain.errors import SetupError
from modelhall.gateway.desk import Bounds
from modelhall.gateway.doors.form import Limits
from modelhall.services.house import Setting
from modelhall.settings import FILE_NAME, Settings, reload_live, variable_of

RELOAD_S = 1.0

log = logging.getLogger(__name__)


class Watch:
    """The settings in force: those marked live are read again when the file changes; a bad file changes nothing.

    What is said of the whole server in numbers (connections, calls at once), each worker has its share of.
    """

    def __init__(self, settings: Settings, environ: Mapping[str, str]) -> None:
        self.settings = settings
        self.environ = environ
        self._bounds = self._share_of_bounds()
        self._file = settings.data / FILE_NAME
        self._seen = self._stamp()

    def bounds(self) -> Bounds:
        """The bounds in force, of this process."""
        return self._bounds

    def limits(self) -> Limits:
        """The limits of connections in force, of this process."""
        return Limits(connections=self._share(self.settings.connections))

    def in_force(self) -> list[Setting]:
        """Every setting with where it comes from; secrets hidden."""
        values = self.settings.model_dump(mode="json")
        return [self._setting(name, value) for name, value in values.items()]

    @asynccontextmanager
    async def run(self) -> AsyncGenerator[None]:
        """Looks at the file once a second while the context lasts."""
        async with beside(self._look()):
            yield

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(RELOAD_S)
            stamp = self._stamp()
            if stamp != self._seen:
                self._seen = stamp
                self.read_again()

    def read_again(self) -> None:
        """Takes over what changed in the file; with a fault in it, the last good settings stay in force."""
        try:
            self.settings = reload_live(self.settings, self.environ)
        except SetupError as error:
            log.error("%s is not taken over: %s", FILE_NAME, error.message)
            return
        self._bounds = self._share_of_bounds()
        logging.getLogger().setLevel(self.settings.log_level.upper())
        log.info("%s was read again", FILE_NAME)

    def _stamp(self) -> tuple[int, int] | None:
        with suppress(OSError):
            found = self._file.stat()
            return found.st_mtime_ns, found.st_size
        return None

    def _setting(self, name: str, value: object) -> Setting:
        field_ = Settings.model_fields[name]
        variable = variable_of(name)
        source = "default" if name not in self.settings.model_fields_set else FILE_NAME
        if variable in self.environ or f"{variable}_FILE" in self.environ:
            source = "environment"
        shown = value if field_.repr or value is None else "[hidden]"
        return Setting(name, shown, source, variable)

    def _share_of_bounds(self) -> Bounds:
        bounds = self.settings.bounds()
        return replace(bounds, calls_at_once=self._share(bounds.calls_at_once))

    def _share(self, whole: int) -> int:
        """This worker's part, rounded up."""
        return -(-whole // self.settings.workers)
