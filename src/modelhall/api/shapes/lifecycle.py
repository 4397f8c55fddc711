"""Batches, deleted models, history and undo, labels and settings of the library, on the wire."""

from typing import Annotated, Any, Literal

from pydantic import Field

from modelhall.api.shapes.base import Body, Moment, PageShape, Shape, Text
from modelhall.api.shapes.models import ModelShape, PriceShape, model_of, price_of
from modelhall.services.models.batch_models import Action, Batch, Result
from modelhall.services.models.history import Fields, ModelChange
from modelhall.services.models.list_deleted import Gone
from modelhall.services.models.show_history import History
from modelhall.services.models.show_state import State
from modelhall.services.models.undo_change import Undone
from modelhall.services.pages import Page


class BatchBody(Body):
    """What to do to which models."""

    action: Action | Literal["sync"]
    models: Annotated[
        list[Text],
        Field(description="`profile/model-id`, or `collection:NAME`. For `restore`: names or numbers of deleted ones."),
    ]
    reason: Annotated[Text | None, Field(description="For `quarantine`: why.")] = None
    successor: Annotated[Text | None, Field(description="For `remove`: takes their place.")] = None
    force: Annotated[bool, Field(description="For `remove`, by admins: also what is in use.")] = False
    tags: Annotated[list[Text], Field(description="For `tag` and `untag`.")] = []
    category: Annotated[Text | None, Field(description="For `categorize`; null takes it away.")] = None
    activate: Annotated[bool | None, Field(description="For `sync`: switch them on too.")] = None
    dry_run: Annotated[bool, Field(description="Change nothing, only say what would become of each.")] = False

    def batch(self) -> Batch:
        """As the service knows it, for all but `sync`."""
        return Batch(**{name: value for name, value in self if name != "activate"})


class BatchResult(Shape):
    """What became of one model."""

    model: str
    status: Literal["done", "unchanged", "refused"]
    code: Annotated[str | None, Field(description="For programs: the error's code.")]
    reason: Annotated[str | None, Field(description="For people: why it was refused.")]
    details: Annotated[dict[str, Any], Field(description="As in a refusal of the single route.")]


class BatchShape(Shape):
    """What became of each, in the order in which they were named."""

    results: list[BatchResult]
    done: int
    unchanged: int
    refused: int
    dry_run: bool


class DeletedShape(Shape):
    """A model that was deleted."""

    name: str
    number: int
    title: str
    deleted_at: Moment
    restorable: Annotated[bool, Field(description="false: its profile was removed.")]


class DeletedPage(PageShape):
    """A page of deleted models."""

    items: list[DeletedShape]


class ChangeShape(Shape):
    """One change of a model."""

    id: str
    at: Moment
    member: Annotated[str | None, Field(description="The login of who did it; null: the house itself.")]
    via: str
    action: str
    before: Annotated[dict[str, Any] | None, Field(description="null: it was not in the library.")]
    after: Annotated[dict[str, Any] | None, Field(description="null: it was no longer in the library.")]
    fields: Annotated[list[str], Field(description="What differs.")]
    undoes: Annotated[str | None, Field(description="The change that this one took back.")]
    undone: Annotated[bool, Field(description="Whether it was taken back.")]


class HistoryShape(Shape):
    """The changes of a model, the newest first."""

    model: str
    deleted: bool
    items: list[ChangeShape]


class StateShape(Shape):
    """A model as it was at a former moment."""

    model: str
    at: Moment
    synced: Annotated[bool, Field(description="Whether it was in the library then.")]
    default: bool
    successor: str | None
    fields: Annotated[dict[str, Any], Field(description="What people had set and what was known of it.")]
    price: Annotated[PriceShape | None, Field(description="In force then; null = unknown.")]
    changes_since: Annotated[int, Field(description="How many changes of the model came after.")]


class UndoBody(Body):
    """Which change to take back."""

    change: Annotated[Text | None, Field(description="Its id; absent: the last that was not taken back.")] = None


class UndoShape(Shape):
    """What was taken back."""

    change: str
    action: str
    model: Annotated[ModelShape | None, Field(description="As it is now; null: it is no longer in the library.")]
    kept: Annotated[list[str], Field(description="What named it before and does not again: it was changed since.")]


class LabelShape(Shape):
    """A tag or category, and how many models carry it."""

    name: str
    models: int


class LabelsShape(Shape):
    """What models are sorted by."""

    tags: list[LabelShape]
    categories: list[LabelShape]


class LibraryShape(Shape):
    """Settings of the library."""

    activate_on_sync: bool


class LibraryPatch(Body):
    """What is to change; an absent field stays."""

    activate_on_sync: bool | None = None


def batch_of(results: list[Result], *, dry_run: bool) -> BatchShape:
    """As it goes out."""
    items = [
        BatchResult(
            model=each.model,
            status=each.status,
            code=each.refusal.code if each.refusal else None,
            reason=each.refusal.message if each.refusal else None,
            details=dict(each.refusal.details) if each.refusal else {},
        )
        for each in results
    ]
    count = [each.status for each in results].count
    return BatchShape(
        results=items, done=count("done"), unchanged=count("unchanged"), refused=count("refused"), dry_run=dry_run
    )


def deleted_page(page: Page[Gone]) -> DeletedPage:
    """As it goes out."""
    items = [
        DeletedShape(
            name=gone.model.public_name,
            number=gone.model.number,
            title=gone.model.name,
            deleted_at=gone.deleted_at,
            restorable=gone.profile_lives,
        )
        for gone in page.items
    ]
    return DeletedPage(items=items, next=page.next)


def history_of(history: History) -> HistoryShape:
    """As it goes out."""
    items = [_change(change, history) for change in history.changes]
    return HistoryShape(model=history.model, deleted=history.deleted, items=items)


def state_of(state: State) -> StateShape:
    """As it goes out."""
    return StateShape(
        model=state.model,
        at=state.at,
        synced=state.synced,
        default=state.default,
        successor=state.successor,
        fields=dict(state.fields),
        price=None if state.price is None else price_of(state.price),
        changes_since=state.changes_since,
    )


def undo_of(undone: Undone) -> UndoShape:
    """As it goes out."""
    return UndoShape(
        change=undone.change.id,
        action=undone.change.action,
        model=None if undone.view is None else model_of(undone.view),
        kept=list(undone.kept),
    )


def _change(change: ModelChange, history: History) -> ChangeShape:
    return ChangeShape(
        id=change.id,
        at=change.at,
        member=history.logins.get(change.actor_id or ""),
        via=change.actor.partition(":")[0],
        action=change.action,
        before=_side(change.before, history),
        after=_side(change.after, history),
        fields=list(change.differing),
        undoes=change.undoes,
        undone=change.undone,
    )


def _side(fields: Fields | None, history: History) -> dict[str, Any] | None:
    """Names instead of ids, and without what is of use to the undo only."""
    if fields is None:
        return None
    told = {
        name: value for name, value in fields.items() if name not in ("successor_id", "default_id", "moved", "undoes")
    }
    successor = fields.get("successor_id")
    return told | ({"successor": history.successors.get(str(successor))} if "successor_id" in fields else {})
