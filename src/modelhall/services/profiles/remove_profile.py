"""Removes a profile with its models and keys; what was used through it stays in the ledger."""

from modelhall.domain.errors import Conflict
from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.profiles.find_profile import find_profile
from modelhall.services.profiles.profile_view import told
from modelhall.services.rights import require
from modelhall.services.uses import refuse_used, refuse_used_but_default
from modelhall.storage import models, profiles


async def remove_profile(
    house: House, actor: Actor, slug: str, *, force: bool = False, if_revision: int | None = None
) -> None:
    """Remove it; with `force` also when something names one of its models, but never the default's profile.

    Raises RoleTooLow, NotFound, Stale, Conflict.
    """
    require(actor, Role.ADMIN)
    async with house.database.change(actor) as change:
        profile = await find_profile(change.connection, actor.organisation_id, slug, if_revision=if_revision)
        if profile.origin == "built-in":
            raise Conflict(
                "the built-in model is part of the house; deactivate its model instead", details={"reason": "built_in"}
            )
        held = await models.models_of_profile(change.connection, profile.id)
        check = refuse_used_but_default if force else refuse_used
        await check(change.connection, actor.organisation_id, held)
        await profiles.delete_profile(change.connection, profile.id)
        before = told(profile) | {"models": [model.model_id for model in held]}
        await change.audit("profile.remove", "profile", profile.id, profile.slug, before=before)
