"""Everything that a configuration may speak of, as it is in the database at one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from modelhall.domain.library import Alias, Collection, Model, Profile
from modelhall.domain.people import Member, Organisation, Project
from modelhall.domain.prices import PriceSheet
from modelhall.services.connection import Connection
from modelhall.services.models.library_settings import LibrarySettings, library_settings
from modelhall.services.uses import EVERY
from modelhall.storage import aliases, collections, members, models, organisations, prices, profiles, projects, tags


@dataclass(frozen=True)
class Stock:
    """One moment of an organisation."""

    now: datetime
    organisation: Organisation | None = None
    settings: LibrarySettings = LibrarySettings()
    profiles: Sequence[Profile] = ()
    models: Sequence[Model] = ()
    sheets: Mapping[str, Sequence[PriceSheet]] = field(default_factory=dict[str, Sequence[PriceSheet]])
    tags: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    collections: Sequence[Collection] = ()
    aliases: Sequence[Alias] = ()
    projects: Sequence[Project] = ()
    members: Sequence[Member] = ()

    @cached_property
    def public(self) -> Mapping[str, str]:
        """Public names of living models by id."""
        return {model.id: model.public_name for model in self.models}

    def names(self, ids: Sequence[str]) -> list[str]:
        """Public names of those that live."""
        return [self.public[each] for each in ids if each in self.public]


async def take_stock(connection: Connection, organisation_id: str, now: datetime) -> Stock:
    """The organisation as it is in this transaction."""
    library = await models.list_models(connection, organisation_id, limit=EVERY)
    ids = [model.id for model in library]
    return Stock(
        organisation=await organisations.get_organisation(connection, organisation_id),
        settings=await library_settings(connection, organisation_id),
        profiles=await profiles.list_profiles(connection, organisation_id, limit=EVERY),
        models=library,
        sheets=await prices.current_sheets(connection, now, ids),
        tags=await tags.tags_of_models(connection, ids),
        collections=await collections.list_collections(connection, organisation_id, limit=EVERY),
        aliases=await aliases.list_aliases(connection, organisation_id, limit=EVERY),
        projects=await projects.list_projects(connection, organisation_id, limit=EVERY),
        members=await members.list_members(connection, organisation_id, limit=EVERY),
        now=now,
    )
