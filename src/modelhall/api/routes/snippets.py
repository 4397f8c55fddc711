"""Configurations that point other programs here."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from modelhall.api.identity import Acting, Here
from modelhall.api.policy import policy
from modelhall.api.shapes.snippets import ProgramPage, SnippetShape, program_page, snippet_of
from modelhall.services.snippets.write_snippet import list_programs, write_snippet

router = APIRouter(tags=["snippets"])
OWN = "own; an admin's all"


@router.get("/snippets", summary="List programs that can be pointed here", **policy("key", objects="everybody's"))
async def programs() -> ProgramPage:
    """Those that a ready configuration is written for."""
    return program_page(list_programs())


@router.get("/snippets/{program}", summary="Write a program's configuration", **policy("key", objects=OWN))
async def snippet(
    request: Request,
    house: Here,
    actor: Acting,
    program: str,
    models: Annotated[
        str | None, Query(max_length=10_000, description="With commas; otherwise all that may be called.")
    ] = None,
    key: Annotated[str | None, Query(max_length=200, description="What this key may call: its id or name.")] = None,
    address: Annotated[
        str | None, Query(max_length=2000, description="Where the program reaches this server, if not as you do.")
    ] = None,
) -> SnippetShape:
    """With the right address and models, and with the variable MODELHALL_KEY in place of a key."""
    names = [name.strip() for name in (models or "").split(",") if name.strip()]
    where = address or request.app.state.public_url or f"{request.url.scheme}://{request.url.netloc}"
    return snippet_of(await write_snippet(house, actor, program, where, names=names, key=key))
