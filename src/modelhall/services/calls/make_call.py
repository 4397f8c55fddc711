"""Makes one call for a person: through the same relay as a program's, into the same ledger."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from modelhall.dialects import openai_chat
from modelhall.domain.errors import ModelhallError, NotFound, ProviderBroke
from modelhall.domain.ids import new_id
from modelhall.domain.money import Nanodollars
from modelhall.domain.people import Actor
from modelhall.gateway.call import Call, Caller, Reply, Target
from modelhall.gateway.desk import Desk
from modelhall.gateway.hold import quote_of
from modelhall.gateway.project_parameters import complete
from modelhall.gateway.relay import relay
from modelhall.services.house import House
from modelhall.services.usage.show_call import CallView, show_call

Object = Mapping[str, Any]


@dataclass(slots=True)
class Heard:
    """What came back of a call, and what the ledger says of it."""

    call: str
    text: str = ""
    tools: list[str] = field(default_factory=list[str])
    """Names of the tools that the model wants to be called."""
    thought: bool = False
    """Whether the answer showed some of the model's thinking."""
    finish_reason: str | None = None
    first_token_ms: int | None = None
    """From the start of the call to the first piece of text, tool call or thinking."""
    total_ms: int = 0
    error: ModelhallError | None = None
    """Why there is no answer, or no whole one."""
    row: CallView | None = None
    """What was used and what it cost; `None`: the call was refused before it was sent."""


async def make_call(house: House, actor: Actor, caller: Caller, target: Target, body: Object) -> Heard:
    """Sends an OpenAI chat request to this target, which need not be active, nor in the library.

    Whatever refuses or breaks the call is in `error`. It is held against the caller's budgets like any call.
    """
    told = msgspec.json.encode({**body, "model": target.model.public_name})
    call = Call(new_id(), caller, openai_chat, told, openai_chat.read(told), {})
    if caller.parameters:
        complete(call)
    heard, began = Heard(call.id), time.monotonic()
    try:
        async with relay(call, with_target(house.desk, caller, target)) as reply:
            await _listen(heard, reply, began)
    except ModelhallError as error:
        heard.error = error
    heard.total_ms = _since(began)
    try:
        heard.row = await show_call(house, actor, call.id)
    except NotFound:
        heard.row = None
    return heard


def with_target(desk: Desk, caller: Caller, target: Target) -> Desk:
    """The desk as it would be if the target were in the library and active; only for this call."""
    seen = desk.snapshot
    library, model = seen.libraries[caller.organisation_id], target.model
    there = replace(target, model=replace(model, active=True))
    with_it = replace(
        library,
        targets={**library.targets, model.id: there},
        by_name={**library.by_name, model.public_name: model.id},
    )
    snapshot = replace(seen, libraries={**seen.libraries, caller.organisation_id: with_it})
    return replace(desk, look=lambda: snapshot)


def bound_of(target: Target, member_id: str, body: Object) -> Nanodollars | None:
    """The most that such a call can cost; `None`: the price is not known."""
    told = msgspec.json.encode({**body, "model": target.model.public_name})
    return quote_of(openai_chat.read(told), target, member_id).bound


class _Function(msgspec.Struct):
    name: str | None = None


class _Tool(msgspec.Struct):
    function: _Function | None = None


class _Said(msgspec.Struct):
    content: object = None
    reasoning_content: object = None
    reasoning: object = None
    tool_calls: list[_Tool] | None = None


class _Choice(msgspec.Struct):
    delta: _Said | None = None
    message: _Said | None = None
    finish_reason: str | None = None


class _Failure(msgspec.Struct):
    message: str | None = None


class _Event(msgspec.Struct):
    """What is read of a whole answer, or of one event of a stream."""

    choices: list[_Choice] | None = None
    error: _Failure | None = None


async def _listen(heard: Heard, reply: Reply, began: float) -> None:
    if reply.rest is None:
        _take(heard, [reply.opening], began)
        return
    events, left = _events(reply.opening)
    _take(heard, events, began)
    async for chunk in reply.rest:
        events, left = _events(left + chunk)
        _take(heard, events, began)


def _events(data: bytes) -> tuple[list[bytes], bytes]:
    """The whole events in what has come, and the rest."""
    *lines, rest = data.split(b"\n")
    values = (line.removeprefix(b"data:").strip() for line in lines if line.startswith(b"data:"))
    return [value for value in values if value != b"[DONE]"], rest


def _take(heard: Heard, events: Iterable[bytes], began: float) -> None:
    for told in events:
        try:
            event = msgspec.json.decode(told, type=_Event)
        except msgspec.MsgspecError:
            heard.error = heard.error or ProviderBroke("the answer holds something that cannot be read")
            continue
        if event.error is not None:
            heard.error = ProviderBroke(event.error.message or "the answer broke off")
        for choice in event.choices or ():
            heard.finish_reason = choice.finish_reason or heard.finish_reason
            if _says(heard, choice.delta or choice.message or _Said()) and heard.first_token_ms is None:
                heard.first_token_ms = _since(began)


def _says(heard: Heard, said: _Said) -> bool:
    """Takes one piece; whether there was anything in it."""
    thinking = said.reasoning_content or said.reasoning
    tools = [tool.function.name for tool in said.tool_calls or () if tool.function and tool.function.name]
    heard.text += said.content if isinstance(said.content, str) else ""
    heard.thought = heard.thought or bool(thinking)
    heard.tools += tools
    return bool(said.content or thinking or tools)


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
