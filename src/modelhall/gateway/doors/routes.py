"""The data plane's paths."""

from starlette.routing import Route

from modelhall.dialects import (
    anthropic_count_tokens,
    anthropic_messages,
    openai_chat,
    openai_completions,
    openai_embeddings,
)
from modelhall.dialects.dialect import Dialect
from modelhall.gateway.desk import Desk
from modelhall.gateway.doors.list_door import ModelsDoor, NothingHere
from modelhall.gateway.doors.model_door import ModelDoor

DIALECTS: tuple[Dialect, ...] = (
    openai_chat,
    openai_completions,
    openai_embeddings,
    anthropic_messages,
    anthropic_count_tokens,
)


def model_routes(desk: Desk) -> list[Route]:
    """All paths below `/v1`."""
    models = ModelsDoor(desk)
    return [
        *(Route(f"/v1{dialect.PATH}", ModelDoor(dialect, desk), methods=["POST"]) for dialect in DIALECTS),
        Route("/v1/models", models, methods=["GET"]),
        Route("/v1/models/{name:path}", models, methods=["GET"]),
        Route("/v1/{rest:path}", NothingHere()),
    ]
