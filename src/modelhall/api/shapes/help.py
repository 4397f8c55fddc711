"""Help on the wire."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from modelhall.api.shapes.base import PageShape, Shape
from modelhall.services.help.topics import Topic


class AdviceShape(Shape):
    """One cause, and what to do about it."""

    cause: str
    next: str
    code: Annotated[str | None, Field(description="The code by which a connection test names this cause.")]


class TopicShape(Shape):
    """Something that does not work."""

    id: str
    question: str
    advice: list[AdviceShape]


class TopicPage(PageShape):
    """All topics."""

    items: list[TopicShape]


def topic_page(found: Sequence[Topic]) -> TopicPage:
    """Topics as they go out."""
    return TopicPage(
        items=[
            TopicShape(
                id=topic.id,
                question=topic.question,
                advice=[AdviceShape(cause=each.cause, next=each.next, code=each.code) for each in topic.advice],
            )
            for topic in found
        ],
        next=None,
    )
