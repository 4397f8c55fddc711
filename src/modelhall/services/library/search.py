"""Searches the library, what providers list, and the catalog, all in one."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from modelhall.domain.library import Told
from modelhall.domain.people import Actor, Role
from modelhall.services.health.model_health import NO_DATA, Health
from modelhall.services.house import House
from modelhall.services.library.columns import ALL_OF, FACETS, HEALTH, UPTIME, Value
from modelhall.services.library.entry import Entry
from modelhall.services.library.query import PARTS, Query, Wish, cursor_of, query_of
from modelhall.services.library.segment import Order, Place, in_order
from modelhall.services.library.shelf import Shelf, View
from modelhall.services.library.sources import Witnesses
from modelhall.services.models.list_state import ListState
from modelhall.services.models.list_states import EVERY, list_states
from modelhall.services.rights import require
from modelhall.storage import profiles

MOST_COUNTS = 100
"""Values of one facet that are told, the most frequent first."""


@dataclass(frozen=True, slots=True)
class Found:
    """One line of an answer."""

    entry: Entry
    default: bool
    health: Health
    sources: Mapping[str, Told]
    """Where its facts are from, by field."""


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A page of what was found."""

    items: Sequence[Found]
    next: str | None
    total: int
    facets: Mapping[str, Mapping[str, int]]
    """By facet and value: how many there would be if it were asked for, under all other filters."""
    troubled: Sequence[ListState]
    """Lists that could not be renewed: what is shown of them is as old as they say."""


@dataclass(frozen=True, slots=True)
class _Sets:
    """What a search leaves of one segment, as sets: by everything without counts, and by each facet."""

    view: View
    base: int
    by_facet: Mapping[str, int]

    @property
    def found(self) -> int:
        """By all of it."""
        return self.without(None)

    def without(self, facet: str | None) -> int:
        """By all but what is asked of one facet."""
        left = self.base
        for name, bits in self.by_facet.items():
            if name != facet:
                left &= bits
        return left


async def search(house: House, actor: Actor, wish: Wish) -> SearchPage:
    """A page of it, from memory: no provider is asked. Raises RoleTooLow, BadRequest, NotReady, DatabaseUnavailable."""
    require(actor, Role.VIEWER)
    query = query_of(wish)
    async with house.database.read() as connection:
        views = await house.memory.of(Shelf).views(house, connection, actor.organisation_id)
        theirs = await profiles.list_profiles(connection, actor.organisation_id, limit=EVERY)
        states = await list_states(house, connection, actor.organisation_id, theirs)
    sets: list[_Sets] = []
    for view in views:
        sets.append(_sets(view, query))
        await asyncio.sleep(0)  # each of these takes some milliseconds, and calls go on in between
        _ordered(view, query)
        await asyncio.sleep(0)
    entries, following = _page(sets, query, wish.sort)
    await asyncio.sleep(0)
    facets = _counts(sets) if query.facets else {}
    await asyncio.sleep(0)
    library = house.lookout.current().libraries.get(actor.organisation_id)
    witnesses = Witnesses(house, library, {profile.id: profile for profile in theirs})
    return SearchPage(
        items=[_found(views[0], entry, witnesses) for entry in entries],
        next=following,
        total=sum(each.found.bit_count() for each in sets),
        facets=facets,
        troubled=[state for state in states if state.known is not None and state.known.error is not None],
    )


def _found(own: View, entry: Entry, witnesses: Witnesses) -> Found:
    default = witnesses.library.organisation.default_model_id if witnesses.library else None
    is_default = default is not None and entry.library_id == default
    return Found(entry, is_default, own.health.get(entry.library_id or "", NO_DATA), witnesses.of(entry))


def _sets(view: View, query: Query) -> _Sets:
    segment = view.segment
    base = segment.with_words(query.words) & ~view.covered
    for column, (least, most) in query.ranges.items():
        base &= segment.between(column, least, most)
    if query.least_uptime is not None:
        ups = _uptimes(view)
        base &= segment.bits(place for place, up in enumerate(ups) if up is not None and up >= query.least_uptime)
    by_facet: dict[str, int] = {}
    for facet, wanted in query.values.items():
        each = [_having(view, facet, value) for value in wanted]
        if facet in ALL_OF:
            for bits in each:
                base &= bits
        else:
            by_facet[facet] = _either(each)
    return _Sets(view, base, by_facet)


def _having(view: View, facet: str, value: str) -> int:
    return view.facets.get(value, 0) if facet == HEALTH else view.segment.with_value(facet, value)


def _either(sets: Iterable[int]) -> int:
    found = 0
    for bits in sets:
        found |= bits
    return found


def _page(sets: Sequence[_Sets], query: Query, sort: str) -> tuple[list[Entry], str | None]:
    """The first entries after the cursor, out of the first of each segment."""
    merged: list[tuple[Value | None, Entry]] = []
    for each in sets:
        segment = each.view.segment
        values, order = _ordered(each.view, query)
        places = segment.first(each.found, order, values, query.after, query.limit + 1, down=query.descending)
        merged += [(values[place], segment.entries[place]) for place in places]
    merged.sort(key=lambda pair: pair[1].uid)
    order = in_order([value for value, _ in merged], descending=query.descending)
    first = [merged[place] for place in order.positions[: query.limit]]
    if len(merged) <= query.limit:
        return [entry for _, entry in first], None
    value, entry = first[-1]
    return [entry for _, entry in first], cursor_of(sort, Place(value, entry.uid))


def _ordered(view: View, query: Query) -> tuple[Sequence[Value | None], Order]:
    if query.column == UPTIME:
        values = _uptimes(view)
        return values, in_order(values, descending=query.descending)
    return view.segment.column(query.column), view.segment.order(query.column, descending=query.descending)


def _uptimes(view: View) -> list[int | None]:
    """By entry, in parts of PARTS; `None`: no data."""
    known = [view.health.get(entry.library_id or "") for entry in view.segment.entries]
    return [
        None if health is None or health.uptime is None else int(Decimal(str(health.uptime)) * PARTS)
        for health in known
    ]


def _counts(sets: Sequence[_Sets]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for facet in (*FACETS, HEALTH):
        counts: dict[str, int] = {}
        for each in sets:
            left = each.without(facet)
            values = each.view.facets if facet == HEALTH else each.view.segment.facets[facet]
            for value, bits in values.items() if left else ():
                count = (left & bits).bit_count()
                if count:
                    counts[value] = counts.get(value, 0) + count
        found[facet] = dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_COUNTS])
    return found
