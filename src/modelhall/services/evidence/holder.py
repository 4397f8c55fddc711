"""What carries evidence: a profile, by its id, or a model, by `profile/model-id`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from modelhall.domain.errors import Conflict
from modelhall.domain.library import Model, Profile
from modelhall.domain.privacy import Facts, Privacy
from modelhall.providers.privacy import nature_of, privacy_of, told_of
from modelhall.providers.provider import Provider
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.models.find_model import find_model
from modelhall.services.profiles.find_profile import find_profile
from modelhall.storage import models, profiles


@dataclass(frozen=True, slots=True)
class Holder:
    """A profile, or one model of it."""

    profile: Profile
    provider: Provider
    model: Model | None = None

    @property
    def kind(self) -> Literal["profile", "model"]:
        """Which of the two it is."""
        return "profile" if self.model is None else "model"

    @property
    def name(self) -> str:
        """By which it was asked for."""
        return self.profile.slug if self.model is None else self.model.public_name

    @property
    def facts(self) -> Facts:
        """What people entered of it."""
        return self.profile.privacy if self.model is None else self.model.privacy

    @property
    def privacy(self) -> Privacy:
        """All that is known."""
        if self.model is not None:
            return privacy_of(self.model, self.profile, self.provider)
        return Privacy(
            (self.profile.privacy, nature_of("", self.profile, self.provider), told_of(self.profile, self.provider))
        )

    async def models(self, connection: Connection) -> Sequence[Model]:
        """The models that it is about."""
        if self.model is not None:
            return [self.model]
        return await models.models_of_profile(connection, self.profile.id)

    async def with_facts(self, connection: Connection, facts: Facts) -> "Holder":
        """Write these facts in the place of those that it has."""
        if self.model is not None:
            return replace(self, model=await models.update_model(connection, replace(self.model, privacy=facts)))
        return replace(self, profile=await profiles.update_profile(connection, replace(self.profile, privacy=facts)))


async def find_holder(house: House, connection: Connection, organisation_id: str, name: str) -> Holder:
    """The profile or model of that name. Raises NotFound, UnknownModel, Conflict for an unknown provider."""
    slug, slash, _ = name.partition("/")
    model = await find_model(connection, organisation_id, name) if slash else None
    profile = await find_profile(connection, organisation_id, slug)
    provider = house.providers.get(profile.provider)
    if provider is None:
        raise Conflict(f"this version knows no provider {profile.provider}")
    return Holder(profile, provider, model)
