"""Aliases on the wire."""

from typing import Annotated

from pydantic import Field

from modelhall.api.shapes.base import Body, PageShape, PerMillion, Shape, Text
from modelhall.api.shapes.models import price_of
from modelhall.services.aliases.alias_view import AliasTarget, AliasView
from modelhall.services.aliases.set_alias import AliasSet
from modelhall.services.pages import Page

CEILING = "What a call may fall back to costs at most this, per million tokens; absent: at most what the first costs."


class AliasBody(Body):
    """All that an alias is to say."""

    models: Annotated[list[Text], Field(description="`profile/model-id` or a bare id, the preferred first.")]
    ceiling_usd_per_mtok: Annotated[Text | None, Field(description=CEILING, examples=["2.5"])] = None


class AliasTargetShape(Shape):
    """One model that an alias leads to."""

    model: str
    input_per_mtok: PerMillion | None
    output_per_mtok: PerMillion | None
    unreachable: Annotated[str | None, Field(description="Why no call goes there as things are; null: calls may.")]


class AliasShape(Shape):
    """An alias."""

    name: str
    models: list[str]
    ceiling_usd_per_mtok: PerMillion | None
    targets: list[AliasTargetShape]
    shadows: Annotated[
        list[str], Field(description="Models that their providers call by this name; it no longer means them.")
    ]


class AliasSetShape(AliasShape):
    """An alias as it is now, and as it was."""

    before: Annotated[AliasShape | None, Field(description="null: there was none of that name.")]


class AliasPage(PageShape):
    """A page of aliases."""

    items: list[AliasShape]


def alias_of(view: AliasView) -> AliasShape:
    """An alias as it goes out."""
    ceiling = view.alias.ceiling_usd_per_mtok
    return AliasShape(
        name=view.alias.name,
        models=[target.model.public_name for target in view.targets],
        ceiling_usd_per_mtok=None if ceiling is None else format(ceiling, "f"),
        targets=[_target_of(target) for target in view.targets],
        shadows=list(view.shadows),
    )


def alias_set_of(done: AliasSet) -> AliasSetShape:
    """An alias that was just set, as it goes out."""
    before = None if done.before is None else alias_of(done.before)
    return AliasSetShape(**dict(alias_of(done.view)), before=before)


def alias_page(page: Page[AliasView]) -> AliasPage:
    """A page as it goes out."""
    return AliasPage(items=[alias_of(view) for view in page.items], next=page.next)


def _target_of(target: AliasTarget) -> AliasTargetShape:
    usual = price_of(target.price) if target.price else None
    return AliasTargetShape(
        model=target.model.public_name,
        input_per_mtok=usual.input_per_mtok if usual else None,
        output_per_mtok=usual.output_per_mtok if usual else None,
        unreachable=target.unreachable,
    )
