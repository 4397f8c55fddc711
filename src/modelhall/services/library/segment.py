"""Entries in memory with what makes searching them quick; sets of entries are whole numbers, one bit per entry.

Entry `i` of `n` is bit `n-1-i`, so that a set written in binary has the entries in their order.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from modelhall.services.library.columns import COLUMNS, FACETS, Value
from modelhall.services.library.entry import Entry

MOST_VALUES = 300
"""Of one facet; rarer values are found by looking through the entries. A lying provider must not fill the memory."""
FEW = 24
STRETCH = 32


@dataclass(frozen=True, slots=True)
class Order:
    """Entries in the order of a column: those with a value, then the others."""

    positions: Sequence[int]
    known: int
    """How many have a value."""


@dataclass(frozen=True, slots=True)
class Place:
    """The place in an order after which a page begins."""

    value: Value | None
    uid: str


class Segment:
    """Never changed once built, but for the orders, which are made when first asked for."""

    __slots__ = ("_columns", "_orders", "all", "entries", "facets", "position", "texts")

    def __init__(self, entries: Sequence[Entry], facets: Mapping[str, Mapping[str, int]]) -> None:
        """`entries` by their uid; use `building`."""
        self.entries = entries
        self.texts = [entry.text for entry in entries]
        self.facets = facets
        self.all = (1 << len(entries)) - 1
        self.position = {entry.uid: place for place, entry in enumerate(entries)}
        self._columns: dict[str, Sequence[Value | None]] = {}
        self._orders: dict[tuple[str, bool], Order] = {}

    def with_words(self, words: Iterable[str]) -> int:
        """The entries that have every word (folded) somewhere."""
        found = self.all
        for word in words:
            found &= int("0" + "".join(["1" if word in text else "0" for text in self.texts]), 2)
        return found

    def with_value(self, facet: str, value: str) -> int:
        """The entries that have this value."""
        known = self.facets[facet]
        if value in known or len(known) < MOST_VALUES:
            return known.get(value, 0)
        read = FACETS[facet]
        return self.bits(place for place, entry in enumerate(self.entries) if value in read(entry))

    def between(self, column: str, least: Value | None, most: Value | None) -> int:
        """The entries whose value is known and lies between these, both included."""
        values, order = self.column(column), self.order(column, descending=False)
        known = order.positions[: order.known]
        first = 0 if least is None else bisect_left(known, least, key=values.__getitem__)  # type: ignore[type-var]
        last = len(known) if most is None else bisect_right(known, most, key=values.__getitem__)  # type: ignore[type-var]
        return self.bits(known[first:last])

    def bits(self, positions: Iterable[int]) -> int:
        """The set of these entries."""
        return bits_of(positions, len(self.entries))

    def column(self, name: str) -> Sequence[Value | None]:
        """The values of a column, entry by entry."""
        if name not in self._columns:
            self._columns[name] = list(map(COLUMNS[name].read, self.entries))
        return self._columns[name]

    def order(self, column: str, *, descending: bool) -> Order:
        """The entries in that order."""
        found = self._orders.get((column, descending))
        if found is None:
            found = self._orders[column, descending] = in_order(self.column(column), descending=descending)
        return found

    def first(
        self, found: int, order: Order, values: Sequence[Value | None], after: Place | None, most: int, *, down: bool
    ) -> list[int]:
        """The first of the entries found, in that order, after that place."""
        start = 0 if after is None else self._start(order, values, after, down=down)
        flags = format(found, f"0{len(self.entries)}b") if self.entries else ""
        return list(islice((place for place in order.positions[start:] if flags[place] == "1"), most))

    def _start(self, order: Order, values: Sequence[Value | None], after: Place, *, down: bool) -> int:
        def comes_later(position: int) -> bool:
            value = values[position]
            if value is None or after.value is None or value == after.value:
                same = value == after.value
                return self.entries[position].uid > after.uid if same else value is None
            return value < after.value if down else value > after.value  # type: ignore[operator]

        return bisect_left(order.positions, True, key=comes_later)


def bits_of(positions: Iterable[int], size: int) -> int:
    """The set of these out of so many entries."""
    places = list(positions)
    if len(places) < FEW:
        found = 0
        for place in places:
            found |= 1 << (size - 1 - place)
        return found
    marks = bytearray(b"0") * size
    for place in places:
        marks[place] = 49
    return int(marks, 2)


def in_order(values: Sequence[Value | None], *, descending: bool) -> Order:
    """Equal ones by their uid, both ways; those without a value last, both ways."""
    known = [place for place, value in enumerate(values) if value is not None]
    known.sort(key=values.__getitem__, reverse=descending)  # type: ignore[arg-type]
    return Order([*known, *(place for place, value in enumerate(values) if value is None)], len(known))


def building(entries: Iterable[Entry]) -> Generator[None, None, Segment]:
    """Builds a segment, little by little: whoever drives it decides when to go on."""
    held = sorted(entries, key=_uid)
    yield
    facets: dict[str, Mapping[str, int]] = {}
    for facet in FACETS:
        facets[facet] = yield from _values(held, facet)
    return Segment(held, facets)


def _values(entries: Sequence[Entry], facet: str) -> Generator[None, None, Mapping[str, int]]:
    read, places = FACETS[facet], dict[str, list[int]]()
    for place, entry in enumerate(entries):
        for value in read(entry):
            places.setdefault(value, []).append(place)
        if place % (STRETCH * 8) == 0:
            yield
    bits: dict[str, int] = {}
    for value in sorted(places, key=lambda value: (-len(places[value]), value))[:MOST_VALUES]:
        bits[value] = bits_of(places[value], len(entries))
        yield
    return bits


def _uid(entry: Entry) -> str:
    return entry.uid
