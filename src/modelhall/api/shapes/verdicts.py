"""Verdicts on answers, on the wire."""

from typing import Annotated

from pydantic import Field, StrictInt

from modelhall.api.shapes.base import Body, Moment, Shape, Text
from modelhall.services.trials.list_verdicts import Verdict, Verdicts


class VerdictBody(Body):
    """What you say of the answer."""

    rating: Annotated[StrictInt, Field(ge=1, le=5, description="1, of no use, to 5, just right.")]
    note: Text | None = None


class VerdictShape(Shape):
    """What one person said of one answer."""

    model: str
    call: str
    rating: int
    note: str | None
    member: Annotated[str | None, Field(description="The login; null: no longer a member.")]
    first_token_ms: int | None
    total_ms: int | None
    at: Moment


class VerdictsShape(Shape):
    """On one model, the newest first."""

    model: str
    count: int
    mean_rating: Annotated[str | None, Field(description="A decimal number; null: there is none.")]
    items: list[VerdictShape]


def verdicts_of(found: Verdicts) -> VerdictsShape:
    """As they go out."""
    items = [_verdict(each, found.logins.get(each.member_id)) for each in found.items]
    mean = None if found.mean is None else format(found.mean, "f")
    return VerdictsShape(model=found.model, count=found.count, mean_rating=mean, items=items)


def _verdict(verdict: Verdict, login: str | None) -> VerdictShape:
    return VerdictShape(
        model=verdict.model,
        call=verdict.call_id,
        rating=verdict.rating,
        note=verdict.note,
        member=login,
        first_token_ms=verdict.first_byte_ms,
        total_ms=verdict.total_ms,
        at=verdict.at,
    )
