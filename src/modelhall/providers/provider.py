"""What the house knows of a kind of vendor or server."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from modelhall.dialects import (
    anthropic_count_tokens,
    anthropic_messages,
    openai_chat,
    openai_completions,
    openai_embeddings,
)
from modelhall.dialects.dialect import Dialect, UsageReader
from modelhall.dialects.parameters import ParameterFacts
from modelhall.domain.privacy import Fact, Value

Auth = Literal["bearer", "x-api-key", "api-key", "x-goog-api-key", "none"]
"""How the key is sent: `authorization: Bearer …`, or in a header of this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscoveredModel:
    """A model as its provider lists it; `None` and missing prices mean: not told."""

    id: str
    name: str | None = None
    maker: str | None = None
    kind: str | None = None
    """`chat`, `embedding`, `image`, … in the house's words."""
    context: int | None = None
    max_output: int | None = None
    capabilities: frozenset[str] | None = None
    """Of `vision`, `audio`, `documents`, `tools`, `json_schema`, `reasoning`."""
    takes: frozenset[str] | None = None
    """The parameters that it takes, where its provider lists them all."""
    prices: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])
    """USD per million, by usage class."""
    created: str | None = None
    """ISO date."""
    retires: str | None = None
    """ISO date after which the provider no longer serves it."""
    successor: str | None = None
    size_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Discovery:
    """Where a provider lists its models, and how to read the list."""

    path: str
    """From the provider's root, with its query."""
    read: Callable[[bytes], tuple[DiscoveredModel, ...]]
    """Raises ProviderBroke when the answer is no list of models."""
    needs_key: bool = True
    one_each: bool = True
    """Whether each entry of the list is a model of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Pages of the vendor; empty where there is none."""

    keys: str = ""
    docs: str = ""
    status: str = ""
    pricing: str = ""


@dataclass(frozen=True, slots=True)
class PrivacyFact:
    """What a vendor's own page says of data, with the day it was read."""

    subject: Fact
    value: Value
    """What that page makes of the fact for an ordinary account."""
    says: str
    address: str
    read_on: str
    """ISO date."""


@dataclass(frozen=True, slots=True)
class ParameterRule:
    """What a page says of the parameters of some of a vendor's models, with the day it was read."""

    facts: ParameterFacts
    page: str
    read_on: str
    """ISO date."""
    models: str = ".*"
    """A regular expression for the whole of the vendor's own name of a model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A kind of vendor or server, as data."""

    name: str
    """As models.dev writes it where it knows the vendor."""
    title: str
    origin: str | None
    """Scheme and host; `None` when every account or server has its own, so that a profile must give a base URL."""
    speaks: Mapping[Dialect, str]
    """Each dialect with the path before its own; the first is the one that a base URL usually ends with."""
    auth: Auth = "bearer"
    key_optional: bool = False
    """Whether a server of this kind may be open."""
    key_env: tuple[str, ...] = ()
    """Environment variables that usually hold the key; the first that is set counts."""
    base_url_env: tuple[str, ...] = ()
    base_url_of: Callable[[Mapping[str, str]], str | None] | None = None
    """The base URL from other variables of the environment, where one alone does not hold it."""
    base_url_has_path: bool = True
    """Whether people write the base URL with the path of the first dialect (`…/v1`), as OpenAI's clients want it."""
    base_url_hint: str = ""
    """What a base URL of this provider looks like."""
    headers: tuple[tuple[str, str], ...] = ()
    passes_headers: tuple[str, ...] = ()
    """Of the caller's headers, those that the vendor understands."""
    organisation_header: str | None = None
    project_header: str | None = None
    discovery: Discovery | None = None
    models: tuple[str, ...] = ()
    """Models known by hand, where the vendor lists none."""
    links: Links = field(default_factory=Links)
    privacy: tuple[PrivacyFact, ...] = ()
    free: bool = False
    """Runs on the owner's machines: costs nothing."""
    hands_on: str = ""
    """A regular expression for the names of models that such a server does not run itself but hands on to a vendor."""
    local: bool = False
    """Usually at an address of the owner's own network."""
    supervised: bool = False
    """The server is the house's own child process, which alone knows address and key."""
    catalog: str | None = None
    """The catalog's name for the vendor; `None` where its models are anybody's."""
    hosts: tuple[str, ...] = ()
    """Hosts by which a base URL is recognised as this vendor's; a `*` stands for any letters."""
    stream_usage: Literal["option", "always", "never"] = "option"
    """Whether a stream tells usage when `stream_options` asks for it, always, or refuses to be asked."""
    reads_usage: Mapping[Dialect, UsageReader] = field(default_factory=dict[Dialect, UsageReader])
    """Where the vendor tells usage in another way than the dialect's own."""
    counts_one_choice: bool = False
    """Tells the usage of one choice or prompt where several were asked for, so that such a call cannot be metered."""
    output_limit_name: str | None = None
    """The field for an output limit in chat completions, where the vendor wants another one than `max_tokens`."""
    parameters: tuple[ParameterRule, ...] = ()
    """What is documented of its models' parameters; a later rule counts before an earlier one."""
    on_disconnect: Literal["close", "drain"] = "close"
    """Whether leaving early saves money, or the vendor bills the whole answer anyway, so that it is read to its end."""
    needs_more: str = ""
    """What a connection in the vendor's own way would need; empty where a key is all."""


def openai_at(path: str, *, completions: bool = False, embeddings: bool = True) -> Mapping[Dialect, str]:
    """The OpenAI family under one path: chat, and what else the vendor has."""
    speaks: dict[Dialect, str] = {openai_chat: path}
    if completions:
        speaks[openai_completions] = path
    if embeddings:
        speaks[openai_embeddings] = path
    return speaks


def anthropic_at(path: str, *, counts_tokens: bool = False) -> Mapping[Dialect, str]:
    """Anthropic's messages under a path, and counting where the vendor has it."""
    speaks: dict[Dialect, str] = {anthropic_messages: path}
    if counts_tokens:
        speaks[anthropic_count_tokens] = path
    return speaks
