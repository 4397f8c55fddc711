"""Keys on the wire."""

from typing import Annotated, Literal

from pydantic import Field

from modelhall.api.shapes.base import Body, Moment, PageShape, Shape, Text, Usd
from modelhall.domain.money import Nanodollars, usd
from modelhall.services.keys.create_key import CreatedKey, NewKey
from modelhall.services.keys.key_view import KeyView, Total
from modelhall.services.pages import Page

RoleWord = Literal["admin", "member", "viewer"]


class KeyCreate(Body):
    """A key to make."""

    name: Text
    models: Annotated[
        list[Text] | None, Field(description="Public names. Absent: every active model. Empty: none.")
    ] = None
    project: Text | None = None
    owner: Annotated[Text | None, Field(description="A member's login; absent: yourself.")] = None
    budget_usd: Annotated[Text | None, Field(description="A hard total that never starts anew.")] = None
    role: Annotated[RoleWord | None, Field(description="A service key that may use the control API too.")] = None
    expires: Moment | None = None

    def wanted(self) -> NewKey:
        """As the service knows it."""
        return NewKey(
            name=self.name,
            models=self.models,
            project=self.project,
            owner=self.owner,
            budget_usd=self.budget_usd,
            role=self.role,
            expires=self.expires,
        )


class BudgetShape(Shape):
    """How a hard total stands."""

    limit: Usd
    spent: Usd
    held: Usd
    left: Usd


class KeyShape(Shape):
    """A key, without the key."""

    id: str
    name: str
    shown: str
    role: str | None
    models: list[str] | None
    budget: BudgetShape | None
    owner: str
    project_id: str | None
    expires_at: Moment | None
    created_at: Moment


class NewKeyShape(KeyShape):
    """A new key: `key` is told only here."""

    key: str


class KeyPage(PageShape):
    """A page of keys."""

    items: list[KeyShape]


def key_of(view: KeyView) -> KeyShape:
    """A key as it goes out."""
    key = view.key
    return KeyShape(
        id=key.id,
        name=key.name,
        shown=key.shown,
        role=key.role.word if key.role else None,
        models=None if view.models is None else list(view.models),
        budget=None if view.budget is None else _budget(view.budget),
        owner=view.owner,
        project_id=key.project_id,
        expires_at=key.expires_at,
        created_at=key.created_at,
    )


def new_key_of(created: CreatedKey) -> NewKeyShape:
    """A new key as it goes out."""
    return NewKeyShape(**key_of(created.view).model_dump(), key=created.text)


def key_page(page: Page[KeyView]) -> KeyPage:
    """A page as it goes out."""
    return KeyPage(items=[key_of(view) for view in page.items], next=page.next)


def _budget(total: Total) -> BudgetShape:
    return BudgetShape(
        limit=usd(Nanodollars(total.limit)),
        spent=usd(Nanodollars(total.spent)),
        held=usd(Nanodollars(total.held)),
        left=usd(Nanodollars(max(total.limit - total.spent - total.held, 0))),
    )
