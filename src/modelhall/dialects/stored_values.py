"""Values that people stored for parameters, put into requests that say nothing of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from modelhall.dialects.bodies import parsed
from modelhall.dialects.parameters import Applied, ParameterFacts
from modelhall.dialects.splice import with_member

Values = Mapping[str, object]
"""By OpenAI's names of the parameters, as they are kept: numbers, texts, lists of texts."""
LIMIT, EFFORT = "max_tokens", "reasoning_effort"
"""What people store under these names counts for more than itself: for the hold, and for what goes beside thinking."""
_SHARED = {"temperature": "temperature", "top_p": "top_p", LIMIT: LIMIT}
_OPENAI = {**_SHARED, "frequency_penalty": "frequency_penalty", "presence_penalty": "presence_penalty", "stop": "stop"}
_PLACES: Mapping[str, Mapping[str, str]] = {
    "openai_chat": {EFFORT: EFFORT, **_OPENAI},
    "openai_completions": _OPENAI,
    "anthropic_messages": {**_SHARED, "stop": "stop_sequences"},
}
"""By dialect: what each parameter is called there. Another dialect takes none."""
_SAME: Mapping[str, str] = {LIMIT: "max_completion_tokens"}
"""Another name under which a caller may have sent it."""
_SAMPLING = frozenset({"temperature", "top_p"})
"""What Anthropic's models do not take beside thinking."""
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class StoredValue:
    """What is sent for a parameter where a request says nothing of it."""

    json: bytes
    whose: str
    """As a receipt says it: `stored for this model`."""


def with_stored_values(body: bytes, stored: Mapping[str, StoredValue], facts: ParameterFacts, dialect: str) -> Applied:
    """The request with each stored value, by OpenAI's names, of which it says nothing and that the model takes.

    What the caller sent is never touched, `null` neither; a value is left out too where the caller sent the other one
    of two of which only one is taken. Every other byte stays; without additions the body comes back as the same object.
    """
    places = _PLACES.get(dialect, {})
    if places.keys().isdisjoint(stored):
        return Applied(body)
    members = parsed(_OBJECT, body)
    changes: dict[str, str] = {}
    for name, place in places.items():  # the effort comes first: what goes beside it depends on it
        value = stored.get(name)
        if value is None or not _is_open(name, place, members, facts):
            continue
        body = with_member(body, place, value.json)
        members[place] = msgspec.Raw(value.json)
        changes[place] = f"{value.json.decode()}: {value.whose}"
    return Applied(body, (), changes)


def _is_open(name: str, place: str, members: Mapping[str, msgspec.Raw], facts: ParameterFacts) -> bool:
    """Whether the model takes it, and nothing in the request says otherwise."""
    if place in members or _SAME.get(name) in members:
        return False
    if not facts.unsupported.isdisjoint((name, place)) or name in _closed_by_thinking(members, facts):
        return False
    sent = {each for each, raw in members.items() if bytes(raw) != b"null"}
    return all(name not in group or sent.isdisjoint(group) for group in facts.exclusive)


def _closed_by_thinking(members: Mapping[str, msgspec.Raw], facts: ParameterFacts) -> Iterable[str]:
    """What is not taken in a request that asks for thinking."""
    effort = members.get(EFFORT)
    if effort is not None and bytes(effort) not in (b"null", b'"none"'):
        return facts.without_effort | (_SAMPLING if facts.thinking in ("adaptive", "budget") else _NOTHING)
    thinking = members.get("thinking")
    return _NOTHING if thinking is None or bytes(thinking) == b"null" else _SAMPLING


_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
