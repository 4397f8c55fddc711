"""Tries a model with a prompt: what it answers, how quickly, and what that costs."""

from dataclasses import dataclass

from modelhall.domain.errors import Forbidden, UnknownModel
from modelhall.domain.money import Nanodollars
from modelhall.domain.people import Actor, Role
from modelhall.services.calls.caller_for import caller_for
from modelhall.services.calls.make_call import Heard, bound_of, make_call
from modelhall.services.house import House
from modelhall.services.rights import require
from modelhall.services.trials.trial_target import Tried


@dataclass(frozen=True, slots=True)
class Trial:
    """How it went."""

    tried: Tried
    heard: Heard
    bound: Nanodollars | None
    """The most that it could have cost; `None`: the price is not known."""


async def try_model(house: House, actor: Actor, tried: Tried, prompt: str, max_tokens: int) -> Trial:
    """One streamed call. A model that is not saved is booked under its name, with an id that the library does not have.

    Raises RoleTooLow, and what refuses the caller itself; whatever else goes wrong is the trial's result.
    """
    require(actor, Role.MEMBER)
    body = {"messages": [{"role": "user", "content": prompt}], "stream": True, "max_tokens": max_tokens}
    caller = await caller_for(house, actor)
    bound = bound_of(caller, tried.target, body)
    heard = await make_call(house, actor, caller, tried.target, body)
    if isinstance(heard.error, Forbidden | UnknownModel):
        raise heard.error
    return Trial(tried, heard, bound)
