"""What a person or program typed, checked once for CLI and API alike: names, amounts, cursors."""

import re
from datetime import UTC, datetime
from decimal import Decimal

from modelhall.domain.errors import BadRequest
from modelhall.domain.ids import is_id
from modelhall.domain.money import Nanodollars, parse_usd

SLUG = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,12})?")


def slug(text: str, field: str) -> str:
    """An id that is part of names: `[a-z0-9][a-z0-9._-]{0,62}`. Raises BadRequest."""
    if not SLUG.fullmatch(text):
        raise wrong(
            field, f"{text[:80]!r} must be 1 to 63 of a-z, 0-9, dot, hyphen, underscore, and begin with a-z or 0-9"
        )
    return text


def line(text: str, field: str, most: int = 200) -> str:
    """A name or a word of one line. Raises BadRequest."""
    text = text.strip()
    if not text or len(text) > most or not text.isprintable():
        raise wrong(field, f"must be 1 to {most} printable characters on one line")
    return text


def lines(text: str | None, field: str, most: int = 4000) -> str | None:
    """Free text, or none. Raises BadRequest for control characters other than line ends and tabs."""
    if text is None or not text.strip():
        return None
    if len(text) > most or not re.sub(r"[\n\r\t]", "", text).isprintable():
        raise wrong(field, f"must be at most {most} characters, without control characters")
    return text


def dollars(text: str, field: str) -> Nanodollars:
    """An amount of money: a plain decimal number of US dollars. Raises BadRequest."""
    if not _AMOUNT.fullmatch(text):
        raise wrong(field, f"{text[:40]!r} is not an amount of US dollars such as 5 or 0.25")
    try:
        return parse_usd(text)
    except ValueError as error:
        raise wrong(field, str(error)) from None


def rate(text: str, field: str) -> Decimal:
    """A price: a plain decimal number of US dollars. Raises BadRequest."""
    if not _AMOUNT.fullmatch(text):
        raise wrong(field, f"{text[:40]!r} is not a price in US dollars such as 2.5 or 0.075")
    return Decimal(text)


def moment_to_come(value: datetime, now: datetime, field: str) -> datetime:
    """A time in the future, in UTC. Raises BadRequest."""
    if value.tzinfo is None:
        raise wrong(field, "the time needs a zone, such as 2027-01-31T12:00:00Z")
    if value <= now:
        raise wrong(field, "the time is in the past")
    return value.astimezone(UTC)


def id_cursor(text: str | None) -> str | None:
    """A cursor that is one of our ids. Raises BadRequest."""
    if text is not None and not is_id(text):
        raise wrong("after", "this is not a cursor; take `next` of the page before")
    return text


def number_cursor(text: str | None) -> int | None:
    """A cursor that is a number. Raises BadRequest."""
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise wrong("after", "this is not a cursor; take `next` of the page before")
    return int(text)


def wrong(field: str, why: str) -> BadRequest:
    """What is wrong with a field, in words and for programs."""
    return BadRequest(f"{field}: {why}", details={"errors": [{"field": field, "message": why}]})
