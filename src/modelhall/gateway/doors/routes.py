"""The data plane's paths."""

from starlette.routing import Route

from modelhall.dialects.spoken import DIALECTS
from modelhall.gateway.desk import Desk
from modelhall.gateway.doors.list_door import ModelsDoor, NothingHere
from modelhall.gateway.doors.model_door import ModelDoor


def model_routes(desk: Desk) -> list[Route]:
    """All paths below `/v1`."""
    models = ModelsDoor(desk)
    return [
        *(Route(f"/v1{dialect.PATH}", ModelDoor(dialect, desk), methods=["POST"]) for dialect in DIALECTS),
        Route("/v1/models", models, methods=["GET"]),
        Route("/v1/models/{name:path}", models, methods=["GET"]),
        Route("/v1/{rest:path}", NothingHere()),
    ]
