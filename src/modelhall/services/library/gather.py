"""Gathers an organisation's own entries; what did not change since the last time is taken over as it is."""

import asyncio
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from modelhall.catalog.model import CatalogModel
from modelhall.domain.library import Profile
from modelhall.domain.privacy import Privacy
from modelhall.gateway.call import Target
from modelhall.gateway.snapshot import Library
from modelhall.providers.provider import DiscoveredModel
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.library.entry import Entry, Labels, discovered_entry, own_entry
from modelhall.services.models.facts import catalog_name, facts_of
from modelhall.services.models.listing import pack_one, unpack_or_nothing
from modelhall.storage import known_lists, profiles, tags

EVERY = 100_000
STRETCH = 16


@dataclass(frozen=True, slots=True)
class Listed:
    """A profile with the models that its provider lists."""

    profile: Profile
    version: int
    models: Mapping[str, DiscoveredModel]


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that an organisation's entries are made of, as of one change number and these versions of its lists."""

    number: int
    versions: Mapping[str, int]
    library: Library | None
    tags: Mapping[str, tuple[str, ...]]
    lists: Mapping[str, Listed]
    """By profile id."""
    now: datetime

    def until(self) -> Generator[None, None, datetime | None]:
        """When the next announced price comes into force, or evidence ends."""
        first: datetime | None = None
        for number, target in enumerate(self.library.targets.values() if self.library else ()):
            for sheet in target.sheets:
                if sheet.valid_from > self.now and (first is None or sheet.valid_from < first):
                    first = sheet.valid_from
            end = target.privacy.next_end(self.now)
            if end is not None and (first is None or end < first):
                first = end
            if number % STRETCH == 0:
                yield
        return first


@dataclass(frozen=True, slots=True)
class Kept:
    """Entries with what each was made from, to be taken over where that is still so."""

    models: dict[str, tuple[tuple[object, ...], Entry]] = field(
        default_factory=dict[str, tuple[tuple[object, ...], Entry]]
    )
    """By library model id."""
    lists: dict[str, tuple[tuple[object, ...], dict[str, Entry]]] = field(
        default_factory=dict[str, tuple[tuple[object, ...], dict[str, Entry]]]
    )
    """By profile id, then by the provider's own name; of models that the library does not have."""

    def entries(self) -> Iterator[Entry]:
        """All of them."""
        yield from (entry for _, entry in self.models.values())
        for _, found in self.lists.values():
            yield from found.values()

    def covers(self) -> Iterator[str]:
        """The catalog's entries that say the same."""
        for entry in self.entries():
            if entry.covers is not None:
                yield entry.covers


async def gather(house: House, connection: Connection, organisation_id: str) -> Gathered:
    """Read what there is. Raises NotReady, DatabaseUnavailable."""
    snapshot = house.lookout.current()
    versions = await known_lists.read_versions(connection, organisation_id)
    lists: dict[str, Listed] = {}
    for profile in await profiles.list_profiles(connection, organisation_id, limit=EVERY):
        packed = await known_lists.read_models(connection, profile.id) if versions.get(profile.id) else None
        models = await asyncio.to_thread(unpack_or_nothing, packed)
        if models is not None:
            lists[profile.id] = Listed(profile, versions[profile.id], {model.id: model for model in models})
    return Gathered(
        number=snapshot.number,
        versions=versions,
        library=snapshot.libraries.get(organisation_id),
        tags=await tags.tags_by_model(connection, organisation_id),
        lists=lists,
        now=house.clock(),
    )


def own_entries(house: House, gathered: Gathered, old: Kept | None) -> Generator[None, None, Kept]:
    """The entries, little by little."""
    old = old or Kept()
    aliases = _aliases(gathered.library)
    kept, taken = Kept(), set[tuple[str, str]]()
    for number, target in enumerate(gathered.library.targets.values() if gathered.library else ()):
        if number % STRETCH == 0:
            yield
        model = target.model
        listed = gathered.lists.get(model.profile_id)
        is_listed = None if listed is None else model.model_id in listed.models
        marks = (aliases.get(model.id, ()), gathered.tags.get(model.id, ()), is_listed)
        made_from = _made_from(target, marks, gathered.now)
        known = old.models.get(model.id)
        entry = known[1] if known and known[0] == made_from else _own(house, target, marks, gathered.now)
        kept.models[model.id] = made_from, entry
        taken.add((model.profile_id, model.model_id))
    for profile_id, listed in gathered.lists.items():
        yield from _discovered(house, listed, taken, kept, old.lists.get(profile_id), gathered.now)
    return kept


def _discovered(
    house: House,
    listed: Listed,
    taken: set[tuple[str, str]],
    kept: Kept,
    old: tuple[tuple[object, ...], dict[str, Entry]] | None,
    now: datetime,
) -> Generator[None]:
    profile, entries = listed.profile, dict[str, Entry]()
    provider = house.providers.get(profile.provider)
    made_from = (profile.revision, listed.version, Privacy((profile.privacy,)).next_end(now))
    known = old[1] if old is not None and old[0] == made_from else {}
    for number, (name, told) in enumerate(listed.models.items()):
        if number % STRETCH == 0:
            yield
        if provider is not None and (profile.id, name) not in taken:
            entry = known.get(name)
            entries[name] = entry or discovered_entry(facts_of(house, profile, provider, name, told), pack_one(told))
    kept.lists[profile.id] = made_from, entries


def _own(house: House, target: Target, marks: Labels, now: datetime) -> Entry:
    return own_entry(target, marks, _in_catalog(house, target), now)


def _in_catalog(house: House, target: Target) -> CatalogModel | None:
    vendor = catalog_name(house, target.profile, target.provider)
    match = house.catalog.match(vendor, target.model.model_id) if vendor else None
    return match.model if match else None


def _made_from(target: Target, marks: Labels, now: datetime) -> tuple[object, ...]:
    model, sheet = target.model, target.sheet_at(now)
    state = (model.active, model.hidden, model.quarantined_because, model.updated_at)
    seen = (sheet.id if sheet else None, target.privacy.next_end(now))
    return (model.revision, state, target.profile.revision, seen, marks)


def _aliases(library: Library | None) -> Mapping[str, tuple[str, ...]]:
    """The names of the aliases that mean a model first of all, by library model id."""
    found: dict[str, tuple[str, ...]] = {}
    for alias in sorted(library.aliases.values(), key=lambda alias: alias.name) if library else ():
        for model_id in alias.model_ids[:1]:
            found[model_id] = (*found.get(model_id, ()), alias.name)
    return found
