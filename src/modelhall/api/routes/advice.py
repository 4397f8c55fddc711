"""Which model for which use, and what to do next."""

from typing import Annotated

from fastapi import APIRouter, Query

from modelhall.api.identity import Acting, Here
from modelhall.api.policy import policy
from modelhall.api.shapes.advice import OnboardingShape, RecommendationsShape, onboarding_of, recommendations_of
from modelhall.services.recommendations.recommend import FEW, recommend
from modelhall.services.recommendations.weigh import Use
from modelhall.services.status.onboarding import show_onboarding

router = APIRouter(tags=["advice"])


@router.get("/recommendations", summary="Recommend models for a use", **policy("viewer"))
async def recommended(
    house: Here,
    actor: Acting,
    use: Use = "general",
    limit: Annotated[int, Query(ge=1, le=50)] = FEW,
    library_only: Annotated[bool, Query(description="Nothing that is not in the library yet.")] = False,
    new_days: Annotated[
        int | None,
        Query(ge=1, le=3650, description="Only what came out within so many days and is not in the library."),
    ] = None,
) -> RecommendationsShape:
    """Computed from catalog, price, health and speed, each with its reasons and its place among all."""
    found = await recommend(house, actor, use, limit=limit, library_only=library_only, new_days=new_days)
    return recommendations_of(found)


@router.get("/onboarding", summary="Say what is missing and what to do next", **policy("viewer"))
async def onboarding(house: Here, actor: Acting) -> OnboardingShape:
    """Each step with what is there and the command that does it."""
    return onboarding_of(await show_onboarding(house, actor))
