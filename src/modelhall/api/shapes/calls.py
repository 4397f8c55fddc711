"""Explained calls on the wire."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from modelhall.api.shapes.base import Body, Shape, Text, Usd
from modelhall.api.shapes.policies import JudgedShape, judged_of
from modelhall.domain.money import Nanodollars, usd, usd_or_none
from modelhall.gateway.explain import Explanation

DialectName = Literal[
    "openai_chat", "openai_completions", "openai_embeddings", "anthropic_messages", "anthropic_count_tokens"
]


class ExplainBody(Body):
    """A call that is not to be made."""

    request: Annotated[dict[str, Any], Field(description="The body as it would be sent to the model door.")]
    dialect: Annotated[DialectName, Field(description="The shape that it is in.")] = "openai_chat"
    key: Annotated[Text | None, Field(description="Explain it as a call with this key (id or name).")] = None


class RefusalShape(Shape):
    """What the call would be refused with."""

    code: str
    status: int
    message: str


class PassedShape(Shape):
    """A target of the alias to which the call cannot fall back."""

    model: str
    why: str


class ExplanationShape(Shape):
    """What would become of the call; null = not known, or not asked because it was refused before."""

    admitted: bool
    refusal: RefusalShape | None
    asked: str
    model: str | None
    why: str | None
    fallbacks: Annotated[list[str], Field(description="The models that would be tried after it, in this order.")]
    passed: Annotated[list[PassedShape], Field(description="Targets of the alias that would not be tried, and why.")]
    dialect: Annotated[str | None, Field(description="The dialect in which the target would be asked.")]
    changes: Annotated[Mapping[str, str], Field(description="What would be changed in the request, and why.")]
    dropped: Annotated[list[str], Field(description="Fields that could not be carried.")]
    most_input: Annotated[int | None, Field(description="The most input tokens that it can be counted as.")]
    most_output: int | None
    bound: Annotated[Usd | None, Field(description="The most that it can cost.")]
    budget_left: Annotated[Usd | None, Field(description="Null: the key has no budget.")]
    output_limit: Annotated[int | None, Field(description="A limit that would be set so that it fits the budget.")]
    policy: Annotated[list[JudgedShape], Field(description="What policies say of each model; empty: there is none.")]


def explanation_of(told: Explanation) -> ExplanationShape:
    """The shape of an explanation."""
    refusal = told.refusal
    return ExplanationShape(
        admitted=refusal is None,
        refusal=refusal and RefusalShape(code=refusal.code, status=refusal.status, message=refusal.message),
        asked=told.asked,
        model=told.model,
        why=told.why,
        fallbacks=list(told.fallbacks),
        passed=[PassedShape(model=each.model, why=each.why) for each in told.passed],
        dialect=told.dialect,
        changes=told.changes,
        dropped=list(told.dropped),
        most_input=told.most_input,
        most_output=told.most_output,
        bound=usd_or_none(told.bound),
        budget_left=None if told.left is None else usd(Nanodollars(max(told.left, 0))),
        output_limit=told.output_limit,
        policy=[judged_of(each) for each in told.policy],
    )
