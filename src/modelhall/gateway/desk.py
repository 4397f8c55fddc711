"""Everything the relay needs within reach."""

from collections.abc import Callable
from dataclasses import dataclass, field

from modelhall.domain.errors import NotReady
from modelhall.domain.people import Actor
from modelhall.gateway.allowances import Allowances
from modelhall.gateway.drain import Drains
from modelhall.gateway.health import Health
from modelhall.gateway.key_marks import KeyMarks
from modelhall.gateway.meters import Meters
from modelhall.gateway.prepare import Lines
from modelhall.gateway.revocation import UnderWay
from modelhall.gateway.snapshot import Snapshot
from modelhall.gateway.upstream import Deadlines, Upstream
from modelhall.storage.journal import Journal
from modelhall.storage.rollups import Refusal


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of everything one call may bring or fetch, and how long it may take."""

    deadlines: Deadlines = field(default_factory=Deadlines)
    body_bytes: int = 32 * 1024 * 1024
    reply_bytes: int = 64 * 1024 * 1024
    calls_at_once: int = 10_000
    body_seconds: float = 60.0
    silence_seconds: float = 15.0
    """After so long a silence in the middle of a stream a comment is sent: whoever is on the way keeps it open."""


@dataclass(slots=True)
class Desk:
    """What the data plane works with; made once by the composition root."""

    journal: Journal
    allowances: Allowances
    upstream: Upstream
    lines: Lines
    handed_on: frozenset[bytes]
    """Names of caller's headers that some provider understands."""
    meters: Meters
    health: Health
    key_marks: KeyMarks
    digest: Callable[[str], bytes]
    """From a virtual key to the digest under which callers are kept. Raises MasterKeyMismatch."""
    operator: Callable[[str], Actor | None]
    """The operator, when this is the token of this start."""
    look: Callable[[], Snapshot]
    """The current snapshot. Raises DatabaseUnavailable when it is too old."""
    refuse: Callable[[Refusal], None]
    """Counts a refused call."""
    settings: Callable[[], Bounds]
    """The bounds in force; they may change while the process runs."""
    master_key_state: Callable[[], str]
    """`ok`, or why the master key is not this database's."""
    synchronous: bool = False
    """Whether a settlement must be on the disk before the last byte goes out."""
    under_way: set[UnderWay] = field(default_factory=set[UnderWay])
    """Attempts that were sent and have not ended."""
    public: bool = False
    """Whether others than this machine can reach it."""
    draining: bool = False
    drains: Drains = field(default_factory=Drains)
    """Streams whose callers have left and that are billed in full anyway."""

    @property
    def snapshot(self) -> Snapshot:
        """The current snapshot. Raises DatabaseUnavailable when it is too old, NotReady when the server stops."""
        if self.draining:
            raise NotReady("the server is stopping; try again in a moment", retry_after_s=2)
        return self.look()

    @property
    def bounds(self) -> Bounds:
        """The bounds in force."""
        return self.settings()
