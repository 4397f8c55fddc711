"""The models of the library, their prices, and the default."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from modelhall.api.identity import Acting, Here
from modelhall.api.once import OnceRoute
from modelhall.api.parameters import DEFAULT_LIMIT, After, IfMatch, Limit, tag
from modelhall.api.policy import policy
from modelhall.api.shapes.models import (
    DefaultModel,
    ModelPage,
    ModelPatch,
    ModelShape,
    PriceBody,
    TakenModelShape,
    model_of,
    model_page,
    taken_model_of,
)
from modelhall.api.shapes.new_models import NewModelBody
from modelhall.services.models.add_model import add_model
from modelhall.services.models.edit_model import edit_model
from modelhall.services.models.list_models import Filters, list_models
from modelhall.services.models.price_model import price_model
from modelhall.services.models.remove_model import remove_model
from modelhall.services.models.set_default import set_default
from modelhall.services.models.show_model import show_model

router = APIRouter(tags=["models"], route_class=OnceRoute)
Words = Annotated[str | None, Query(max_length=200)]
Successor = Annotated[
    str | None, Query(max_length=320, description="`profile/model-id`: takes its place wherever it is named.")
]
Force = Annotated[bool, Query(description="Also when a key, an alias or another model names it; for admins.")]


@router.get("/models", summary="List models", **policy("viewer"))
async def listed(
    house: Here,
    actor: Acting,
    profile: Words = None,
    active: bool | None = None,
    q: Annotated[Words, Query(description="Part of the title or of the provider's own name.")] = None,
    hidden: bool | None = None,
    category: Words = None,
    label: Annotated[Words, Query(alias="tag")] = None,
    collection: Words = None,
    after: After = None,
    limit: Limit = DEFAULT_LIMIT,
) -> ModelPage:
    """In the order in which they came into the library."""
    filters = Filters(
        profile=profile, active=active, text=q, hidden=hidden, category=category, tag=label, collection=collection
    )
    return model_page(await list_models(house, actor, filters, after=after, limit=limit))


@router.post("/models", summary="Add a model", status_code=201, **policy("member", audit="model.add"))
async def added(house: Here, actor: Acting, body: NewModelBody) -> TakenModelShape:
    """One that discovery misses, in any of three forms. Prices are for admins."""
    return taken_model_of(await add_model(house, actor, body.place(), body.new_model()))


@router.get("/models/{name:path}", summary="Show a model", **policy("viewer"))
async def shown(house: Here, actor: Acting, response: Response, name: str) -> ModelShape:
    """By `profile/model-id`; the name takes the rest of the path."""
    view = await show_model(house, actor, name)
    tag(response, view.model.revision)
    return model_of(view)


@router.patch("/models/{name:path}", summary="Edit a model", **policy("member", audit="model.edit"))
async def edited(
    house: Here, actor: Acting, response: Response, name: str, body: ModelPatch, revision: IfMatch
) -> ModelShape:
    """Switch it on or off, hide it, hold it back, change its words, labels, successor, parameters and defaults.

    The default stays active.
    """
    view = await edit_model(house, actor, name, body.edit(), if_revision=revision)
    tag(response, view.model.revision)
    return model_of(view)


@router.delete(
    "/models/{name:path}", summary="Remove a model", status_code=204, **policy("member", audit="model.remove")
)
async def removed(
    house: Here, actor: Acting, name: str, revision: IfMatch, force: Force = False, successor: Successor = None
) -> None:
    """It can come back, and what was used through it stays in the ledger."""
    await remove_model(house, actor, name, force=force, successor=successor, if_revision=revision)


@router.put("/default-model", summary="Set the default model", **policy("member", audit="model.set_default"))
async def made_default(house: Here, actor: Acting, body: DefaultModel) -> ModelShape:
    """The model that answers when a request names none."""
    return model_of(await set_default(house, actor, body.model))


@router.put("/prices/{name:path}", summary="Enter a price", **policy("admin", audit="price.set"))
async def priced(house: Here, actor: Acting, name: str, body: PriceBody) -> TakenModelShape:
    """The whole price of a model from now on, in one of three units; what was used before keeps its own."""
    return taken_model_of(await price_model(house, actor, name, body.given()))
