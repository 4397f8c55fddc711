"""Collections: named sets of models."""

from fastapi import APIRouter, Response

from modelhall.api.identity import Acting, Here
from modelhall.api.once import OnceRoute
from modelhall.api.parameters import DEFAULT_LIMIT, After, IfMatch, Limit, tag
from modelhall.api.policy import policy
from modelhall.api.shapes.collections import (
    CollectionBody,
    CollectionPage,
    CollectionSetShape,
    CollectionShape,
    collection_of,
    collection_page,
    collection_set_of,
)
from modelhall.services.collections.delete_collection import delete_collection
from modelhall.services.collections.list_collections import list_collections, show_collection
from modelhall.services.collections.set_collection import set_collection

router = APIRouter(tags=["collections"], route_class=OnceRoute)


@router.get("/collections", summary="List collections", **policy("viewer"))
async def listed(house: Here, actor: Acting, after: After = None, limit: Limit = DEFAULT_LIMIT) -> CollectionPage:
    """The oldest first."""
    return collection_page(await list_collections(house, actor, after=after, limit=limit))


@router.get("/collections/{name}", summary="Show a collection", **policy("viewer"))
async def shown(house: Here, actor: Acting, response: Response, name: str) -> CollectionShape:
    """Its models in their order."""
    view = await show_collection(house, actor, name)
    tag(response, view.revision)
    return collection_of(view)


@router.put("/collections/{name}", summary="Set a collection", **policy("member", audit="collection.set"))
async def made(
    house: Here, actor: Acting, response: Response, name: str, body: CollectionBody, revision: IfMatch
) -> CollectionSetShape:
    """Makes it, or replaces all that is in it; `before` is what it held."""
    done = await set_collection(house, actor, name, body.models, if_revision=revision)
    tag(response, done.view.revision)
    return collection_set_of(done)


@router.delete("/collections/{name}", summary="Delete a collection", **policy("member", audit="collection.delete"))
async def deleted(house: Here, actor: Acting, name: str, revision: IfMatch) -> CollectionShape:
    """Answers with what it held. The models stay."""
    return collection_of(await delete_collection(house, actor, name, if_revision=revision))
