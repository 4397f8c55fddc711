"""Recommendations and the next step, on the wire."""

from typing import Annotated, Literal

from pydantic import Field

from modelhall.api.shapes.base import Moment, PerMillion, Shape
from modelhall.api.shapes.house import StepShape, step_of
from modelhall.domain.price_units import plain
from modelhall.services.recommendations.recommend import Recommendations
from modelhall.services.recommendations.weigh import Use, Weighed
from modelhall.services.status.onboarding import Onboarding


class ReasonShape(Shape):
    """One part of the weighing."""

    words: str
    points: int


class RecommendationShape(Shape):
    """A model that suits the use; null = unknown."""

    model: str
    title: str
    state: Annotated[
        Literal["active", "inactive", "listed"], Field(description="`listed`: offered, not in the library yet.")
    ]
    default: bool
    score: int
    reasons: Annotated[list[ReasonShape], Field(description="The weightiest first; the points add up to the score.")]
    input_per_mtok: PerMillion | None
    output_per_mtok: PerMillion | None
    context_window: int | None


class RecommendationsShape(Shape):
    """The best for a use, the best first."""

    use: Use
    at: Moment
    considered: Annotated[int, Field(description="How many models come into question.")]
    items: list[RecommendationShape]


class OnboardingShape(Shape):
    """What is there, what is missing, and what to do next; `next` null: nothing is left."""

    complete: bool
    next: StepShape | None
    steps: list[StepShape]


def recommendations_of(found: Recommendations) -> RecommendationsShape:
    """Recommendations as they go out."""
    items = [_recommendation(each) for each in found.items]
    return RecommendationsShape(use=found.use, at=found.at, considered=found.considered, items=items)


def onboarding_of(onboarding: Onboarding) -> OnboardingShape:
    """The way as it goes out."""
    following = onboarding.next
    return OnboardingShape(
        complete=onboarding.complete,
        next=None if following is None else step_of(following),
        steps=[step_of(step) for step in onboarding.steps],
    )


def _recommendation(weighed: Weighed) -> RecommendationShape:
    candidate = weighed.candidate
    prices = [
        None if each is None else plain(each).replace(",", "")
        for each in (candidate.input_price, candidate.output_price)
    ]
    return RecommendationShape(
        model=candidate.name,
        title=candidate.title,
        state=candidate.state,
        default=candidate.default,
        score=weighed.score,
        reasons=[ReasonShape(words=reason.words, points=reason.points) for reason in weighed.reasons],
        input_per_mtok=prices[0],
        output_per_mtok=prices[1],
        context_window=candidate.context,
    )
