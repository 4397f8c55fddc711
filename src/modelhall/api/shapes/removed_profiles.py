"""What would break without a profile, and profiles that were removed, on the wire."""

from collections.abc import Sequence

from modelhall.api.shapes.base import Moment, PageShape, Shape
from modelhall.services.profiles.list_removed_profiles import RemovedProfile
from modelhall.services.profiles.profile_uses import ProfileUses


class UseShape(Shape):
    """One thing that needs a model."""

    kind: str
    name: str
    model: str


class ProfileUsesShape(Shape):
    """What a profile holds, and what needs it."""

    models: list[str]
    uses: list[UseShape]


class RemovedProfileShape(Shape):
    """A profile that was removed."""

    id: str
    provider: str
    name: str
    base_url: str | None
    removed_at: Moment


class RemovedProfilePage(PageShape):
    """All that can be restored."""

    items: list[RemovedProfileShape]


def uses_shape(found: ProfileUses) -> ProfileUsesShape:
    """What needs a profile, as it goes out."""
    uses = [UseShape(kind=use.kind, name=use.name, model=use.model) for use in found.uses]
    return ProfileUsesShape(models=list(found.models), uses=uses)


def removed_page(found: Sequence[RemovedProfile]) -> RemovedProfilePage:
    """All of them as they go out; there are few enough for one page."""
    items = [
        RemovedProfileShape(
            id=each.profile.slug,
            provider=each.profile.provider,
            name=each.profile.name,
            base_url=each.profile.base_url,
            removed_at=each.removed_at,
        )
        for each in found
    ]
    return RemovedProfilePage(items=items, next=None)
