"""Options that many commands share, and how their values are read."""

import getpass
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import CycloptsError, Parameter

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(r"(?:\d+[smhdw])+")


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Common:
    """What every command that works on a house takes."""

    data: Annotated[
        Path | None, Parameter(help="The data directory; otherwise MODELHALL_DATA, otherwise your own.")
    ] = None
    json: Annotated[bool, Parameter(negative="", help="Answer for programs instead of tables for people.")] = False


USUAL = Common()


def wrong(message: str) -> CycloptsError:
    """The error for options that make no sense; the command then ends with exit code 2."""
    return CycloptsError(msg=message)


def listed(text: str | None) -> list[str] | None:
    """A list written with commas; `None` stays `None`, and nothing at all is an empty list."""
    return None if text is None else [part.strip() for part in text.split(",") if part.strip()]


def dollars(text: str | None, option: str) -> str | None:
    """An amount in dollars as a plain decimal number, never rounded. Raises CycloptsError."""
    if text is None:
        return None
    try:
        amount = Decimal(text.strip().removeprefix("$"))
    except InvalidOperation:
        raise wrong(f"{option} is an amount in US dollars such as 2.50, not {text!r}.") from None
    if not amount.is_finite() or amount < 0:
        raise wrong(f"{option} is an amount in US dollars, 0 or more, not {text!r}.")
    return format(amount, "f")


def moment(text: str | None, option: str, now: datetime, direction: Literal["ahead", "back"]) -> str | None:
    """A time as ISO 8601 in UTC: written as a date, as a time, or as a distance from now (`30d`, `12h`, `1h30m`).

    What names no zone is UTC. Raises CycloptsError.
    """
    if text is None:
        return None
    try:
        found = _distant(text, now, direction) if _DURATION.fullmatch(text) else datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise wrong(
            f"{option} is a date (2027-01-31), a time (2027-01-31T12:00Z) or a distance (30d, 12h), not {text!r}."
        ) from None
    aware = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    return aware.isoformat(timespec="seconds").replace("+00:00", "Z")


def _distant(text: str, now: datetime, direction: Literal["ahead", "back"]) -> datetime:
    parts = {_UNITS[unit]: int(count) for count, unit in re.findall(r"(\d+)([smhdw])", text)}
    distance = timedelta(**parts)
    return now + distance if direction == "ahead" else now - distance


def secret(text: str | None, what: str) -> str | None:
    """A secret as given; `-` asks for it at the terminal, or reads it from standard input. Raises CycloptsError."""
    if text != "-":
        if text is not None and text.startswith("-"):
            raise wrong(f"The {what} is missing in front of {text}.")
        return text
    given = getpass.getpass(f"{what}: ") if sys.stdin.isatty() else sys.stdin.readline()
    if not given.strip():
        raise wrong(f"No {what} came in.")
    return given.strip()


def agreed(question: str) -> bool:
    """Whether the person says yes. Who does not sit at a terminal meant what they wrote."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return True
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}
