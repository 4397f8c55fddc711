"""Reads what a stranger's file may hold at any place: the wrong kind of value is as if it were not there."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, cast

MOST_NAME = 255
_NUMBER = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,20})?(?:[eE][-+]?[0-9]{1,2})?")


def table(value: object) -> dict[str, Any]:
    """A table of fields, else an empty one."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """A list, else an empty one."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def text(value: object) -> str | None:
    """A text with something in it, without blanks around it."""
    return value.strip() or None if isinstance(value, str) else None


def name(value: object) -> str | None:
    """A model's name: a text that can be one."""
    found = text(value)
    return found if found is not None and len(found) <= MOST_NAME and found.isprintable() else None


def whole(value: object) -> int | None:
    """A count of at least 1."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 10**9 else None


def number(value: object) -> int | float | None:
    """A number, as it is sent to models."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def amount(value: object) -> Decimal | None:
    """A price as it was written: the shortest decimal that means the same number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    written = str(value).strip()
    try:
        return Decimal(written) if _NUMBER.fullmatch(written) else None
    except InvalidOperation:
        return None


def names(value: object) -> list[str]:
    """All names in a list."""
    return [found for each in items(value) if (found := name(each)) is not None]


def first(fields: Mapping[str, Any], *wanted: str) -> str | None:
    """The text of the first of these fields that has one."""
    return next((found for each in wanted if (found := text(fields.get(each))) is not None), None)
