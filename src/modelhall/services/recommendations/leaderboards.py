"""Where people outside compare models: pages to read beside our own weighing, which takes nothing from them."""

from dataclasses import dataclass

from modelhall.services.recommendations.weigh import USES, Use


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """One page."""

    name: str
    url: str
    measures: str
    """What its order comes from."""
    uses: tuple[Use, ...]
    source: str
    """The page that says so."""
    as_of: str
    """ISO date on which it did."""


LEADERBOARDS: tuple[Leaderboard, ...] = (
    Leaderboard(
        "LM Arena",
        "https://lmarena.ai/leaderboard/",
        "votes of people between two answers without names",
        ("general", "default", "code", "vision"),
        "https://lmarena.ai/leaderboard/",
        "2026-11-20",
    ),
    Leaderboard(
        "OpenRouter Rankings",
        "https://openrouter.ai/rankings",
        "tokens that its customers sent to each model",
        USES,
        "https://openrouter.ai/docs/api/api-reference/datasets/get-rankings-daily.md",
        "2026-11-20",
    ),
)


def leaderboards_for(use: Use) -> tuple[Leaderboard, ...]:
    """Those that say something of this use."""
    return tuple(each for each in LEADERBOARDS if use in each.uses)
