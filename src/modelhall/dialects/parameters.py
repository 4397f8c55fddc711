"""What a model takes of a request's parameters, and requests brought into line with it by splicing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import msgspec

from modelhall.dialects.bodies import parsed
from modelhall.dialects.splice import with_member, without_member

Number = int | float
_CHAT = "openai_chat"
_GENERATING = (_CHAT, "openai_completions", "anthropic_messages")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterFacts:
    """What is known of a model's parameters, by the names of the dialect in which it is asked.

    `None` and absent = unknown: the parameter goes as the caller wrote it.
    """

    ranges: Mapping[str, tuple[Number | None, Number | None]] = field(
        default_factory=dict[str, tuple[Number | None, Number | None]]
    )
    """Lowest and highest value that is taken."""
    renames: Mapping[str, str] = field(default_factory=dict[str, str])
    """Other names that the model wants, such as `max_tokens` → `max_completion_tokens`."""
    unsupported: frozenset[str] = frozenset()
    without_effort: frozenset[str] = frozenset()
    """Parameters that are taken only while the model does not think: a request with an effort goes without them."""
    exclusive: tuple[tuple[str, ...], ...] = ()
    """Parameters of which only one is taken; the first that was sent stays."""
    takes: frozenset[str] = frozenset()
    """Parameters beyond the dialect's own: `top_k`, `cache_control`, `reasoning_content`…"""
    max_output: int | None = None
    thinking: Literal["adaptive", "budget", "never"] | None = None
    """How an Anthropic model is asked to think: `adaptive` with an effort, or with a `budget` of tokens."""
    efforts: tuple[str, ...] | None = None
    """The efforts that are taken, the least first."""
    prefill: bool = False
    """Whether an answer that the caller has begun is continued."""
    tool_images: bool = False
    """Whether a tool's result may hold pictures and documents, where the dialect itself knows only text."""
    json_by_tool: bool = False
    """Whether a schema for the answer must be given as a tool that has to be called."""
    names: frozenset[str] = field(init=False, compare=False, repr=False)
    """The parameters of which something is known that may change a request."""

    def __post_init__(self) -> None:
        exclusive = {name for group in self.exclusive for name in group}
        names = self.unsupported | self.without_effort | self.ranges.keys() | self.renames.keys() | exclusive
        object.__setattr__(self, "names", names)


@dataclass(slots=True)
class Applied:
    """A body in line with what the model takes. Not frozen: one is made for each call."""

    body: bytes = field(repr=False)
    dropped: tuple[str, ...] = ()
    changes: Mapping[str, str] = field(default_factory=dict[str, str])
    """What became of a field, by the name that the caller gave it."""


def apply_parameters(body: bytes, facts: ParameterFacts, dialect: str = _CHAT) -> Applied:
    """Drops what the model does not take, renames (OpenAI chat's names only), and brings numbers into their ranges.

    Every other byte stays; a body that is in line comes back as the same object, and so does one in a dialect that
    makes no words. Raises BadRequest.
    """
    if dialect not in _GENERATING or not facts.names:
        return Applied(body)
    members = parsed(_OBJECT, body)
    sent = {name: raw for name, raw in members.items() if name in facts.names and bytes(raw) != b"null"}
    dropped = _unwanted(sent, facts, members.get("reasoning_effort"))
    for name in dropped:
        body = without_member(body, name)
    changes: dict[str, str] = {}
    for name, raw in sent.items():
        if name not in dropped:
            new_name = facts.renames.get(name) if dialect == _CHAT else None
            body = _in_line(body, name, new_name, bytes(raw), facts, changes)
    return Applied(body, tuple(dropped), changes)


def merged(lower: ParameterFacts, upper: ParameterFacts) -> ParameterFacts:
    """Both; where both speak of the same, the upper one counts. A range alone does not say that a model takes it."""
    ranges = {name: pair for name, pair in lower.ranges.items() if name not in upper.unsupported}
    for name, (lowest, highest) in upper.ranges.items():
        below, above = ranges.get(name, (None, None))
        ranges[name] = (below if lowest is None else lowest, above if highest is None else highest)
    return ParameterFacts(
        ranges=ranges,
        renames={**lower.renames, **upper.renames},
        unsupported=(lower.unsupported - upper.takes - upper.without_effort) | upper.unsupported,
        without_effort=(lower.without_effort - upper.takes - upper.unsupported) | upper.without_effort,
        exclusive=upper.exclusive or lower.exclusive,
        takes=(lower.takes - upper.unsupported) | upper.takes,
        max_output=lower.max_output if upper.max_output is None else upper.max_output,
        thinking=upper.thinking or lower.thinking,
        efforts=upper.efforts or lower.efforts,
        prefill=lower.prefill or upper.prefill,
        tool_images=lower.tool_images or upper.tool_images,
        json_by_tool=lower.json_by_tool or upper.json_by_tool,
    )


def told_facts(told: Mapping[str, object]) -> ParameterFacts:
    """Facts as they are kept with a model, in JSON by parameter: `taken`, `min`, `max`, `sent_as`.

    Who names a range or another name says that the parameter is taken. What makes no sense is as if it were not known.
    """
    ranges: dict[str, tuple[Number | None, Number | None]] = {}
    renames: dict[str, str] = {}
    taken: dict[str, bool] = {}
    for name, word in told.items():
        said = _mapping(word)
        lowest, highest, other = _end(said.get("min")), _end(said.get("max")), said.get("sent_as")
        if lowest is not None or highest is not None:
            ranges[name] = (lowest, highest)
        if isinstance(other, str) and other and other != name:
            renames[name] = other
        if isinstance(answer := said.get("taken"), bool):
            taken[name] = answer
    unsupported = frozenset(name for name, answer in taken.items() if not answer)
    takes = frozenset(name for name, answer in taken.items() if answer) | ranges.keys() | renames.keys()
    return ParameterFacts(ranges=ranges, renames=renames, unsupported=unsupported, takes=takes - unsupported)


_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])


def _unwanted(sent: Iterable[str], facts: ParameterFacts, effort: msgspec.Raw | None) -> list[str]:
    """Of what was sent, what the model does not take; with thinking that is more, and what is left open is open."""
    thinks = effort is not None and bytes(effort) not in (b"null", b'"none"')
    refused = facts.unsupported | facts.without_effort if thinks else facts.unsupported
    unwanted = [name for name in sent if name in refused]
    for group in facts.exclusive:
        unwanted += [name for name in group if name in sent and name not in unwanted][1:]
    return unwanted


def _in_line(
    body: bytes, name: str, new_name: str | None, value: bytes, facts: ParameterFacts, changes: dict[str, str]
) -> bytes:
    """One parameter within its range and under the name that the model wants."""
    said: list[str] = []
    fitting = value
    if name in facts.ranges:
        fitting, why = _within(value, *facts.ranges[name])
        said += why
    if new_name is not None:
        body = without_member(body, name)
        said.append(f"sent as {new_name}")
        # Where the caller sent both names, its own word under the wanted one counts.
        body = body if _has(body, new_name) else with_member(body, new_name, fitting)
    elif fitting is not value:
        body = with_member(body, name, fitting)
    if said:
        changes[name] = "; ".join(said)
    return body


def _has(body: bytes, name: str) -> bool:
    raw = parsed(_OBJECT, body).get(name)
    return raw is not None and bytes(raw) != b"null"


def _within(value: bytes, lowest: Number | None, highest: Number | None) -> tuple[bytes, list[str]]:
    """The value, or the nearest one that is taken; what is no number is for the model to refuse."""
    try:
        number = _NUMBER.decode(value)
    except msgspec.DecodeError:
        return value, []
    bound = highest if highest is not None and number > highest else None
    bound = lowest if lowest is not None and number < lowest else bound
    if bound is None:
        return value, []
    return msgspec.json.encode(bound), [f"{number} → {bound}: {_taken(lowest, highest)}"]


_NUMBER = msgspec.json.Decoder(int | float)


def _taken(lowest: Number | None, highest: Number | None) -> str:
    if lowest == highest:
        return f"the model takes {lowest} only"
    if lowest is None:
        return f"the model takes at most {highest}"
    return f"the model takes at least {lowest}" if highest is None else f"the model takes {lowest} to {highest}"


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _end(value: object) -> Number | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
