"""A call and what becomes of it: who asks, where it goes, what comes back."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from modelhall.dialects.dialect import Ask, Dialect
from modelhall.dialects.parameters import ParameterFacts
from modelhall.dialects.translate.bridge import Bridge, bridge
from modelhall.domain.library import Model, Profile
from modelhall.domain.people import Role
from modelhall.domain.prices import PriceSheet
from modelhall.providers.provider import Provider


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes a call: a virtual key, or the operator of this start."""

    organisation_id: str
    member_id: str
    key_id: str | None
    project_id: str | None = None
    role: Role | None = None
    models: frozenset[str] | None = None
    """Library model ids it may call; `None` = every active one."""
    default_model_id: str | None = None
    windows: tuple[str, ...] = ()
    """Budget windows that its calls are held against, in the order of their ids."""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A model together with all that is needed to call it."""

    model: Model
    profile: Profile
    provider: Provider
    sheets: tuple[PriceSheet, ...]
    """The newest first."""
    facts: ParameterFacts = field(default_factory=ParameterFacts)
    """What the model takes of a request's parameters."""

    def way_from(self, dialect: Dialect) -> Bridge | None:
        """How a call in this dialect is carried to the target; `None`: the target speaks it, or nothing carries it."""
        if dialect in self.provider.speaks:
            return None
        return next((way for spoken in self.provider.speaks if (way := bridge(dialect, spoken)) is not None), None)

    def sheet_at(self, instant: datetime) -> PriceSheet | None:
        """The price sheet in force at that time (aware UTC); `None` = unknown."""
        for sheet in self.sheets:
            if sheet.valid_from <= instant:
                return sheet
        return None


@dataclass(frozen=True, slots=True)
class Passed:
    """A target of an alias that a call cannot fall back to."""

    model: str
    why: str


class Route(msgspec.Struct, frozen=True, gc=False):
    """The ordered targets of a call, and why."""

    asked: str
    """The name by which the caller asked; `default` where it named none."""
    targets: tuple[Target, ...]
    why: str
    passed: tuple[Passed, ...] = ()


class Call(msgspec.Struct):
    """One request of a caller, as its door read it."""

    id: str
    caller: Caller
    dialect: Dialect
    body: bytes
    ask: Ask
    headers: Mapping[str, str]
    """Of the caller's headers, those that its dialect hands on to a provider."""


@dataclass(slots=True)
class Reply:
    """What goes back: one shape for streams and whole answers, a stream of one chunk being a whole answer."""

    status: int
    headers: list[tuple[bytes, bytes]]
    chunks: AsyncIterator[bytes]
    streamed: bool
    ended: bool = False
    """Set before the last chunk is given, where that is known: it may go out together with the end of the answer."""
