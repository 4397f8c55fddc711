"""Keys by which programs act."""

from fastapi import APIRouter

from modelhall.api.identity import Acting, Here
from modelhall.api.once import OnceRoute
from modelhall.api.parameters import DEFAULT_LIMIT, After, Limit
from modelhall.api.policy import policy
from modelhall.api.shapes.keys import KeyCreate, KeyPage, KeyShape, NewKeyShape, key_of, key_page, new_key_of
from modelhall.services.keys.create_key import create_key
from modelhall.services.keys.delete_key import delete_key
from modelhall.services.keys.list_keys import list_keys
from modelhall.services.keys.show_key import show_key

router = APIRouter(tags=["keys"], route_class=OnceRoute)
OWN = "own; an admin's all"


@router.get("/keys", summary="List keys", **policy("member", objects=OWN))
async def listed(house: Here, actor: Acting, after: After = None, limit: Limit = DEFAULT_LIMIT) -> KeyPage:
    """Living keys, the oldest first."""
    return key_page(await list_keys(house, actor, after=after, limit=limit))


@router.post("/keys", summary="Make a key", status_code=201, **policy("member", objects=OWN, audit="key.create"))
async def created(house: Here, actor: Acting, body: KeyCreate) -> NewKeyShape:
    """The key itself is told in this answer and never again."""
    return new_key_of(await create_key(house, actor, body.wanted()))


@router.get("/keys/{key}", summary="Show a key", **policy("member", objects=OWN))
async def shown(house: Here, actor: Acting, key: str) -> KeyShape:
    """By id or name."""
    return key_of(await show_key(house, actor, key))


@router.delete(
    "/keys/{key}", summary="Delete a key", status_code=204, **policy("member", objects=OWN, audit="key.delete")
)
async def deleted(house: Here, actor: Acting, key: str) -> None:
    """By id or name; it stops working at once, and what it used stays in the ledger."""
    await delete_key(house, actor, key)
