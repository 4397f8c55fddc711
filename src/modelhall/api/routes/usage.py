"""What was used, and single calls."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from modelhall.api.identity import Acting, Here
from modelhall.api.parameters import DEFAULT_LIMIT, Before, Limit
from modelhall.api.policy import policy
from modelhall.api.shapes.usage import CallShape, UsageShape, call_of, usage_of
from modelhall.services.usage.list_usage import WhatUsage, list_usage
from modelhall.services.usage.show_call import show_call

router = APIRouter(tags=["usage"])
Words = Annotated[str | None, Query(max_length=400)]
OWN = "own; an admin's all; of a key without a role this key's"


@router.get("/usage", summary="List what was used", response_model_exclude_unset=True, **policy("key", objects=OWN))
async def listed(
    house: Here,
    actor: Acting,
    since: AwareDatetime | None = None,
    until: AwareDatetime | None = None,
    key: Annotated[Words, Query(description="A key's id or name.")] = None,
    model: Annotated[Words, Query(description="A model's public name.")] = None,
    before: Before = None,
    limit: Limit = DEFAULT_LIMIT,
) -> UsageShape:
    """Attempts, the newest first, and the sums over all that were asked for."""
    what = WhatUsage(since=since, until=until, key=key, model=model)
    return usage_of(await list_usage(house, actor, what, before=before, limit=limit))


@router.get("/calls/{id}", summary="Show a call", response_model_exclude_unset=True, **policy("key", objects="own"))
async def shown(house: Here, actor: Acting, id: str) -> CallShape:
    """To whoever made it; its id is in the header `x-modelhall-call` of the answer."""
    return call_of(await show_call(house, actor, id))
