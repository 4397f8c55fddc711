"""The document of a configuration: what a file may say. No ids of rows, no times, no secrets but sealed ones.

A field that is not said (`UNSET`) says nothing; `None` empties it. Unknown fields are refused.
"""

from typing import Annotated, Literal, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

from modelhall.domain.privacy import Fact

FORMAT = 1

Text: TypeAlias = str | UnsetType
Word: TypeAlias = str | None | UnsetType
"""A text that may be emptied."""
Flag: TypeAlias = bool | UnsetType
Count: TypeAlias = int | None | UnsetType
Names: TypeAlias = tuple[str, ...] | UnsetType
Number: TypeAlias = int | float


class Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the document."""


class Head(Entry, frozen=True):
    """What the file says of itself."""

    format: Annotated[int, Meta(ge=1)] = FORMAT
    whole: bool = False
    """Whether what is not said of an object that is named here has its default; otherwise it stays as it is."""


class PolicyEntry(Entry, frozen=True, omit_defaults=True):
    """What is demanded of the models that calls go to; a rule that is not said demands nothing."""

    local_only: bool = False
    zero_retention: bool = False
    no_training: bool = False
    regions: tuple[str, ...] | None = None
    ceiling_usd_per_mtok: str | None = None
    """Decimal US dollars."""
    purposes: tuple[str, ...] | None = None
    residencies: tuple[str, ...] | None = None


class EvidenceEntry(Entry, frozen=True, omit_defaults=True):
    """What is known of one fact of privacy, and on what it stands. Days are ISO dates."""

    value: bool | tuple[str, ...]
    """Of `regions` the regions; of every other fact whether it is so."""
    reference: str
    dated: str
    address: str | None = None
    valid_until: str | None = None
    entered_by: str | None = None
    """A login; without one, whoever applies it."""


EvidenceByFact: TypeAlias = dict[Fact, EvidenceEntry] | UnsetType
StoredValues: TypeAlias = dict[str, Number | str | tuple[str, ...]] | UnsetType
"""What is sent for parameters where a caller sends none."""


class OrganisationEntry(Entry, frozen=True):
    """The organisation: its name, its default, and what holds for the whole library."""

    name: Text = UNSET
    default_model: Word = UNSET
    activate_on_sync: Flag = UNSET
    policy: PolicyEntry | UnsetType = UNSET


class ProfileEntry(Entry, frozen=True):
    """A profile. Its keys are references (`env:NAME`, `file:PATH`); a key itself stands only in the sealed secrets."""

    id: str
    provider: Text = UNSET
    name: Text = UNSET
    base_url: Word = UNSET
    organisation: Word = UNSET
    region: Word = UNSET
    notes: Word = UNSET
    purpose: Word = UNSET
    residency: Word = UNSET
    enabled: Flag = UNSET
    allow_private: Flag = UNSET
    headers: dict[str, str] | UnsetType = UNSET
    """Only in files that people write: an export tells the names and seals the values."""
    header_names: Names = UNSET
    keys: Names = UNSET
    default_model: Word = UNSET
    """One of its models, by either name."""
    parameters: StoredValues = UNSET
    evidence: EvidenceByFact = UNSET


class ParameterEntry(Entry, frozen=True):
    """What a person knows of one parameter of a model."""

    taken: bool | UnsetType = UNSET
    min: Number | UnsetType = UNSET
    max: Number | UnsetType = UNSET
    sent_as: str | UnsetType = UNSET


class RateEntry(Entry, frozen=True):
    """A price under a condition; decimal US dollars per million."""

    usage_class: str
    usd_per_million: str | None
    """`None`: not known."""
    context_over: int = 0
    service_tier: str = "standard"
    utc_hours: tuple[int, int] | None = None


class PriceEntry(Entry, frozen=True):
    """A price that a person entered, with its passport; decimal US dollars per million by usage class."""

    usd_per_million: dict[str, str] = {}
    rates: tuple[RateEntry, ...] = ()
    """Those that have a condition, and those that are not known."""
    unit: str = "per_mtok"
    """In which it was given: `per_mtok`, `per_1k`, `per_token`."""
    as_of: Text = UNSET
    """ISO date; without one, the day on which it is applied."""
    entered_by: Word = UNSET
    disagreeing: tuple[str, ...] = ()


class ModelEntry(Entry, frozen=True):
    """A model of the library by its public name `profile/model-id`."""

    name: str
    custom: Flag = UNSET
    """Whether a person described it: the facts below are a person's word."""
    active: Flag = UNSET
    hidden: Flag = UNSET
    title: Word = UNSET
    notes: Word = UNSET
    category: Word = UNSET
    tags: Names = UNSET
    successor: Word = UNSET
    held_back: Word = UNSET
    """Why no call may go there."""
    kind: Word = UNSET
    context_window: Count = UNSET
    max_input: Count = UNSET
    max_output: Count = UNSET
    knowledge_cutoff: Word = UNSET
    capabilities: dict[str, bool] | UnsetType = UNSET
    parameters: dict[str, ParameterEntry] | UnsetType = UNSET
    """What it takes, by parameter."""
    defaults: dict[str, Number] | UnsetType = UNSET
    """What is sent where a caller sends none."""
    price: PriceEntry | None | UnsetType = UNSET
    evidence: EvidenceByFact = UNSET


class CollectionEntry(Entry, frozen=True):
    """A named set of models, in order."""

    name: str
    models: tuple[str, ...] = ()


class AliasEntry(Entry, frozen=True):
    """A name of the organisation's own: the model it means, then what calls fall back to."""

    name: str
    models: tuple[str, ...]
    ceiling_usd_per_mtok: Word = UNSET
    """Decimal US dollars."""


class ProjectEntry(Entry, frozen=True):
    """A project."""

    id: str
    name: Text = UNSET
    default_model: Word = UNSET
    models: tuple[str, ...] | None | UnsetType = UNSET
    """What its keys may call at most; `None`: every active model."""
    notes: Word = UNSET
    parameters: StoredValues = UNSET
    policy: PolicyEntry | UnsetType = UNSET


class MemberEntry(Entry, frozen=True):
    """A person's place in the organisation, by login."""

    login: str
    role: Literal["admin", "member", "viewer"]


class SealedSecrets(Entry, frozen=True):
    """Provider keys and the values of headers, sealed with a passphrase; the bytes are base64."""

    cipher: Literal["scrypt-aes-256-gcm"]
    n: int
    r: int
    p: int
    salt: str
    nonce: str
    sealed: str


class Document(
    Entry,
    frozen=True,
    rename={
        "head": "modelhall",
        "profiles": "profile",
        "models": "model",
        "collections": "collection",
        "aliases": "alias",
        "projects": "project",
        "members": "member",
    },
):
    """A whole configuration, or a part of one."""

    head: Head = Head()
    organisation: OrganisationEntry | UnsetType = UNSET
    profiles: tuple[ProfileEntry, ...] = ()
    models: tuple[ModelEntry, ...] = ()
    collections: tuple[CollectionEntry, ...] = ()
    aliases: tuple[AliasEntry, ...] = ()
    projects: tuple[ProjectEntry, ...] = ()
    members: tuple[MemberEntry, ...] = ()
    secrets: SealedSecrets | UnsetType = UNSET
