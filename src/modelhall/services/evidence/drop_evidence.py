"""Forgets the evidence of a profile that has moved: it was about the server at the old address."""

from dataclasses import replace

from modelhall.domain.library import Model, Profile
from modelhall.services.evidence.hold_back import Standing, hold_back_losers
from modelhall.services.house import House
from modelhall.storage import models, profiles
from modelhall.storage.database import Change
from modelhall.storage.policies import facts_out


async def drop_evidence(house: House, change: Change, old: Profile, new: Profile) -> Profile:
    """The profile as it is then, its models' own evidence gone too; what kept a policy by it is held back."""
    held = await models.models_of_profile(change.connection, old.id)
    if new.privacy:
        before = {"evidence": facts_out(new.privacy)}
        new = await profiles.update_profile(change.connection, replace(new, privacy={}))
        await change.audit("evidence.set", "profile", new.id, new.slug, before=before, after={"evidence": None})
    bare = [await _bare(change, model) if model.privacy else model for model in held]
    await hold_back_losers(house, change, Standing(old, held), Standing(new, bare))
    return new


async def _bare(change: Change, model: Model) -> Model:
    bare = await models.update_model(change.connection, replace(model, privacy={}))
    before = {"evidence": facts_out(model.privacy)}
    await change.audit("evidence.set", "model", bare.id, bare.public_name, before=before, after={"evidence": None})
    return bare
