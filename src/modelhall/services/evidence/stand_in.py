"""Finds who could take the place of a model that is held back: allowed by the policy, able, and not dearer."""

from collections.abc import Collection

from modelhall.domain.ceilings import may_fall_back
from modelhall.domain.library import Model
from modelhall.domain.policies import Policy, judge
from modelhall.gateway.call import Target
from modelhall.gateway.demands import candidate_of
from modelhall.services.house import House


def stand_in(house: House, model: Model, policy: Policy, losers: Collection[str]) -> str | None:
    """The library id of the nearest: who lacks least of what it can, the same model elsewhere, one of its maker."""
    library = house.lookout.current().libraries.get(model.organisation_id)
    held = library.targets.get(model.id) if library else None
    if library is None or held is None:
        return None
    fitting = [target for target in library.targets.values() if _fits(house, target, held, policy, losers)]
    nearest = sorted(fitting, key=lambda each: _distance(each.model, model))
    return nearest[0].model.id if nearest else None


def _fits(house: House, target: Target, held: Target, policy: Policy, losers: Collection[str]) -> bool:
    model, now = target.model, house.clock()
    if model.id == held.model.id or model.id in losers or not model.active or model.quarantined_because is not None:
        return False
    if model.successor_id == held.model.id or model.kind != held.model.kind:
        return False
    if judge((("", policy),), candidate_of(target, now), now).refusal is not None:
        return False
    return may_fall_back(target.sheet_at(now), held.sheet_at(now), None) is None


def _distance(model: Model, held: Model) -> tuple[int, bool, bool]:
    lacking = sum(known and not model.capabilities.get(name) for name, known in held.capabilities.items())
    return lacking, model.model_id != held.model_id, model.maker is None or model.maker != held.maker
