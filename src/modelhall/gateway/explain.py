"""Steps one to three of a call with nothing taken, written or sent: where it would go, why, and what it may cost."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from modelhall.domain.errors import ModelhallError
from modelhall.domain.money import Nanodollars
from modelhall.domain.policies import Verdict
from modelhall.gateway.call import Call, Passed, Route
from modelhall.gateway.hold import quote_of
from modelhall.gateway.prepare import rehearse
from modelhall.gateway.routing import DEFAULT, find_route, library_of, named_targets
from modelhall.gateway.snapshot import Snapshot
from modelhall.gateway.stored_values import completed


@dataclass(frozen=True, slots=True)
class Judged:
    """What policies say of a target."""

    model: str
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What would become of a call. What is not known because it was refused before is `None` or empty."""

    asked: str
    refusal: ModelhallError | None = None
    """What the call would be refused with; `None` = it would be sent."""
    model: str | None = None
    why: str | None = None
    fallbacks: tuple[str, ...] = ()
    """The models that would be tried after it, in this order."""
    passed: tuple[Passed, ...] = ()
    """What it cannot fall back to, and why."""
    dialect: str | None = None
    """The one in which the target would be asked."""
    changes: Mapping[str, str]
    dropped: tuple[str, ...] = ()
    most_input: int | None = None
    most_output: int | None = None
    bound: Nanodollars | None = None
    """The most it can cost; `None` = the price is not known."""
    left: int | None = None
    """Nano-dollars that its budget has left; `None` = no budget."""
    output_limit: int | None = None
    """A limit of output tokens that the house would set so that the call fits its budget."""
    policy: tuple[Judged, ...] = ()
    """What policies say of each model that the name means; empty: there is no policy."""


def explain(call: Call, snapshot: Snapshot, left: int | None) -> Explanation:
    """What would become of this call, its budgets having that much left (`None`: it has none)."""
    judged = _judged(call, snapshot)
    try:
        route = find_route(call, snapshot)
    except ModelhallError as refusal:
        return Explanation(asked=call.ask.model or DEFAULT, refusal=refusal, changes={}, left=left, policy=judged)
    return replace(_at(call, route, left), policy=judged)


def _judged(call: Call, snapshot: Snapshot) -> tuple[Judged, ...]:
    library = library_of(call.caller, snapshot)
    demands = library.demands_of(call.caller)
    if demands is None:
        return ()
    named = named_targets(call.ask.model or DEFAULT, library, call.caller)
    return tuple(Judged(target.model.public_name, demands.verdict(target)) for target in named)


def _at(call: Call, route: Route, left: int | None) -> Explanation:
    target = route.targets[0]
    call = completed(call, target)
    quote = quote_of(call, target)
    bound, limit, refusal = quote.bound, None, None
    changes: Mapping[str, str] = {}
    dropped: tuple[str, ...] = ()
    dialect = call.dialect.NAME
    try:
        if left is not None:
            bound, limit = quote.within(left)
        rehearsed = rehearse(call, target, limit)
        dialect, changes, dropped = rehearsed.dialect, rehearsed.changes, rehearsed.dropped
    except ModelhallError as error:
        refusal = error
    return Explanation(
        asked=route.asked,
        refusal=refusal,
        model=target.model.public_name,
        why=route.why,
        fallbacks=tuple(other.model.public_name for other in route.targets[1:]),
        passed=route.passed,
        dialect=dialect,
        changes=changes,
        dropped=dropped,
        most_input=quote.most_input,
        most_output=quote.most_output,
        bound=bound,
        left=left,
        output_limit=limit,
    )
