"""The library and the catalog in memory, ready to be searched; built anew, in slices, when something changed."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from modelhall.services.connection import Connection
from modelhall.services.health.model_health import Health, model_health
from modelhall.services.house import House
from modelhall.services.library.entry import Entry, catalog_entry
from modelhall.services.library.gather import Kept, gather, own_entries
from modelhall.services.library.segment import Segment, building
from modelhall.storage import known_lists

T = TypeVar("T")
SLICE_S = 0.002
STRETCH = 256
MOST_ORGANISATIONS = 8
"""Kept in memory; the one that was asked for longest ago goes first."""
HEALTH_S = 2.0


@dataclass(frozen=True, slots=True)
class View:
    """A segment as one search sees it."""

    segment: Segment
    covered: int = 0
    """Entries that are left out: the catalog's word for a model that the library has, or a provider lists."""
    health: Mapping[str, Health] = field(default_factory=dict[str, Health])
    """By library model id."""
    facets: Mapping[str, int] = field(default_factory=dict[str, int])
    """The states of health, as sets of entries."""


@dataclass(frozen=True, slots=True)
class _Own:
    """What was built for one organisation, and from what."""

    number: int
    versions: Mapping[str, int]
    until: datetime | None
    """When a price that was announced comes into force, or evidence ends."""
    kept: Kept
    segment: Segment
    covered: int


@dataclass(slots=True)
class Shelf:
    """Holds what was built. One for each house."""

    _catalog: Segment | None = None
    _own: OrderedDict[str, _Own] = field(default_factory=OrderedDict[str, _Own])
    _health: dict[str, tuple[float, View]] = field(default_factory=dict[str, tuple[float, View]])
    _building: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def views(self, house: House, connection: Connection, organisation_id: str) -> tuple[View, View]:
        """The organisation's own entries and the catalog's, as of now. Raises NotReady, DatabaseUnavailable."""
        own = await self._current(house, connection, organisation_id)
        assert self._catalog is not None  # noqa: S101 - told to the type checker
        return await self._with_health(house, connection, organisation_id, own), View(self._catalog, own.covered)

    async def _current(self, house: House, connection: Connection, organisation_id: str) -> _Own:
        number = house.lookout.current().number
        versions = await known_lists.read_versions(connection, organisation_id)
        own = self._own.get(organisation_id)
        if own is None or not _is_fresh(own, number, versions, house.clock()):
            async with self._building:
                own = self._own.get(organisation_id)
                if own is None or not _is_fresh(own, number, versions, house.clock()):
                    own = await self._build(house, connection, organisation_id, own)
        self._own[organisation_id] = own
        self._own.move_to_end(organisation_id)
        while len(self._own) > MOST_ORGANISATIONS:
            forgotten, _ = self._own.popitem(last=False)
            self._health.pop(forgotten, None)
        return own

    async def _build(self, house: House, connection: Connection, organisation_id: str, old: _Own | None) -> _Own:
        if self._catalog is None:
            self._catalog = await in_slices(_catalog_segment(house))
        gathered = await gather(house, connection, organisation_id)
        kept = await in_slices(own_entries(house, gathered, old.kept if old else None))
        segment = await in_slices(building(kept.entries()))
        covered = await in_slices(_covered(self._catalog, kept))
        until = await in_slices(gathered.until())
        return _Own(gathered.number, gathered.versions, until, kept, segment, covered)

    async def _with_health(self, house: House, connection: Connection, organisation_id: str, own: _Own) -> View:
        known = self._health.get(organisation_id)
        if known is not None and known[1].segment is own.segment and time.monotonic() - known[0] < HEALTH_S:
            return known[1]
        health = await model_health(house, connection, organisation_id)
        view = View(own.segment, 0, health, await in_slices(_states(own.segment, health)))
        self._health[organisation_id] = time.monotonic(), view
        return view


def _is_fresh(own: _Own, number: int, versions: Mapping[str, int], now: datetime) -> bool:
    return own.number >= number and own.versions == versions and (own.until is None or now < own.until)


def _catalog_segment(house: House) -> Generator[None, None, Segment]:
    entries: list[Entry] = []
    for provider in house.catalog.providers:
        yield
        for listed in house.catalog.passing(provider):
            entries.append(catalog_entry(listed))
            if len(entries) % 32 == 0:
                yield
    return (yield from building(entries))


def _covered(catalog: Segment, kept: Kept) -> Generator[None, None, int]:
    places: list[int] = []
    for number, uid in enumerate(kept.covers()):
        if uid in catalog.position:
            places.append(catalog.position[uid])
        if number % STRETCH == 0:
            yield
    return catalog.bits(places)


def _states(segment: Segment, health: Mapping[str, Health]) -> Generator[None, None, dict[str, int]]:
    states: dict[str, list[int]] = {}
    for place, entry in enumerate(segment.entries):
        if entry.library_id is not None:
            known = health.get(entry.library_id)
            states.setdefault(known.state if known else "no_data", []).append(place)
        if place % STRETCH == 0:
            yield
    return {state: segment.bits(places) for state, places in states.items()}


async def in_slices(work: Generator[None, None, T]) -> T:
    """Drive it a few milliseconds at a time, so that calls go on in between."""
    while True:
        until = time.perf_counter() + SLICE_S
        try:
            while time.perf_counter() < until:
                next(work)
        except StopIteration as end:
            return end.value
        await asyncio.sleep(0)
