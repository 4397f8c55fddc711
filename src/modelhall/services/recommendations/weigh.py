"""Weighs a candidate for a use: each part gives points by a plain table, and says so in words and numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, get_args

from modelhall.domain.price_units import plain, plain_dollars
from modelhall.services.recommendations.candidate import Candidate

Use = Literal["general", "default", "code", "fast", "vision", "long_context", "budget"]
USES: tuple[Use, ...] = get_args(Use)
LONG_CONTEXT = 200_000
DEFAULT_CONTEXT, DEFAULT_PRICE, DEFAULT_UPTIME = 32_000, Decimal(5), 0.95
"""What a default must have at least, may cost at most (blended, USD per million), and how reliable it has to be."""
Band = tuple[Decimal | int, int]
"""Up to (or from) this value: so many points."""

AFFORDABLE: Sequence[Band] = ((0, 10), (Decimal("0.25"), 9), (1, 8), (5, 6), (15, 3))
QUICK: Sequence[Band] = ((512, 10), (1_024, 8), (2_048, 5), (4_096, 2))
ROOMY: Sequence[Band] = ((1_000_000, 10), (400_000, 8), (200_000, 6), (128_000, 4), (32_000, 2))
LONG_WINDED: Sequence[Band] = ((64_000, 4), (32_000, 3), (16_000, 2), (8_000, 1))
FRESH: Sequence[Band] = ((183, 10), (365, 7), (730, 3))


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of the weighing."""

    words: str
    points: int


@dataclass(frozen=True, slots=True)
class Weighed:
    """A candidate with its points."""

    candidate: Candidate
    score: int
    reasons: tuple[Reason, ...]
    """The weightiest first."""


def weigh(candidate: Candidate, use: Use, today: date) -> Weighed | None:
    """How the candidate does for this use; `None`: it does not come into question."""
    if not _is_fit(candidate, use, today):
        return None
    parts = [(PARTS[name](candidate, today), weight) for name, weight in {**WEIGHTS[use], "state": 1}.items()]
    reasons = [Reason(part.words, part.points * weight) for part, weight in parts if part is not None]
    ordered = sorted(reasons, key=lambda reason: -reason.points)
    return Weighed(candidate, sum(reason.points for reason in reasons), tuple(ordered))


def order_of(weighed: Weighed) -> tuple[int, bool, Decimal, str]:
    """The sort key: more points, then the cheaper one, then the name."""
    blended = weighed.candidate.blended
    return -weighed.score, blended is None, blended or Decimal(0), weighed.candidate.name


def _is_fit(candidate: Candidate, use: Use, today: date) -> bool:
    """Whether it can do what the use asks at all; what is unknown is not taken for granted."""
    if candidate.kind != "chat" or candidate.health.state == "down":
        return False
    if candidate.retires is not None and candidate.retires <= today.isoformat():
        return False
    needs: Mapping[Use, bool] = {
        "vision": candidate.can.get("vision") is True,
        "code": candidate.can.get("tools") is True,
        "long_context": (candidate.context or 0) >= LONG_CONTEXT,
        "budget": candidate.blended is not None,
        "default": _is_fit_as_default(candidate),
    }
    return needs.get(use, True)


def _is_fit_as_default(candidate: Candidate) -> bool:
    affordable = candidate.blended is not None and candidate.blended <= DEFAULT_PRICE
    reliable = candidate.health.uptime is None or candidate.health.uptime >= DEFAULT_UPTIME
    return affordable and reliable and (candidate.context or 0) >= DEFAULT_CONTEXT


def _price(candidate: Candidate, today: date) -> Reason:
    blended = candidate.blended
    if blended is None:
        return Reason("its price is unknown", 0)
    if blended == 0:
        return Reason("it costs nothing", 10)
    told = f"{plain_dollars(candidate.input_price or Decimal(0))} in"
    told += f" and {plain_dollars(candidate.output_price or Decimal(0))} out per million tokens"
    return Reason(told, _up_to(AFFORDABLE, blended))


def _context(candidate: Candidate, today: date) -> Reason:
    if candidate.context is None:
        return Reason("its context window is unknown", 0)
    return Reason(f"a context window of {plain(candidate.context)} tokens", _from(ROOMY, candidate.context))


def _output(candidate: Candidate, today: date) -> Reason | None:
    if candidate.max_output is None:
        return None
    return Reason(f"answers of up to {plain(candidate.max_output)} tokens", _from(LONG_WINDED, candidate.max_output))


def _uptime(candidate: Candidate, today: date) -> Reason | None:
    health = candidate.health
    if health.uptime is None:
        return None
    points = 5 if health.state == "operational" else -10
    return Reason(f"{health.uptime:.1%} of {health.attempts} attempts went well in the last 30 minutes", points)


def _wait(candidate: Candidate, today: date) -> Reason | None:
    if candidate.wait_ms is None:
        return None
    points = _up_to(QUICK, candidate.wait_ms)
    return Reason(f"usually begins to answer within {plain(candidate.wait_ms)} ms here", points)


def age_in_days(candidate: Candidate, today: date) -> int | None:
    """Since it came out; `None`: not known."""
    if candidate.released is None:
        return None
    return max((today - date.fromisoformat((candidate.released + "-01-01")[:10])).days, 0)


def _fresh(candidate: Candidate, today: date) -> Reason | None:
    days = age_in_days(candidate, today)
    if days is None:
        return None
    points = _up_to(FRESH, days)
    return Reason(f"came out on {candidate.released}", points) if points else None


def _can(capability: str, words: str) -> Callable[[Candidate, date], Reason | None]:
    def part(candidate: Candidate, today: date) -> Reason | None:
        return Reason(words, 5) if candidate.can.get(capability) is True else None

    return part


def _at_once(candidate: Candidate, today: date) -> Reason | None:
    """Models that do not think first answer sooner; known not to is what counts."""
    return Reason("it answers without thinking first", 5) if candidate.can.get("reasoning") is False else None


def _state(candidate: Candidate, today: date) -> Reason:
    words = {
        "active": ("it is active in your library", 3),
        "inactive": ("it is in your library, not active", 1),
        "listed": ("it is not in your library yet", 0),
    }
    return Reason(*words[candidate.state])


PARTS: Mapping[str, Callable[[Candidate, date], Reason | None]] = {
    "price": _price,
    "context": _context,
    "output": _output,
    "uptime": _uptime,
    "wait": _wait,
    "fresh": _fresh,
    "tools": _can("tools", "it can call tools"),
    "vision": _can("vision", "it understands images"),
    "json": _can("json_schema", "it keeps to a JSON schema"),
    "reasoning": _can("reasoning", "it can think before it answers"),
    "cache": _can("prompt_cache", "it reads repeated prompts from a cache"),
    "at_once": _at_once,
    "state": _state,
}
WEIGHTS: Mapping[Use, Mapping[str, int]] = {
    "general": {"price": 3, "context": 2, "fresh": 3, "tools": 2, "vision": 1, "json": 1, "uptime": 3, "wait": 1},
    "default": {"price": 5, "uptime": 5, "wait": 3, "context": 2, "tools": 2, "fresh": 2, "vision": 1, "json": 1},
    "code": {"reasoning": 5, "fresh": 4, "context": 3, "output": 4, "json": 2, "price": 2, "cache": 1, "uptime": 3},
    "fast": {"wait": 8, "at_once": 6, "price": 5, "fresh": 2, "uptime": 3, "context": 1},
    "vision": {"fresh": 4, "price": 3, "context": 2, "tools": 1, "json": 1, "uptime": 3, "wait": 1},
    "long_context": {"context": 6, "price": 3, "fresh": 3, "cache": 2, "output": 1, "uptime": 3},
    "budget": {"price": 8, "fresh": 1, "context": 1, "tools": 1, "uptime": 3},
}
"""How often each part counts for a use. Being in the library counts once for all of them."""


def _up_to(bands: Sequence[Band], value: Decimal | int) -> int:
    return next((points for most, points in bands if value <= most), 0)


def _from(bands: Sequence[Band], value: int) -> int:
    return next((points for least, points in bands if value >= least), 0)
