"""The configuration as files: export, plan, apply, drift, undo."""

from typing import Any, Literal

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from modelhall.api.identity import Acting, Here
from modelhall.api.once import OnceRoute
from modelhall.api.policy import policy
from modelhall.api.shapes.configuration import (
    DriftShape,
    ExportBody,
    FileBody,
    OutcomeShape,
    SourcesShape,
    drift_of,
    outcome_of,
    sources_of,
)
from modelhall.services.files.apply_file import apply_file
from modelhall.services.files.export_configuration import export_configuration
from modelhall.services.files.show_drift import list_sources, show_drift
from modelhall.services.files.undo_apply import undo_apply

router = APIRouter(tags=["configuration"], route_class=OnceRoute)


class Exported(PlainTextResponse):
    """A text in TOML, or in YAML."""

    media_type = "application/toml"


TEXT: dict[str, Any] = {"schema": {"type": "string"}}
BOTH: dict[int | str, dict[str, Any]] = {200: {"content": {"application/toml": TEXT, "application/yaml": TEXT}}}


@router.get("/export", summary="Export the configuration", response_class=Exported, responses=BOTH, **policy("admin"))
async def exported(house: Here, actor: Acting, format: Literal["toml", "yaml"] = "toml") -> Exported:
    """Without ids, times and secrets."""
    text = await export_configuration(house, actor, form=format)
    return Exported(text, media_type=f"application/{format}")


@router.post(
    "/export",
    summary="Export with sealed secrets",
    response_class=Exported,
    responses=BOTH,
    **policy("operator", audit="file.export"),
)
async def exported_with_secrets(house: Here, actor: Acting, body: ExportBody) -> Exported:
    """Provider keys and the values of headers are in it, sealed with the passphrase."""
    text = await export_configuration(house, actor, form=body.format, passphrase=body.passphrase)
    return Exported(text, media_type=f"application/{body.format}")


@router.post("/configuration/plan", summary="Say what a file would change", **policy("admin"))
async def planned(house: Here, actor: Acting, body: FileBody) -> OutcomeShape:
    """Object by object and field by field, with whose it is and who changed it last. Nothing is changed."""
    return outcome_of(await apply_file(house, actor, body.given(), plan=True))


@router.post("/configuration/apply", summary="Apply a file", **policy("admin", audit="file.apply"))
async def applied(house: Here, actor: Acting, body: FileBody) -> OutcomeShape:
    """All of it or nothing; applied again it changes nothing."""
    return outcome_of(await apply_file(house, actor, body.given()))


@router.post("/configuration/undo", summary="Undo the last apply", **policy("admin", audit="file.undo"))
async def undone(house: Here, actor: Acting) -> OutcomeShape:
    """Everything is as before; refused when a later change would be lost."""
    return outcome_of(await undo_apply(house, actor))


@router.get("/configuration/drift", summary="Show drift", **policy("admin"))
async def drifted(house: Here, actor: Acting) -> DriftShape:
    """Where the configuration is no longer as the files say that were applied."""
    return drift_of(await show_drift(house, actor))


@router.get("/configuration/sources", summary="List where objects come from", **policy("viewer"))
async def sourced(house: Here, actor: Acting) -> SourcesShape:
    """Each object with who says it: a file, a person, the environment, the house."""
    return sources_of(await list_sources(house, actor))
