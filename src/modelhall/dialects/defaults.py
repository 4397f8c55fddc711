"""Values that people stored for parameters, put into requests that do not send them."""

from collections.abc import Iterable, Mapping

import msgspec

from modelhall.dialects.bodies import parsed
from modelhall.dialects.parameters import Applied, Number, ParameterFacts
from modelhall.dialects.splice import with_member

_SHARED = frozenset({"temperature", "top_p", "max_tokens"})
_OPENAI = _SHARED | {"frequency_penalty", "presence_penalty"}
_TAKEN: Mapping[str, frozenset[str]] = {
    "openai_chat": _OPENAI,
    "openai_completions": _OPENAI,
    "anthropic_messages": _SHARED,
}
"""What can be stored and has a place in requests of a dialect."""
_SAMPLING = frozenset({"temperature", "top_p"})
"""What Anthropic's models do not take beside thinking."""
_NOTHING: frozenset[str] = frozenset()
_SAME: Mapping[str, str] = {"max_tokens": "max_completion_tokens"}
"""Another name under which a caller may have sent it."""


def with_defaults(
    body: bytes, stored: Iterable[tuple[str, Number, str]], facts: ParameterFacts, dialect: str
) -> Applied:
    """The request with each stored value (name, value, whose) that it does not send itself and the model takes.

    What the caller sent is never touched; a value is left out too where the caller sent the other one of two of which
    only one is taken. Every other byte stays; without additions the body comes back as the same object.
    """
    fitting = [each for each in stored if each[0] in _TAKEN.get(dialect, ())]
    if not fitting:
        return Applied(body)
    members = parsed(_OBJECT, body)
    sent = {name for name, raw in members.items() if bytes(raw) != b"null"}
    closed = facts.unsupported | _closed_by_thinking(members, facts)
    changes: dict[str, str] = {}
    for name, value, whose in fitting:
        if name in sent or _SAME.get(name) in sent or name in closed:
            continue
        if any(name in group and not sent.isdisjoint(group) for group in facts.exclusive):
            continue
        body = with_member(body, name, msgspec.json.encode(value))
        sent.add(name)
        changes[name] = f"{value}: {whose}"
    return Applied(body, (), changes)


def _closed_by_thinking(members: Mapping[str, msgspec.Raw], facts: ParameterFacts) -> frozenset[str]:
    """What is not taken in a request that asks for thinking."""
    effort = members.get("reasoning_effort")
    if effort is not None and bytes(effort) not in (b"null", b'"none"'):
        return facts.without_effort | (_SAMPLING if facts.thinking in ("adaptive", "budget") else _NOTHING)
    thinking = members.get("thinking")
    return _NOTHING if thinking is None or bytes(thinking) == b"null" else _SAMPLING


_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
