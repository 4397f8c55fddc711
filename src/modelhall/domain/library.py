"""The library's nouns: profiles with their keys, models, aliases."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from modelhall.domain.privacy import Evidence, Fact, Facts

BUILT_IN_PROFILE = "local"
BUILT_IN_MODEL = "smollm2-135m-instruct"


@dataclass(frozen=True, slots=True)
class Secret:
    """One provider key of a profile: sealed here, or a reference such as `env:NAME` that is read at each start."""

    id: str
    position: int
    reference: str | None
    sealed: bytes | None = field(repr=False)
    shown: str | None
    address: str | None
    """The origin it was stored for; it is sent nowhere else."""
    refused_at: datetime | None = None
    refused_because: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """One configured account or server of a provider."""

    id: str
    organisation_id: str
    slug: str
    provider: str
    name: str
    base_url: str | None
    """`None`: the provider's own address."""
    headers: Mapping[str, str]
    organisation_header: str | None
    region: str | None
    notes: str | None
    origin: str
    """`person`, `environment` or `built-in`."""
    allow_private: bool
    position: int
    revision: int
    secrets: tuple[Secret, ...]
    created_at: datetime
    updated_at: datetime
    purpose: str | None = None
    """A label such as `production`."""
    residency: str | None = None
    """A label such as `eu`: where what is sent there stays, in the organisation's own words."""
    disabled_at: datetime | None = None
    """Since when none of its models may be called; `None`: they may."""
    default_model_id: str | None = None
    """The library id of its model that answers to `profile/default`."""
    parameters: Mapping[str, object] = field(default_factory=dict[str, object])
    """What calls to its models are sent with where nobody else says otherwise, by OpenAI's names."""
    privacy: Facts = field(default_factory=dict[Fact, Evidence])
    """What people entered of it, with their evidence."""


@dataclass(frozen=True, slots=True)
class Told:
    """Where a fact of a model comes from."""

    source: str
    as_of: str | None = None
    disagreeing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Model:
    """An entry of the library."""

    id: str
    number: int
    organisation_id: str
    profile_id: str
    profile: str
    """The profile's slug."""
    provider: str
    model_id: str
    """The provider's own name of it."""
    name: str
    maker: str | None
    kind: str
    context_window: int | None
    max_input: int | None
    max_output: int | None
    knowledge_cutoff: str | None
    retires_on: str | None
    capabilities: Mapping[str, bool]
    """What is known of it; a capability that is absent is unknown."""
    modalities: Mapping[str, tuple[str, ...]]
    """`input` and `output`."""
    sources: Mapping[str, Told]
    parameters: Mapping[str, object]
    custom: bool
    active: bool
    hidden: bool
    quarantined_because: str | None
    successor_id: str | None
    notes: str | None
    revision: int
    created_at: datetime
    updated_at: datetime
    category: str | None = None
    """What the organisation keeps it for, in its own word: `budget`, `coding`…"""
    privacy: Facts = field(default_factory=dict[Fact, Evidence])
    """What people entered of it, with their evidence; it comes before the profile's."""

    @property
    def public_name(self) -> str:
        """`profile/model-id`, the name that always means this model."""
        return f"{self.profile}/{self.model_id}"


@dataclass(frozen=True, slots=True)
class Collection:
    """A named set of models, in the order that people gave it."""

    id: str
    organisation_id: str
    name: str
    model_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Alias:
    """An organisation's own name for a model, with what to fall back to."""

    id: str
    organisation_id: str
    name: str
    model_ids: tuple[str, ...]
    """In the order in which they are tried."""
    ceiling_usd_per_mtok: Decimal | None = None
    """What it may fall back to costs at most this, in USD per million tokens; `None`: at most what the first costs."""
