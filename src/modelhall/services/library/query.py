"""What is searched for, read from words and checked once for API and commands alike."""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import cast

from modelhall.domain.errors import BadRequest
from modelhall.services.library.columns import COLUMNS, CONTEXT, FACETS, HEALTH, SORTS, UPTIME, Value
from modelhall.services.library.folding import folded
from modelhall.services.library.segment import Place
from modelhall.services.pages import USUAL
from modelhall.services.words import rate, wrong

MOST_WORDS = 20
MOST_VALUES = 100
MOST_TEXT = 255
PARTS = 10_000
"""Of an uptime: 0.995 is 9,950."""
PRICES = ("price_input", "price_output", "price_blended")
"""The columns that may be asked for by price."""
_UPTIME = re.compile(r"0(\.[0-9]{1,4})?|1(\.0{1,4})?")
_PLAIN = re.compile(r"[0-9]{1,12}(\.[0-9]{1,40})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A search as it was asked for; everything may be left out."""

    text: str = ""
    values: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """By facet: what is wanted of it."""
    least_context: int | None = None
    prices: Mapping[str, tuple[str | None, str | None]] = field(
        default_factory=dict[str, tuple[str | None, str | None]]
    )
    """By column of PRICES: at least, and at most, in decimal USD per million tokens."""
    least_uptime: str | None = None
    """Between 0 and 1."""
    retires_before: str | None = None
    """ISO date."""
    sort: str = "name"
    """A column; with a hyphen before it, the greatest first."""
    after: str | None = None
    limit: int = USUAL
    facets: bool = True
    """Whether the numbers by value are wanted too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A search that makes sense."""

    words: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]
    ranges: Mapping[str, tuple[Value | None, Value | None]]
    """By column, both ends included."""
    least_uptime: int | None
    column: str
    descending: bool
    after: Place | None
    limit: int
    facets: bool


def query_of(wish: Wish) -> Query:
    """The search that is meant. Raises BadRequest."""
    descending, column = wish.sort.startswith("-"), wish.sort.removeprefix("-")
    if column not in SORTS:
        raise wrong("sort", f"{column[:40]!r} is not one of {', '.join(SORTS)}; a hyphen before it turns it round")
    return Query(
        words=_words(wish.text),
        values=_values(wish.values),
        ranges=_ranges(wish),
        least_uptime=_uptime(wish.least_uptime),
        column=column,
        descending=descending,
        after=None if wish.after is None else place_of(wish.after, wish.sort),
        limit=wish.limit,
        facets=wish.facets,
    )


def cursor_of(sort: str, place: Place) -> str:
    """The place as text that a later search may begin after."""
    value = format(place.value, "f") if isinstance(place.value, Decimal) else place.value
    text = json.dumps([sort, value, place.uid], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place_of(cursor: str, sort: str) -> Place:
    """The place that a cursor of this order means. Raises BadRequest."""
    column = sort.removeprefix("-")
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        told = json.loads(text)
        given, value, uid = cast("tuple[object, object, object]", told)
    except (binascii.Error, ValueError, TypeError, RecursionError):
        raise _no_cursor() from None
    if given != sort or not isinstance(uid, str):
        raise _no_cursor()
    return Place(_value(column, value), uid)


def _value(column: str, value: object) -> Value | None:
    kind = "number" if column == UPTIME else COLUMNS[column].kind
    if value is None:
        return None
    if kind == "price" and isinstance(value, str) and _PLAIN.fullmatch(value):
        return Decimal(value)
    if kind == "number" and isinstance(value, int) and not isinstance(value, bool):
        return value
    if kind == "text" and isinstance(value, str):
        return value
    raise _no_cursor()


def _no_cursor() -> BadRequest:
    return wrong("after", "this is not a cursor of this order; take `next` of the page before")


def _words(text: str) -> tuple[str, ...]:
    words = tuple(dict.fromkeys(folded(text).split()))
    if len(words) > MOST_WORDS:
        raise wrong("q", f"at most {MOST_WORDS} words")
    return words


def _values(values: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    found = {facet: tuple(dict.fromkeys(wanted)) for facet, wanted in values.items() if wanted}
    for facet, wanted in found.items():
        if facet not in FACETS and facet != HEALTH:
            raise wrong(facet[:40], "there is nothing of that name to filter by")
        if len(wanted) > MOST_VALUES or any(len(value) > MOST_TEXT for value in wanted):
            raise wrong(facet, f"at most {MOST_VALUES} values of at most {MOST_TEXT} characters")
    return found


def _ranges(wish: Wish) -> dict[str, tuple[Value | None, Value | None]]:
    found: dict[str, tuple[Value | None, Value | None]] = {}
    for column, (least, most) in wish.prices.items():
        if least is not None or most is not None:
            found[column] = (
                None if least is None else rate(least, f"min_{column}"),
                None if most is None else rate(most, f"max_{column}"),
            )
    if wish.least_context is not None:
        found[CONTEXT] = (wish.least_context, None)
    if wish.retires_before is not None:
        found["retires_on"] = (None, _day_before(wish.retires_before))
    return found


def _day_before(text: str) -> str:
    try:
        return (date.fromisoformat(text) - timedelta(days=1)).isoformat()
    except (ValueError, OverflowError):
        raise wrong("retires_before", f"{text[:40]!r} is not a date such as 2027-01-31") from None


def _uptime(text: str | None) -> int | None:
    if text is None:
        return None
    if not _UPTIME.fullmatch(text):
        raise wrong("min_uptime", f"{text[:40]!r} is not between 0 and 1, such as 0.99")
    return int(Decimal(text) * PARTS)
