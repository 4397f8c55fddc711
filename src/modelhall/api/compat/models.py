"""`/api/models` and `/api/admin/models`: models by endpoint type, as older programs know them."""

from fastapi import APIRouter, Request

from modelhall.api.identity import Acting, Here, acting, session_cookie
from modelhall.api.policy import policy
from modelhall.api.shapes.flat_models import (
    FlatModelBody,
    FlatModelPatch,
    FlatModelShape,
    FlatModelsShape,
    MessageShape,
    PopulatedShape,
    flat_shape,
    populated_shape,
)
from modelhall.gateway.doors.exchange import presented_key
from modelhall.services.compat.flat_models import add_flat, edit_flat, list_flat, remove_flat, show_flat
from modelhall.services.compat.list_endpoints import list_endpoints, list_public_endpoints
from modelhall.services.compat.populate_models import populate_models

router = APIRouter(tags=["models"])


@router.get(
    "/models",
    summary="List the models that can be called, by endpoint type",
    **policy("anyone", objects="the key's or member's own; everybody's only where a setting says so"),
)
async def offered(house: Here, request: Request) -> dict[str, list[str]]:
    """Bare ids of active models whose profile has a key; 503 when there are none."""
    public = request.app.state.public_of()
    known = presented_key(request.scope["headers"]) is not None or session_cookie(request) is not None
    if public is not None and not known:
        return dict(await list_public_endpoints(house, public))
    return dict(await list_endpoints(house, await acting(request)))


@router.get("/admin/models", summary="List all models", **policy("admin"))
async def listed(house: Here, actor: Acting) -> FlatModelsShape:
    """Active or not."""
    return FlatModelsShape(models=[flat_shape(model) for model in await list_flat(house, actor)])


@router.post("/admin/models", summary="Add a model", status_code=201, **policy("admin", audit="model.add"))
async def added(house: Here, actor: Acting, body: FlatModelBody) -> FlatModelShape:
    """In the first profile of its endpoint type."""
    return flat_shape(await add_flat(house, actor, body.place(), body.new_model()))


@router.post(
    "/admin/models/populate",
    summary="Add the usual models",
    **policy("admin", audit="model.add"),
    response_model_exclude_none=True,
)
async def populated(house: Here, actor: Acting) -> PopulatedShape:
    """Those that are there already are passed over."""
    return populated_shape(await populate_models(house, actor))


@router.get("/admin/models/{number}", summary="Show a model", **policy("admin"))
async def shown(house: Here, actor: Acting, number: int) -> FlatModelShape:
    """By its number."""
    return flat_shape(await show_flat(house, actor, number))


@router.put("/admin/models/{number}", summary="Edit a model", **policy("admin", audit="model.edit"))
async def edited(house: Here, actor: Acting, number: int, body: FlatModelPatch) -> FlatModelShape:
    """What is not sent stays as it is."""
    return flat_shape(await edit_flat(house, actor, number, body.sent()))


@router.delete("/admin/models/{number}", summary="Delete a model", **policy("admin", audit="model.remove"))
async def removed(house: Here, actor: Acting, number: int) -> MessageShape:
    """Not the default, nor one that a key, an alias or another model names."""
    await remove_flat(house, actor, number)
    return MessageShape(message="Model deleted successfully")
