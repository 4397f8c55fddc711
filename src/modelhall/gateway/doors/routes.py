"""The data plane's paths."""

from collections.abc import Mapping

from starlette.routing import Route

from modelhall.dialects.spoken import DIALECTS
from modelhall.gateway.desk import Desk
from modelhall.gateway.doors.list_door import ModelsDoor, NothingHere
from modelhall.gateway.doors.model_door import ModelDoor


def model_doors(desk: Desk) -> Mapping[str, ModelDoor]:
    """The doors that models are called through, by path."""
    return {f"/v1{dialect.PATH}": ModelDoor(dialect, desk) for dialect in DIALECTS}


def model_routes(desk: Desk, doors: Mapping[str, ModelDoor] | None = None) -> list[Route]:
    """All paths below `/v1`; with these model doors, where they have been made already."""
    models = ModelsDoor(desk)
    return [
        *(Route(path, door, methods=["POST"]) for path, door in (doors or model_doors(desk)).items()),
        Route("/v1/models", models, methods=["GET"]),
        Route("/v1/models/{name:path}", models, methods=["GET"]),
        Route("/v1/{rest:path}", NothingHere()),
    ]
