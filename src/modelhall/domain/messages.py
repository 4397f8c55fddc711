"""A conversation and what is asked of a model, in no vendor's words: what translations go through."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from modelhall.domain.usage import Usage

Json = bytes
"""A JSON value as it was written: schemas and arguments keep their order, their numbers and their spaces."""

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Text:
    """Words."""

    text: str
    cache: Json | None = None
    """Where a caller marks the end of what is worth caching."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture: by its address, or base64 with its type."""

    url: str | None = None
    media_type: str | None = None
    data: str | None = None
    cache: Json | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document: by its address, base64 with its type, or plain text."""

    url: str | None = None
    media_type: str | None = None
    data: str | None = None
    text: str | None = None
    title: str | None = None
    context: str | None = None
    """What the caller tells of the document beside it."""
    cache: Json | None = None


@dataclass(frozen=True, slots=True)
class Audio:
    """A recording, base64."""

    data: str
    format: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """What a model thought; a vendor's signature proves it to the same vendor later."""

    text: str
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class HiddenReasoning:
    """What a model thought, readable by its vendor only."""

    data: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a model would not answer, in its words."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A model asks for a tool; `arguments` is a JSON object."""

    id: str
    name: str
    arguments: Json
    cache: Json | None = None


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool gave for the call of that id."""

    id: str
    parts: tuple["Text | Image | Document", ...]
    error: bool = False
    cache: Json | None = None


Part = Text | Image | Document | Audio | Reasoning | HiddenReasoning | Refusal | ToolCall | ToolResult


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a conversation; two turns of one role in a row are one turn."""

    role: Role
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model may ask for; `parameters` is a JSON schema."""

    name: str
    description: str | None = None
    parameters: Json | None = None
    strict: bool | None = None
    cache: Json | None = None


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """Whether and which tools the model uses."""

    mode: Literal["auto", "none", "any", "named"]
    name: str | None = None


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """What the answer must look like; text where there is none."""

    kind: Literal["object", "schema"]
    schema: Json | None = None
    name: str | None = None
    description: str | None = None
    strict: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How words are picked; `None` = not said. Numbers are as the caller wrote them."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop: tuple[str, ...] = ()
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    seed: int | None = None
    choices: int | None = None
    """Answers to one question."""
    probabilities: bool = False
    """Whether the probabilities of the words are wanted."""
    bias: Json | None = None
    """Words that are forbidden, forced or favoured, by the numbers of one tokeniser."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much to think before answering."""

    level: str | None = None
    """`none`, `minimal`, `low`, `medium`, `high`, `xhigh`, `max`."""
    budget: int | None = None
    """Tokens at most."""
    thinks: bool | None = None
    """Whether thinking is switched on or off outright; what was thought is then part of the answer."""
    shown: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A request: the conversation so far, and how to go on."""

    system: tuple[Text, ...] = ()
    turns: tuple[Turn, ...] = ()
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice | None = None
    parallel: bool | None = None
    """Whether several tools may be asked for at once."""
    output: OutputFormat | None = None
    sampling: Sampling = field(default_factory=Sampling)
    output_limit: int | None = None
    effort: Effort | None = None
    user: str | None = None
    """The caller's own name for whom it asks."""
    service_tier: str | None = None
    stream: bool | None = None
    extras: Mapping[str, Json] = field(default_factory=dict[str, Json])
    """Fields of the request that have no meaning here, by their names."""
    extra_names: tuple[str, ...] = ()
    """Places of further fields deeper down, such as `messages.name`."""


Stop = Literal["end", "length", "sequence", "tool", "refused", "paused", "context"]
"""Why a model stopped: `context` is the end of its window, `paused` waits for the same conversation once more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """An answer."""

    id: str | None
    model: str | None
    parts: tuple[Part, ...]
    stop: Stop | None
    """`None`: not told."""
    stop_sequence: str | None = None
    why_refused: str | None = None
    usage: Usage | None = None
    created: int | None = None
    """Unix seconds."""
