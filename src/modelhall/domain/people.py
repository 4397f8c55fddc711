"""Who owns, who acts, and with what right."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

from modelhall.domain.policies import NOTHING, Policy


class Role(IntEnum):
    """What a member or a service key may do; a higher role may do all that a lower one may."""

    VIEWER = 1
    MEMBER = 2
    ADMIN = 3

    @property
    def word(self) -> str:
        """The role as it is written everywhere outside the code."""
        return self.name.lower()

    @classmethod
    def named(cls, word: str) -> "Role":
        """The role of that word. Raises ValueError."""
        try:
            return cls[word.upper()]
        except KeyError:
            raise ValueError(f"{word!r} is not a role; roles are admin, member and viewer") from None


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who owns rows."""

    id: str
    slug: str
    name: str
    default_model_id: str | None
    policy: Policy = NOTHING
    """What it demands of every model that it calls."""


@dataclass(frozen=True, slots=True)
class Member:
    """A person in an organisation."""

    id: str
    organisation_id: str
    account_id: str
    login: str
    name: str
    role: Role
    default_model_id: str | None
    removed_at: datetime | None = None
    disabled: bool = False
    """Whether the person's account is switched off, in every organisation."""
    signed_in_at: datetime | None = None
    """When the person signed in last, to whichever organisation."""

    @property
    def handle(self) -> str:
        """What other members see of them: of an e-mail address what stands before the `@`."""
        return self.login.partition("@")[0]


@dataclass(frozen=True, slots=True)
class Project:
    """What groups keys and their spending."""

    id: str
    organisation_id: str
    slug: str
    name: str
    default_model_id: str | None
    models: tuple[str, ...] | None = None
    """Library model ids that its keys may call at most; `None` = every active one, empty = none."""
    parameters: Mapping[str, object] = field(default_factory=dict[str, object])
    """What a call of its keys is sent with where it does not say otherwise, by OpenAI's names."""
    notes: str | None = None
    revision: int = 1
    policy: Policy = NOTHING
    """What it demands beyond its organisation's policy."""


@dataclass(frozen=True, slots=True)
class Key:
    """A program's key; the key itself is nowhere, only its digest."""

    id: str
    organisation_id: str
    project_id: str | None
    member_id: str
    name: str
    digest: bytes
    shown: str
    role: Role | None
    """`None`: the key only calls models."""
    models: tuple[str, ...] | None
    """Library model ids it may call; `None` = every active one, empty = none."""
    default_model_id: str | None
    created_at: datetime
    expires_at: datetime | None
    budget_limit: int | None = None
    """The hard total in nano-dollars, when there is one."""
    policy: Policy = NOTHING
    """What it demands beyond the policies of its organisation and project."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something in the control plane, and by what door."""

    organisation_id: str
    member_id: str
    role: Role
    via: str
    """`operator`, `link`, `sign-in`, `session`, `key`, `token` (of a sign-in provider) or `system`."""
    key_id: str | None = None
    account_id: str | None = None
    session_id: str | None = None
    plain: bool = False
    """A key without a role: it calls models and may read what it used, nothing else; `role` says nothing then."""
