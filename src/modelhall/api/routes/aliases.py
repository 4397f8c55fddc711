"""Aliases: an organisation's own names for models."""

from fastapi import APIRouter, Response

from modelhall.api.identity import Acting, Here
from modelhall.api.once import OnceRoute
from modelhall.api.parameters import DEFAULT_LIMIT, After, IfMatch, Limit, tag
from modelhall.api.policy import policy
from modelhall.api.shapes.aliases import (
    AliasBody,
    AliasPage,
    AliasSetShape,
    AliasShape,
    alias_of,
    alias_page,
    alias_set_of,
)
from modelhall.services.aliases.delete_alias import delete_alias
from modelhall.services.aliases.list_aliases import list_aliases
from modelhall.services.aliases.set_alias import set_alias
from modelhall.services.aliases.show_alias import show_alias

router = APIRouter(tags=["aliases"], route_class=OnceRoute)


@router.get("/aliases", summary="List aliases", **policy("viewer"))
async def listed(house: Here, actor: Acting, after: After = None, limit: Limit = DEFAULT_LIMIT) -> AliasPage:
    """The oldest first."""
    return alias_page(await list_aliases(house, actor, after=after, limit=limit))


@router.get("/aliases/{name}", summary="Show an alias", **policy("viewer"))
async def shown(house: Here, actor: Acting, response: Response, name: str) -> AliasShape:
    """Its models in order, which of them can never be used, and why."""
    view = await show_alias(house, actor, name)
    tag(response, view.revision)
    return alias_of(view)


@router.put("/aliases/{name}", summary="Set an alias", **policy("member", audit="alias.set"))
async def made(
    house: Here, actor: Acting, response: Response, name: str, body: AliasBody, revision: IfMatch
) -> AliasSetShape:
    """Makes it, or replaces all that it says; `before` is what it said."""
    done = await set_alias(house, actor, name, body.models, ceiling=body.ceiling_usd_per_mtok, if_revision=revision)
    tag(response, done.view.revision)
    return alias_set_of(done)


@router.delete("/aliases/{name}", summary="Delete an alias", **policy("member", audit="alias.delete"))
async def deleted(house: Here, actor: Acting, name: str, revision: IfMatch) -> AliasShape:
    """Answers with what it was. The models stay."""
    return alias_of(await delete_alias(house, actor, name, if_revision=revision))
