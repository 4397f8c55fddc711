"""Who changed what, and whether the record of it is whole."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from modelhall.api.identity import Acting, Here
from modelhall.api.parameters import DEFAULT_LIMIT, After, Limit
from modelhall.api.policy import policy
from modelhall.api.shapes.audit import AuditPage, AuditVerdictsShape, audit_page, verdicts_of
from modelhall.api.shapes.base import Moment
from modelhall.services.audit.list_audit import Wanted, export_audit, list_audit
from modelhall.services.audit.verify_audit import verify_audit

router = APIRouter(tags=["audit"])
Words = Annotated[str | None, Query(max_length=200)]
ANY_TEXT = {"schema": {"type": "string"}}
MEDIA_TYPES = {"ndjson": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}


def wanted(
    kind: Words = None,
    object_id: Words = None,
    action: Annotated[str | None, Query(max_length=200, description="In full, or what stands before the dot.")] = None,
    actor: Annotated[
        str | None, Query(max_length=200, description="A login, a member's id, or a door such as `operator`.")
    ] = None,
    since: Annotated[Moment | None, Query()] = None,
    until: Annotated[Moment | None, Query(description="Before that time.")] = None,
) -> Wanted:
    """Which changes are asked for."""
    return Wanted(kind, object_id, action, actor, since, until)


Asked = Annotated[Wanted, Depends(wanted)]


@router.get("/audit", summary="List changes", **policy("admin"))
async def listed(
    house: Here, actor: Acting, asked: Asked, after: After = None, limit: Limit = DEFAULT_LIMIT
) -> AuditPage:
    """Who changed what, the newest first."""
    return audit_page(await list_audit(house, actor, asked, after=after, limit=limit))


@router.get(
    "/audit/export",
    summary="Export changes",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/x-ndjson": ANY_TEXT, "text/csv": ANY_TEXT}}},
    **policy("admin"),
)
async def exported(
    house: Here,
    actor: Acting,
    asked: Asked,
    form: Annotated[Literal["ndjson", "csv"], Query(alias="format")] = "ndjson",
) -> StreamingResponse:
    """All that is asked for, the oldest first: a JSON object on each line, or CSV."""
    pieces = await export_audit(house, actor, asked, form)
    named = {"content-disposition": f'attachment; filename="audit.{form}"'}
    return StreamingResponse(pieces, media_type=MEDIA_TYPES[form], headers=named)


@router.get("/audit/verify", summary="Check the audit", **policy("admin"))
async def verified(
    house: Here,
    actor: Acting,
    noted: Annotated[str | None, Query(max_length=100, description="An end as an earlier check told it.")] = None,
) -> AuditVerdictsShape:
    """Every change's hash and place, and the signed end; for the operator of every organisation."""
    return verdicts_of(await verify_audit(house, actor, noted))
