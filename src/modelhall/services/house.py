"""Everything the services need within reach, put together by the composition root."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, TypeVar

from modelhall.catalog.catalog import Catalog
from modelhall.domain.people import Actor
from modelhall.domain.sign_in import SignIn
from modelhall.gateway.credentials import Credentials
from modelhall.gateway.desk import Desk
from modelhall.gateway.engine import EngineAddress
from modelhall.gateway.lookout import Lookout
from modelhall.gateway.prepare import Lines
from modelhall.gateway.upstream import Upstream
from modelhall.providers.provider import Provider
from modelhall.services.local.status import EngineStatus
from modelhall.services.passwords import Passwords
from modelhall.storage.database import Database
from modelhall.storage.vault import Vault

T = TypeVar("T")


class LocalEngine(Protocol):
    """The supervisor of the built-in model as the services see it."""

    def address(self) -> EngineAddress:
        """Where it answers now. Raises EngineStarting, EngineFailed."""
        ...

    def status(self) -> EngineStatus:
        """How it is, without waiting."""
        ...

    def fetch_now(self) -> None:
        """Install it if it is missing."""
        ...


@dataclass(frozen=True, slots=True)
class Vitals:
    """How this process is, at one moment."""

    version: str
    started_at: datetime
    durability: str
    """`os` or `sync`."""
    parts: Mapping[str, str] = field(default_factory=dict[str, str])
    """What readiness asks for (`database`, `journal`, `snapshot`): `ok`, or what is missing."""
    unfolded: int | None = None
    """Journal records that are not in the ledger yet; `None` = not known."""
    warnings: tuple[str, ...] = ()

    @property
    def ready(self) -> bool:
        """Whether every part is."""
        return all(state == "ok" for state in self.parts.values())


@dataclass(frozen=True, slots=True)
class Setting:
    """One process setting as it is in force."""

    name: str
    value: object
    """Plain JSON; secrets hidden."""
    source: str
    """`environment`, the file's name, or `default`."""
    variable: str = ""


class Memory:
    """What a service keeps in memory from one use to the next: one object of each kind for each house."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held: dict[type[object], object] = {}

    def of(self, kind: type[T]) -> T:
        """The house's object of that kind, made empty at the first use."""
        held = self._held.get(kind)
        if not isinstance(held, kind):
            held = self._held[kind] = kind()
        return held


async def _nothing_to_fold() -> None:
    """For a house without a journal of its own."""


def utc_now() -> datetime:
    """The current time, aware, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What services work with."""

    database: Database
    vault: Vault
    providers: Mapping[str, Provider]
    catalog: Catalog
    credentials: Credentials
    lines: Lines
    """The same that calls go out on: discovery uses a profile's address and key as a call would."""
    desk: Desk
    """What calls are made with: those that the house makes for a person go the same way as a program's."""
    lookout: Lookout
    upstream: Upstream
    engine: LocalEngine
    data: Path
    """The data directory."""
    operator: Actor
    """The account `owner` of the organisation `default`, as `first_start` gives it."""
    operator_token: str | None = field(default=None, repr=False)
    """The token of this start; `None` where nobody may come with one."""
    vitals: Callable[[], Vitals]
    sign_in: SignIn = field(default_factory=SignIn)
    settings: Callable[[], Sequence[Setting]] = tuple
    catch_up: Callable[[], Awaitable[object]] = _nothing_to_fold
    """Brings what the journal holds into the ledger, so that usage is read to the last call."""
    clock: Callable[[], datetime] = utc_now
    passwords: Passwords = field(default_factory=Passwords, repr=False)
    memory: Memory = field(default_factory=Memory, repr=False)
