"""What can be said about the built-in model at any moment: its state, its progress, its limits."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from modelhall.domain.errors import EngineFailed, EngineStarting

MODEL = "smollm2-135m-instruct"
SLOTS = 2
CONTEXT_TOKENS = 2048
"""Of one call, prompt and answer together; the engine holds SLOTS times as much, and more would cost memory."""
EMBEDDING_TOKENS = 512
"""Of one text to embed: the engine embeds a text in one batch and refuses a longer one."""

RETRY_AFTER_S = {"missing": 60, "fetching": 5, "loading": 1, "failed": 30}

EngineState = Literal["missing", "fetching", "loading", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class InstallProgress:
    """How far a fetch is, in bytes over the wire. `total_bytes` is None until it is known."""

    step: Literal["waiting", "fetching", "unpacking"]
    fetched_bytes: int = 0
    total_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """The engine as people and programs see it; neither port nor key.

    `restarts` counts starts after the first one that served. `error` is why it last failed or died, in words.
    """

    state: EngineState
    model: str = MODEL
    fetched_bytes: int = 0
    total_bytes: int | None = None
    restarts: int = 0
    pid: int | None = None
    error: str | None = None

    def words(self) -> str:
        """One sentence part for people: what the built-in model is doing."""
        match self.state:
            case "missing":
                return "the built-in model is not installed; run `modelhall local install`"
            case "fetching":
                return f"the built-in model is being fetched{_so_far(self)}"
            case "loading":
                return "the built-in model is being loaded" + (f" again: {self.error}" if self.error else "")
            case "ready":
                return "the built-in model is ready"
            case "failed":
                return f"the built-in model cannot run: {self.error}"

    def facts(self) -> Mapping[str, object]:
        """The same for programs."""
        return asdict(self)

    def refusal(self) -> EngineStarting | EngineFailed:
        """What calls get while nothing answers: EngineStarting on the way there, EngineFailed where people must act."""
        kind = EngineFailed if self.state in ("missing", "failed") else EngineStarting
        return kind(self.words(), retry_after_s=RETRY_AFTER_S.get(self.state, 1), details=self.facts())


def _so_far(status: EngineStatus) -> str:
    if status.total_bytes is None:
        return ""
    return f": {_megabytes(status.fetched_bytes)} of {_megabytes(status.total_bytes)} MB"


def _megabytes(count: int) -> int:
    return round(count / 1_000_000)
