"""What an import is done in: who asks, what is there already, and where variables have their values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from modelhall.catalog.catalog import Catalog
from modelhall.domain.library import Profile
from modelhall.domain.people import Actor
from modelhall.gateway.credentials import Credentials
from modelhall.providers.provider import Provider
from modelhall.services.house import House
from modelhall.services.profiles.profile_key import OPERATORS
from modelhall.services.uses import EVERY
from modelhall.storage import aliases, models, profiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """All that importers look at besides the foreign file."""

    actor: Actor
    providers: Mapping[str, Provider]
    catalog: Catalog
    credentials: Credentials
    profiles: tuple[Profile, ...] = ()
    """Those that are there."""
    aliases: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """What the names that are there mean."""
    bare_ids: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """The models that are there, by the providers' own names."""
    variables: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    """Given along with the file, over those of the server."""
    take_keys: bool = False
    """Whether keys that stand in the file are sealed and kept."""
    allow_private: bool = False
    """Whether profiles at private addresses may be called at once."""

    def address_in(self, variable: str, provider: Provider) -> str | None:
        """The address that a variable holds: what was given along, else the server's own, for those who may see it."""
        given = self.variables.get(variable, "").strip()
        if given or not (self.actor.via in OPERATORS or variable in provider.base_url_env):
            return given or None
        return self.credentials.environment.get(variable, "").strip() or None


async def surroundings(
    house: House, actor: Actor, variables: Mapping[str, str], *, take_keys: bool, allow_private: bool
) -> Surroundings:
    """As they are now."""
    organisation_id = actor.organisation_id
    async with house.database.read() as connection:
        there = await profiles.list_profiles(connection, organisation_id, limit=EVERY)
        names = await aliases.list_aliases(connection, organisation_id, limit=EVERY)
        library = await models.list_models(connection, organisation_id, limit=EVERY)
    public = {model.id: model.public_name for model in library}
    bare: dict[str, frozenset[str]] = {}
    for model in library:
        bare[model.model_id] = bare.get(model.model_id, frozenset()) | {model.public_name}
    return Surroundings(
        actor=actor,
        providers=house.providers,
        catalog=house.catalog,
        credentials=house.credentials,
        profiles=tuple(there),
        aliases={each.name: tuple(public[held] for held in each.model_ids if held in public) for each in names},
        bare_ids=bare,
        variables=variables,
        take_keys=take_keys,
        allow_private=allow_private,
    )
