"""What only the operator does: backups, the master key, sign-in links; and the description of the API."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse

from modelhall.api.identity import Acting, Here
from modelhall.api.passing_file import PassingFile
from modelhall.api.policy import policy
from modelhall.api.shapes.house import LinkShape, RotatedShape, RotateRequest
from modelhall.api.shapes.people import ResetRequest, ResetShape
from modelhall.services.accounts.reset_access import reset_access
from modelhall.services.backup.make_backup import passing_backup
from modelhall.services.backup.rotate_master_key import rotate_master_key
from modelhall.services.sessions.issue_link import issue_link

router = APIRouter(tags=["operator"])
WithKey = Annotated[bool, Query(description="Put the master key in; whoever has the file can then read every secret.")]


@router.post(
    "/backup",
    summary="Make a backup",
    status_code=200,
    response_class=PassingFile,
    **policy("operator", objects="the whole house", audit="backup.make"),
)
async def backed_up(house: Here, actor: Acting, with_key: WithKey = False) -> PassingFile:
    """Everything as of one moment, as a file."""
    return PassingFile(await passing_backup(house, actor, with_key=with_key), "modelhall.backup")


@router.post(
    "/master-key/rotate",
    summary="Change the master key",
    **policy("operator", objects="the whole house", audit="master_key.rotate"),
)
async def rotated(house: Here, actor: Acting, body: RotateRequest | None = None) -> RotatedShape:
    """Everything sealed is sealed anew in one transaction."""
    return RotatedShape(version=await rotate_master_key(house, actor, body.new_key if body else None))


@router.post(
    "/links", summary="Make a sign-in link", status_code=201, **policy("operator", objects="own", audit="link.issue")
)
async def linked(house: Here, actor: Acting) -> LinkShape:
    """A code that signs its bearer in once, within 15 minutes: put it behind `#link=` of the page's address."""
    return LinkShape(link=await issue_link(house, actor))


@router.post(
    "/access/reset",
    summary="Give a person a new way in",
    **policy("operator", objects="the whole house", audit="account.reset"),
)
async def reset(house: Here, actor: Acting, body: ResetRequest) -> ResetShape:
    """A new password or a one-time link; they are signed out everywhere, and switched on."""
    access = await reset_access(house, actor, body.login, body.password)
    return ResetShape(login=access.login, link=access.link, sessions_ended=access.sessions_ended)


@router.get("/openapi.json", summary="Describe this API", response_class=JSONResponse, **policy("anyone"))
async def described(request: Request) -> JSONResponse:
    """As OpenAPI 3.1."""
    return JSONResponse(request.app.openapi())
