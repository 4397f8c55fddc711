"""What a model takes of a request's parameters, and requests brought into line with it by splicing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import msgspec

from modelhall.dialects.bodies import parsed
from modelhall.dialects.splice import with_member, without_member

Number = int | float


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


@dataclass(frozen=True, slots=True)
class Applied:
    """A body in line with what the model takes."""

    body: bytes = field(repr=False)
    dropped: tuple[str, ...] = ()
    changes: Mapping[str, str] = field(default_factory=dict[str, str])
    """What became of a field, by the name that the caller gave it."""


def apply_parameters(body: bytes, facts: ParameterFacts) -> Applied:
    """Drops what the model does not take, renames, and brings numbers into their ranges.

    Every other byte stays; a body that is in line comes back as the same object. Raises BadRequest.
    """
    named = (
        facts.unsupported | facts.ranges.keys() | facts.renames.keys() | {n for group in facts.exclusive for n in group}
    )
    if not any(b'"' + name.encode() + b'"' in body for name in named):
        # A name may also be written with escapes; nobody does, and then the model itself says what it does not take.
        return Applied(body)
    sent = {name: raw for name, raw in parsed(_OBJECT, body).items() if name in named and bytes(raw) != b"null"}
    dropped = [name for name in sent if name in facts.unsupported]
    for group in facts.exclusive:
        dropped += [name for name in group if name in sent and name not in dropped][1:]
    for name in dropped:
        body = without_member(body, name)
    changes: dict[str, str] = {}
    for name, raw in sent.items():
        if name not in dropped:
            body = _in_line(body, name, bytes(raw), facts, sent, changes)
    return Applied(body, tuple(dropped), changes)


def facts_of(told: Mapping[str, object], max_output: int | None, output_limit_name: str | None) -> ParameterFacts:
    """The facts as they are kept with a model, in JSON; what makes no sense is as if it were not known.

    `told` has the names of ParameterFacts: `ranges` (name → [lowest, highest]), `renames`, `unsupported`, `exclusive`,
    `takes`, `thinking`, `efforts`, `prefill`, `tool_images`, `json_by_tool`.
    """
    thinking, efforts = told.get("thinking"), _names(told.get("efforts"))
    renames = {str(old): new for old, new in _mapping(told.get("renames")).items() if isinstance(new, str)}
    if output_limit_name is not None and output_limit_name != _LIMIT:
        renames.setdefault(_LIMIT, output_limit_name)
    return ParameterFacts(
        ranges={name: pair for name, value in _mapping(told.get("ranges")).items() if (pair := _range(value))},
        renames=renames,
        unsupported=frozenset(_names(told.get("unsupported"))),
        exclusive=tuple(group for each in _list(told.get("exclusive")) if len(group := _names(each)) > 1),
        takes=frozenset(_names(told.get("takes"))),
        max_output=max_output,
        thinking=thinking if thinking in ("adaptive", "budget", "never") else None,
        efforts=efforts or None,
        prefill=told.get("prefill") is True,
        tool_images=told.get("tool_images") is True,
        json_by_tool=told.get("json_by_tool") is True,
    )


_LIMIT = "max_tokens"
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])


def _in_line(
    body: bytes, name: str, value: bytes, facts: ParameterFacts, sent: Iterable[str], changes: dict[str, str]
) -> bytes:
    """One parameter within its range and under the name that the model wants."""
    said: list[str] = []
    fitting = value
    if name in facts.ranges:
        fitting, why = _within(value, *facts.ranges[name])
        said += why
    new_name = facts.renames.get(name)
    if new_name is not None:
        body = without_member(body, name)
        said.append(f"sent as {new_name}")
        # Where the caller sent both names, its own word under the wanted one counts.
        body = body if new_name in sent or _has(body, new_name) else with_member(body, new_name, fitting)
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


def _list(value: object) -> list[Any]:
    return list(cast("list[Any] | tuple[Any, ...]", value)) if isinstance(value, list | tuple) else []


def _names(value: object) -> tuple[str, ...]:
    return tuple(name for name in _list(value) if isinstance(name, str))


def _range(value: object) -> tuple[Number | None, Number | None] | None:
    pair = _list(value)
    if len(pair) != 2 or not all(end is None or type(end) in (int, float) for end in pair):
        return None
    return pair[0], pair[1]
