"""Who may call a route, said once: the same words stand in the description and are checked before the handler runs."""

from typing import Any, Literal

from fastapi import Depends, Request

from modelhall.api.identity import acting, refuse_foreign_pages
from modelhall.domain.people import Role
from modelhall.services.rights import require, require_operator

Who = Literal["anyone", "key", "viewer", "member", "admin", "operator"]


def policy(who: Who, *, audit: str = "none", objects: str = "organisation") -> dict[str, Any]:
    """The arguments of a route that declare its policy and enforce it.

    `audit`: the action that a change writes. `objects`: whose objects it reaches, as the service behind it decides.
    """

    async def check(request: Request) -> None:
        refuse_foreign_pages(request)
        if who == "anyone":
            return
        actor = await acting(request)
        if who == "operator":
            require_operator(actor)
        elif who != "key":
            require(actor, Role.named(who))

    return {
        "dependencies": [Depends(check)],
        "openapi_extra": {"x-policy": {"role": who, "objects": objects, "audit": audit}},
    }
