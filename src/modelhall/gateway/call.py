"""A call and what becomes of it: who asks, where it goes, what comes back."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from modelhall.dialects.dialect import Ask, Dialect
from modelhall.dialects.parameters import ParameterFacts
from modelhall.dialects.stored_values import StoredValue
from modelhall.dialects.translate.bridge import Bridge, bridge
from modelhall.domain.library import Model, Profile
from modelhall.domain.people import Role
from modelhall.domain.policies import Verdict
from modelhall.domain.prices import PriceSheet
from modelhall.domain.privacy import Privacy
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
    defaults: tuple[tuple[str, str], ...] = ()
    """What answers where a call names no model, before the organisation's default: library model id, and whose it is.
    """
    stored: Mapping[str, StoredValue] = field(default_factory=dict[str, StoredValue])
    """What its calls are completed with where they say nothing of a parameter, by OpenAI's names."""
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
    stored: Mapping[str, StoredValue] = field(default_factory=dict[str, StoredValue])
    """What calls to it are completed with where nobody else has a value, by OpenAI's names."""
    privacy: Privacy = field(default_factory=Privacy)
    """What is known of where a call's data goes."""

    @property
    def is_usable(self) -> bool:
        """Whether calls may go to it."""
        return self.model.active and self.model.quarantined_because is None

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
    verdicts: Mapping[str, Verdict] | None = None
    """Why policies let the call go to its targets, by library model id; `None`: there is no policy."""

    def verdict_on(self, target: Target) -> Verdict | None:
        """Why policies let the call go to this one of its targets; `None`: there is no policy."""
        return None if self.verdicts is None else self.verdicts.get(target.model.id)


class Call(msgspec.Struct):
    """One request of a caller, as its door read it."""

    id: str
    caller: Caller
    dialect: Dialect
    body: bytes
    ask: Ask
    headers: Mapping[str, str]
    """Of the caller's headers, those that its dialect hands on to a provider."""
    added: Mapping[str, str] = {}
    """Parameters in the body that are not the caller's but stored ones: what, and whose."""
    stored_limit: int | None = None
    """The limit of output tokens among them."""

    @property
    def output_limit(self) -> int | None:
        """The limit of output tokens for one choice that its body says, the caller's or a stored one."""
        return self.ask.output_limit or self.stored_limit


@dataclass(slots=True)
class Reply:
    """What goes back: one shape for streams and whole answers."""

    status: int
    headers: list[tuple[bytes, bytes]]
    opening: bytes
    """What is there when it begins: the whole answer, or a stream up to its first content."""
    rest: AsyncIterator[bytes] | None
    """What follows in a stream; `None`: that was all."""
    ended: bool = False
    """Whether the piece of the rest that was given last is its last one."""
