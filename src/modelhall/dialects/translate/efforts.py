"""How much a model is to think: levels of effort on one side, budgets of tokens and adaptive thinking on the other."""

from modelhall.dialects.parameters import ParameterFacts
from modelhall.dialects.translate.notes import Notes

LEVELS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
LEAST_BUDGET = 1024
"""The smallest budget that Anthropic takes (anthropic 2.10.0, `ThinkingConfigEnabledParam`)."""

# Medium and high as Google maps OpenAI's efforts (ai.google.dev, OpenAI compatibility, read 2026-11); the rest between
# and beside them.
_BUDGETS = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 24576, "xhigh": 32768, "max": 65536}


def budget_of(level: str, output_limit: int) -> int | None:
    """The tokens of thinking for an effort, at most half of all output; `None` where that leaves none."""
    budget = min(_BUDGETS.get(level, _BUDGETS["medium"]), output_limit // 2)
    return budget if budget >= LEAST_BUDGET else None


def level_of(budget: int) -> str:
    """The effort for a budget of tokens. Only the three levels that every model with efforts knows."""
    if budget <= _BUDGETS["low"] * 2:
        return "low"
    return "medium" if budget <= _BUDGETS["medium"] * 2 else "high"


def taken_level(level: str, facts: ParameterFacts, notes: Notes, name: str) -> str | None:
    """The level as the model takes it: the nearest it knows, or none at all. Not thinking is never made thinking."""
    if facts.efforts is None or level in facts.efforts or level not in LEVELS:
        return level
    known = [each for each in LEVELS if each in facts.efforts and each != "none"]
    if level == "none" or not known:
        notes.drop(name)
        return None
    wanted = LEVELS.index(level)
    nearest = min(known, key=lambda each: abs(LEVELS.index(each) - wanted))
    notes.change(name, f"{level} → {nearest}: the model takes {', '.join(known)}")
    return nearest
