"""Lists in pages: a page holds some items and, when there are more, the cursor after which they come."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
MOST = 500
USUAL = 100


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A stretch of a list. `next`: the sort key of the last item when more follow, else `None`."""

    items: Sequence[T]
    next: str | None = None


def page_of(fetched: Sequence[T], limit: int, key: Callable[[T], str]) -> Page[T]:
    """The page out of up to `limit + 1` items that were fetched from the cursor on."""
    items = fetched[:limit]
    return Page(items, key(items[-1]) if len(fetched) > limit else None)


def page_after(in_order: Sequence[T], after: str | None, limit: int, key: Callable[[T], str]) -> Page[T]:
    """The page out of a whole list that is sorted by `key`."""
    rest = in_order if after is None else [item for item in in_order if key(item) > after]
    return page_of(rest[: limit + 1], limit, key)
