"""The life of models beyond one edit: batches, deleted ones, history and undo, hints, labels, library settings."""

from typing import Annotated

from fastapi import APIRouter, Query

from modelhall.api.identity import Acting, Here
from modelhall.api.once import OnceRoute
from modelhall.api.parameters import DEFAULT_LIMIT, After, Limit
from modelhall.api.policy import policy
from modelhall.api.shapes.base import Moment
from modelhall.api.shapes.hints import HintsShape, hints_of
from modelhall.api.shapes.lifecycle import (
    BatchBody,
    BatchShape,
    DeletedPage,
    HistoryShape,
    LabelShape,
    LabelsShape,
    LibraryPatch,
    LibraryShape,
    StateShape,
    UndoBody,
    UndoShape,
    batch_of,
    deleted_page,
    history_of,
    state_of,
    undo_of,
)
from modelhall.api.shapes.models import ModelShape, model_of
from modelhall.services.models.batch_models import batch_models
from modelhall.services.models.batch_sync import batch_sync
from modelhall.services.models.hints import model_hints
from modelhall.services.models.library_settings import set_library_settings, show_library_settings
from modelhall.services.models.list_deleted import list_deleted
from modelhall.services.models.list_labels import list_labels
from modelhall.services.models.restore_model import restore_model
from modelhall.services.models.show_history import show_history
from modelhall.services.models.show_state import show_state
from modelhall.services.models.undo_change import undo_change

router = APIRouter(tags=["models"], route_class=OnceRoute)
Days = Annotated[int, Query(ge=1, le=3650, description="After how many days without a call a model counts as unused.")]


@router.post("/models/batch", summary="Do the same to many models", **policy("member", audit="model.edit"))
async def done_to_many(house: Here, actor: Acting, body: BatchBody) -> BatchShape:
    """Each is done or refused for itself; the answer says which, and why. `dry_run` changes nothing."""
    if body.action == "sync":
        brought = await batch_sync(house, actor, body.models, activate=body.activate, dry_run=body.dry_run)
        return batch_of(brought, dry_run=body.dry_run)
    return batch_of(await batch_models(house, actor, body.batch()), dry_run=body.dry_run)


@router.get("/models/hints", summary="Say which models deserve a look", **policy("viewer"))
async def hinted(house: Here, actor: Acting, unused_days: Days = 90) -> HintsShape:
    """Unused, retiring, succeeded, down, dearer or cheaper than before; each with what to do."""
    return hints_of(await model_hints(house, actor, unused_days=unused_days))


@router.get("/deleted-models", summary="List deleted models", **policy("viewer"))
async def gone(house: Here, actor: Acting, after: After = None, limit: Limit = DEFAULT_LIMIT) -> DeletedPage:
    """Those that came into the library last first."""
    return deleted_page(await list_deleted(house, actor, after=after, limit=limit))


@router.post("/deleted-models/{name:path}", summary="Restore a model", **policy("member", audit="model.restore"))
async def restored(house: Here, actor: Acting, name: str) -> ModelShape:
    """By its name, or by its number where several had the same; it comes back switched off."""
    return model_of(await restore_model(house, actor, name))


@router.get("/model-history/{name:path}", summary="List a model's changes", **policy("member"))
async def past(house: Here, actor: Acting, name: str, limit: Limit = DEFAULT_LIMIT) -> HistoryShape:
    """Who changed what and when, of a living or deleted model; the newest first."""
    return history_of(await show_history(house, actor, name, limit=limit))


@router.get("/model-state/{name:path}", summary="Show a model as it was", **policy("member"))
async def former(house: Here, actor: Acting, name: str, at: Moment) -> StateShape:
    """At a moment that has been: what people had set, what was known of it, its price. Of deleted models too."""
    return state_of(await show_state(house, actor, name, at))


@router.post("/model-undo/{name:path}", summary="Undo a change of a model", **policy("member", audit="model.undo"))
async def undone(house: Here, actor: Acting, name: str, body: UndoBody) -> UndoShape:
    """The last that was not taken back, or the one of that id; refused where something later stands on it."""
    return undo_of(await undo_change(house, actor, name, body.change))


@router.get("/labels", summary="List tags and categories", **policy("viewer"))
async def labels(house: Here, actor: Acting) -> LabelsShape:
    """In the order of the alphabet, each with the number of models."""
    found = await list_labels(house, actor)
    tags, categories = (
        [LabelShape(name=name, models=count) for name, count in each] for each in (found.tags, found.categories)
    )
    return LabelsShape(tags=tags, categories=categories)


@router.get("/library-settings", summary="Show the library's settings", **policy("viewer"))
async def library(house: Here, actor: Acting) -> LibraryShape:
    """As they are in force."""
    return LibraryShape(activate_on_sync=(await show_library_settings(house, actor)).activate_on_sync)


@router.patch("/library-settings", summary="Change the library's settings", **policy("admin", audit="library.set"))
async def library_changed(house: Here, actor: Acting, body: LibraryPatch) -> LibraryShape:
    """An absent field stays."""
    changed = await set_library_settings(house, actor, activate_on_sync=body.activate_on_sync)
    return LibraryShape(activate_on_sync=changed.activate_on_sync)
