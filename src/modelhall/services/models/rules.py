"""The rules of a model's life: what its state forbids, each with a reason that programs can read."""

from modelhall.domain.errors import Conflict
from modelhall.domain.library import Model
from modelhall.services.connection import Connection
from modelhall.storage import models

LONGEST_LINE = 1000


def refused(model: Model, reason: str, words: str, **more: object) -> Conflict:
    """The refusal of what a model's state forbids; `words` go on after its name."""
    return Conflict(f"{model.public_name} {words}", details={"reason": reason, "model": model.public_name, **more})


def is_usable(model: Model) -> bool:
    """Whether calls may go there."""
    return model.active and model.quarantined_because is None


def refuse_unusable(model: Model) -> None:
    """Raises Conflict for a model that is held back or not active."""
    if model.quarantined_because is not None:
        raise refused(model, "quarantined", f"is held back: {model.quarantined_because}")
    if not model.active:
        raise refused(model, "not_active", f"is not active; first `modelhall model activate {model.public_name}`")


def default_stays_active(model: Model) -> Conflict:
    """The refusal of what would leave the organisation with a default that no call may go to."""
    return refused(
        model,
        "is_default",
        "is the default, and the default is active; set another one first: `modelhall model default MODEL`",
    )


async def refuse_circle(connection: Connection, model: Model, successor: Model) -> None:
    """Raises Conflict when the successor is the model itself, or has it as a successor."""
    after: Model | None = successor
    for _ in range(LONGEST_LINE):
        if after is None:
            return
        if after.id == model.id:
            raise refused(model, "successor_circle", f"cannot be followed by {successor.public_name}: that leads back")
        after = None if after.successor_id is None else await models.get_model(connection, after.successor_id)
