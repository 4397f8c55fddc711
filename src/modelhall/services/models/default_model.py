"""Which model is the organisation's default, and how another one becomes it."""

from dataclasses import replace

from modelhall.domain.errors import NotFound
from modelhall.domain.library import Model
from modelhall.services.connection import Connection
from modelhall.storage import models, organisations
from modelhall.storage.database import Change


async def default_id(connection: Connection, organisation_id: str) -> str | None:
    """The id of the organisation's default."""
    organisation = await organisations.get_organisation(connection, organisation_id)
    return organisation.default_model_id if organisation else None


async def move_default(change: Change, model: Model | None, *, undoes: str | None = None) -> None:
    """Make this model the default, if it is not; `None`: there is none any more. Raises NotFound.

    `undoes`: the change that it takes back.
    """
    organisation = await organisations.get_organisation(change.connection, change.actor.organisation_id)
    if organisation is None:
        raise NotFound("there is no such organisation")
    last, new = organisation.default_model_id, None if model is None else model.id
    if last == new:
        return
    old = None if last is None else await models.get_model(change.connection, last)
    await organisations.update_organisation(change.connection, replace(organisation, default_model_id=new))
    action, more = ("model.undo", {"undoes": undoes}) if undoes else ("model.set_default", {})
    await change.audit(
        action,
        "organisation",
        organisation.id,
        organisation.slug,
        before=_told(old, last),
        after=_told(model, new) | more,
    )


def _told(model: Model | None, model_id: str | None) -> dict[str, object]:
    """The name for people, the id because names can be given again."""
    return {"default": model.public_name if model else None, "default_id": model_id}
