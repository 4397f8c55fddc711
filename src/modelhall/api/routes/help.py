"""What to do when something does not work."""

from typing import Annotated

from fastapi import APIRouter, Query

from modelhall.api.identity import Acting
from modelhall.api.policy import policy
from modelhall.api.shapes.help import TopicPage, topic_page
from modelhall.services.help.list_help import list_help

router = APIRouter(tags=["help"])


@router.get("/help", summary="What to do when something does not work", **policy("viewer"))
async def listed(
    actor: Acting, topic: Annotated[str | None, Query(max_length=60, description="Only the one of this id.")] = None
) -> TopicPage:
    """Each topic with its likely causes, and what to do about each."""
    return topic_page(list_help(actor, topic))
