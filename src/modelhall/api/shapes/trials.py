"""Trials of models on the wire: a prompt and its answer, and what a model was seen to do."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StrictBool, StrictInt, model_validator

from modelhall.api.shapes.base import Body, Shape, Text, Usd
from modelhall.api.shapes.calls import RefusalShape
from modelhall.api.shapes.new_models import NewModelBody
from modelhall.domain.errors import ModelhallError
from modelhall.domain.money import Nanodollars, usd_or_none
from modelhall.domain.usage import INPUT_CLASSES, OUTPUT_CLASSES
from modelhall.services.trials.probe_model import Probed, Probing
from modelhall.services.trials.try_model import Trial

MOST_PROMPT = 10_000
Capability = Literal["streaming", "tools", "json_schema", "vision", "reasoning"]


class TrialBody(Body):
    """Which model to try, and with what: one of the library, or one that is only described."""

    model: Text | None = None
    new_model: Annotated[NewModelBody | None, Field(description="Tried without being saved.")] = None
    prompt: Annotated[Text, Field(min_length=1, max_length=MOST_PROMPT)] = "Say hello in one short sentence."
    max_tokens: Annotated[StrictInt, Field(ge=1, le=32_768, description="The longest answer.")] = 1024

    @model_validator(mode="after")
    def _one(self) -> "TrialBody":
        if (self.model is None) == (self.new_model is None):
            raise ValueError("name a model, or describe a new one; one of the two")
        return self


class TrialShape(Shape):
    """How it went; null = not known, or there was none."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    ok: bool
    model: str
    saved: bool
    answer: str
    finish_reason: str | None
    first_token_ms: int | None
    total_ms: int
    input_tokens: int | None
    output_tokens: int | None
    usage: Annotated[dict[str, int], Field(description="By usage class, as the provider told it.")]
    cost: Usd | None
    bound: Annotated[Usd | None, Field(description="The most that it could have cost.")]
    receipt: Annotated[dict[str, str], Field(description="What the house changed in the request, and why.")]
    call: Annotated[str | None, Field(description="Its id in the ledger; null: it was refused before it was sent.")]
    error: RefusalShape | None
    warnings: list[str]


class ProbeBody(Body):
    """Which model to probe."""

    model: Text
    only: Annotated[list[Capability] | None, Field(min_length=1, max_length=5)] = None
    dry_run: Annotated[StrictBool, Field(description="Only say what it can cost at most; send nothing.")] = False


class ProbedShape(Shape):
    """One capability; `seen` null: not tried, or the answer says nothing of it."""

    capability: Capability
    claimed: bool | None
    seen: bool | None
    words: str
    bound: Usd | None
    cost: Usd | None
    call: str | None


class ProbingShape(Shape):
    """What a model was tried with, or would be; amounts are for all of it, null = not known."""

    model: str
    results: list[ProbedShape]
    bound: Usd | None
    cost: Usd | None


def trial_of(trial: Trial) -> TrialShape:
    """A trial as it goes out."""
    heard, row = trial.heard, trial.heard.row
    usage = {name: count for attempt in (row.attempts if row else ())[-1:] for name, count in attempt.usage.items()}
    return TrialShape(
        ok=heard.error is None,
        model=trial.tried.target.model.public_name,
        saved=trial.tried.saved,
        answer=heard.text,
        finish_reason=heard.finish_reason,
        first_token_ms=heard.first_token_ms,
        total_ms=heard.total_ms,
        input_tokens=_sum(usage, INPUT_CLASSES),
        output_tokens=_sum(usage, OUTPUT_CLASSES),
        usage=usage,
        cost=usd_or_none(_nano(row.cost if row else None)),
        bound=usd_or_none(trial.bound),
        receipt=dict(row.receipt) if row else {},
        call=heard.call if row else None,
        error=_refusal(heard.error),
        warnings=list(trial.tried.warnings),
    )


def probing_of(probing: Probing) -> ProbingShape:
    """A probe as it goes out."""
    return ProbingShape(
        model=probing.model,
        results=[_probed(each) for each in probing.results],
        bound=usd_or_none(_nano(probing.bound)),
        cost=usd_or_none(_nano(probing.cost)),
    )


def _probed(each: Probed) -> ProbedShape:
    row = each.heard.row if each.heard else None
    return ProbedShape.model_validate(
        {
            "capability": each.capability,
            "claimed": each.claimed,
            "seen": each.seen,
            "words": each.words,
            "bound": usd_or_none(each.bound),
            "cost": usd_or_none(_nano(row.cost if row else None)),
            "call": each.heard.call if each.heard and row else None,
        }
    )


def _sum(usage: dict[str, int], classes: tuple[str, ...]) -> int | None:
    told = [usage[name] for name in classes if name in usage]
    return sum(told) if told else None


def _nano(amount: int | None) -> Nanodollars | None:
    return None if amount is None else Nanodollars(amount)


def _refusal(error: ModelhallError | None) -> RefusalShape | None:
    return error and RefusalShape(code=error.code, status=error.status, message=error.message)
