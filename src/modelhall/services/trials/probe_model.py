"""Tries what a model can do with small calls, and writes down what was seen; only ever when a person asks for it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from modelhall.domain.library import Model, Told
from modelhall.domain.money import Nanodollars
from modelhall.domain.people import Actor, Role
from modelhall.gateway.call import Caller, Target
from modelhall.providers.parameters import facts_of as parameter_facts
from modelhall.services.calls.caller_for import caller_for
from modelhall.services.calls.make_call import Heard, bound_of, make_call
from modelhall.services.house import House
from modelhall.services.models.find_model import find_model
from modelhall.services.models.model_view import told
from modelhall.services.rights import require
from modelhall.services.trials.probes import PROBES, STREAMING, Probe
from modelhall.services.trials.trial_target import saved_target
from modelhall.services.words import wrong
from modelhall.storage import models

SEEN = "seen"
"""The source of what was tried instead of claimed."""


@dataclass(frozen=True, slots=True)
class Probed:
    """One capability."""

    capability: str
    claimed: bool | None
    """What the library said before; `None` = unknown."""
    bound: Nanodollars | None
    """The most that this one can cost; `None`: the price is not known."""
    seen: bool | None = None
    """`None`: not tried, or the answer says nothing of it."""
    words: str = "not tried"
    heard: Heard | None = None


@dataclass(frozen=True, slots=True)
class Probing:
    """What a model was tried with, or would be."""

    model: str
    results: tuple[Probed, ...]

    @property
    def bound(self) -> int | None:
        """The most that all of them can cost; `None` when the price is not known."""
        bounds = [result.bound for result in self.results if result.bound is not None]
        return sum(bounds) if len(bounds) == len(self.results) else None

    @property
    def cost(self) -> int | None:
        """What those that were made have cost; `None` when one of them is not known."""
        rows = [result.heard.row for result in self.results if result.heard is not None and result.heard.row]
        costs = [row.cost for row in rows if row.cost is not None]
        return sum(costs) if len(costs) == len(rows) else None


async def plan_probe(house: House, actor: Actor, name: str, only: Sequence[str] | None = None) -> Probing:
    """What would be tried and what it can cost at most; nothing is sent.

    Raises RoleTooLow, UnknownModel, BadRequest.
    """
    require(actor, Role.MEMBER)
    target = (await saved_target(house, actor, name)).target
    claims, caller = target.model.capabilities, await caller_for(house, actor)
    results = [
        Probed(each.capability, claims.get(each.capability), bound_of(caller, target, each.body)) for each in _of(only)
    ]
    return Probing(target.model.public_name, tuple(results))


async def probe_model(house: House, actor: Actor, name: str, only: Sequence[str] | None = None) -> Probing:
    """Tries them one after the other, and keeps what was seen with its date.

    When the first fails for another reason than a refusal, the others are not tried. Raises RoleTooLow, UnknownModel,
    BadRequest.
    """
    plan = await plan_probe(house, actor, name, only)
    target = _unbiased((await saved_target(house, actor, name)).target)
    caller = await caller_for(house, actor)
    done: list[Probed] = []
    for planned in plan.results:
        stuck = bool(done) and done[0].heard is not None and done[0].heard.error is not None and done[0].seen is None
        done.append(planned if stuck else await _tried(house, actor, caller, target, planned))
    await _keep(house, actor, name, done)
    return Probing(plan.model, tuple(done))


async def _tried(house: House, actor: Actor, caller: Caller, target: Target, planned: Probed) -> Probed:
    probe = PROBES[planned.capability]
    heard = await make_call(house, actor, caller, target, probe.body)
    seen, words = probe.verdict(heard)
    return replace(planned, seen=seen, words=words, heard=heard)


async def _keep(house: House, actor: Actor, name: str, done: Sequence[Probed]) -> None:
    async with house.database.change(actor) as change:
        old = await find_model(change.connection, actor.organisation_id, name)
        new = _with(old, done, house.clock().date().isoformat())
        if new == old:
            change.nothing()
            return
        new = await models.update_model(change.connection, new)
        seen = {result.capability: result.seen for result in done}
        before, after = told(old), told(new) | {"seen": seen}
        await change.audit("model.probe", "model", new.id, new.public_name, before=before, after=after)


def _with(model: Model, done: Sequence[Probed], today: str) -> Model:
    capabilities, sources = dict(model.capabilities), dict(model.sources)
    for result in done:
        if result.seen is None:
            continue
        place = f"capabilities.{result.capability}"
        claimed, source = model.capabilities.get(result.capability), sources.get(place)
        differs = claimed is not None and claimed != result.seen and (source is None or source.source != SEEN)
        other = (f"{source.source if source else 'claimed'}: {'yes' if claimed else 'no'}",) if differs else ()
        capabilities[result.capability] = result.seen
        sources[place] = Told(SEEN, today, other)
    return replace(model, capabilities=capabilities, sources=sources)


def _unbiased(target: Target) -> Target:
    """The target as if nothing were known of what it can do, so that nothing is refused or left out for that."""
    model = replace(target.model, capabilities={})
    return replace(target, model=model, facts=parameter_facts(model, target.provider))


def _of(only: Sequence[str] | None) -> list[Probe]:
    unknown = [name for name in only or () if name not in PROBES]
    if unknown:
        raise wrong("only", f"{unknown[0][:40]!r} cannot be tried; there are {', '.join(PROBES)}")
    return [probe for name, probe in PROBES.items() if only is None or name in only] or [STREAMING]
