"""Recommendations and the next step, on the wire."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from modelhall.api.shapes.base import Moment, PerMillion, Shape
from modelhall.api.shapes.house import StepShape, step_of
from modelhall.domain.price_units import plain
from modelhall.services.recommendations.leaderboards import leaderboards_for
from modelhall.services.recommendations.recommend import Placed, Recommendations
from modelhall.services.recommendations.weigh import Use
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
    place: Annotated[int, Field(description="Among all that come into question; the best is 1.")]
    released: Annotated[str | None, Field(description="When it came out, as far as that is known.")]
    reasons: Annotated[list[ReasonShape], Field(description="The weightiest first; the points add up to the score.")]
    input_per_mtok: PerMillion | None
    output_per_mtok: PerMillion | None
    context_window: int | None


class LeaderboardShape(Shape):
    """A page on which people outside compare models; nothing of it is in the points."""

    name: str
    url: str
    measures: Annotated[str, Field(description="What its order comes from.")]
    source: Annotated[str, Field(description="The page that says so.")]
    as_of: Annotated[date, Field(description="When it did.")]


class RecommendationsShape(Shape):
    """The best for a use, the best first."""

    use: Use
    at: Moment
    considered: Annotated[int, Field(description="How many models come into question.")]
    items: list[RecommendationShape]
    leaderboards: list[LeaderboardShape]


class OnboardingShape(Shape):
    """What is there, what is missing, and what to do next; `next` null: nothing is left."""

    complete: bool
    next: StepShape | None
    steps: list[StepShape]


def recommendations_of(found: Recommendations) -> RecommendationsShape:
    """Recommendations as they go out."""
    items = [_recommendation(each) for each in found.items]
    boards = [
        LeaderboardShape(
            name=each.name,
            url=each.url,
            measures=each.measures,
            source=each.source,
            as_of=date.fromisoformat(each.as_of),
        )
        for each in leaderboards_for(found.use)
    ]
    return RecommendationsShape(
        use=found.use, at=found.at, considered=found.considered, items=items, leaderboards=boards
    )


def onboarding_of(onboarding: Onboarding) -> OnboardingShape:
    """The way as it goes out."""
    following = onboarding.next
    return OnboardingShape(
        complete=onboarding.complete,
        next=None if following is None else step_of(following),
        steps=[step_of(step) for step in onboarding.steps],
    )


def _recommendation(placed: Placed) -> RecommendationShape:
    weighed = placed.weighed
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
        place=placed.place,
        released=candidate.released,
        reasons=[ReasonShape(words=reason.words, points=reason.points) for reason in weighed.reasons],
        input_per_mtok=prices[0],
        output_per_mtok=prices[1],
        context_window=candidate.context,
    )
