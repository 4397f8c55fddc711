"""What a project says of its calls' parameters, put into a request where the caller itself says nothing."""

from collections.abc import Iterator, Mapping

import msgspec

from modelhall.dialects.bodies import parsed
from modelhall.dialects.splice import with_member
from modelhall.gateway.call import Call

_OPENAI = ("temperature", "top_p", "frequency_penalty", "presence_penalty", "max_tokens", "stop")
NAMES: Mapping[str, Mapping[str, str]] = {
    "openai_chat": {name: name for name in (*_OPENAI, "reasoning_effort")},
    "openai_completions": {name: name for name in _OPENAI},
    "anthropic_messages": {
        "temperature": "temperature",
        "top_p": "top_p",
        "max_tokens": "max_tokens",
        "stop": "stop_sequences",
    },
}
"""By dialect: what each parameter is called there. Another dialect takes none."""
INSTEAD: Mapping[str, frozenset[str]] = {
    "max_tokens": frozenset({"max_completion_tokens"}),
    "temperature": frozenset({"thinking"}),
    "top_p": frozenset({"thinking"}),
}
"""With one of these the caller has said something that does not go with the project's word."""
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])


def encoded(parameters: Mapping[str, object]) -> Mapping[str, bytes]:
    """A project's parameters as JSON values."""
    return {name: msgspec.json.encode(value) for name, value in parameters.items()}


def complete(call: Call) -> None:
    """Put into the call what it leaves open and its caller's project says, and note the names. Raises BadRequest."""
    added: list[str] = []
    for name, value in _left_open(call):
        call.body = with_member(call.body, name, value)
        added.append(name)
    if added:
        call.added, call.ask = tuple(added), call.dialect.read(call.body)


def _left_open(call: Call) -> Iterator[tuple[str, bytes]]:
    names = NAMES.get(call.dialect.NAME)
    if not call.caller.parameters or names is None:
        return
    said = frozenset(parsed(_OBJECT, call.body))
    for name, value in call.caller.parameters.items():
        own = names.get(name)
        if own is not None and own not in said and not INSTEAD.get(name, frozenset()) & said:
            yield own, value
