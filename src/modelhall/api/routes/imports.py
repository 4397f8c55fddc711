"""Configurations of other programs that are brought in."""

from fastapi import APIRouter

from modelhall.api.identity import Acting, Here
from modelhall.api.once import OnceRoute
from modelhall.api.policy import policy
from modelhall.api.shapes.imports import (
    ForeignProgramPage,
    ImportBody,
    ImportShape,
    foreign_programs,
    import_of,
    wanted_import,
)
from modelhall.services.importers.import_configuration import import_configuration, list_programs

router = APIRouter(tags=["imports"], route_class=OnceRoute)


@router.get(
    "/imports", summary="List programs whose configurations are read", **policy("viewer", objects="everybody's")
)
async def programs() -> ForeignProgramPage:
    """Those that an import takes files of."""
    return foreign_programs(list_programs())


@router.post("/imports/{program}", summary="Import a program's configuration", **policy("admin", audit="file.apply"))
async def imported(house: Here, actor: Acting, program: str, body: ImportBody) -> ImportShape:
    """All that can be carried over, or nothing; the report says of everything else why."""
    done = await import_configuration(house, actor, wanted_import(program, body), plan=body.plan)
    return import_of(done, plan=body.plan)
