"""The way of a call, in five steps: identify, route, hold, send, settle. It reads from top to bottom.

`identify` has happened at the door; an attempt settles itself when its context ends, whatever ended it.
"""

from dataclasses import replace
from time import monotonic

from modelhall.domain.errors import BadRequest, BudgetExceeded, ModelhallError, Unpriced
from modelhall.gateway.attempt import Attempt
from modelhall.gateway.call import Call, Reply, Route
from modelhall.gateway.desk import Desk
from modelhall.gateway.hold import Hold, hold
from modelhall.gateway.routing import find_route
from modelhall.gateway.tries import Tries

CANNOT_TAKE_IT = (BadRequest, BudgetExceeded, Unpriced)
"""Why one after the first may be passed over: the call does not fit its dialect, or another attempt the budget."""


class relay:
    """Runs a call whose caller is known, as a context that gives what goes back; leaving it early ends it everywhere.

    Entering raises what refuses the call or breaks it before the first content; after that a failure is an event in the
    stream. A class, because a generator on the way of each call costs as much as a step of it.
    """

    __slots__ = ("_attempt", "_call", "_desk")

    def __init__(self, call: Call, desk: Desk) -> None:
        self._call, self._desk = call, desk

    async def __aenter__(self) -> Reply:
        call, desk = self._call, self._desk
        route = find_route(call, desk.snapshot)
        held = await hold(call, route.targets[0], desk.allowances)
        try:
            self._attempt = await send(call, route, held, desk)
        except BaseException:
            held.release()
            raise
        return self._attempt.reply

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._attempt.settle(error)


async def send(call: Call, route: Route, held: Hold, desk: Desk) -> Attempt:
    """Tries one target after the other until one begins to answer; each try is an attempt with a row of its own.

    Raises what the last one failed at.
    """
    deadlines = desk.bounds.deadlines
    until = monotonic() + deadlines.total
    tries = Tries(route, desk)
    for candidate in tries:
        if tries.number > 1:
            deadlines = replace(deadlines, total=max(until - monotonic(), 0.0))
        attempt = Attempt(call, route, candidate, tries.number, held, desk)
        try:
            return await attempt.begin(deadlines)
        except CANNOT_TAKE_IT as error:
            if tries.number == 1 and candidate.target is route.targets[0]:
                raise
            tries.passed(error)
        except ModelhallError as error:
            tries.failed(error)
    raise tries.verdict()
