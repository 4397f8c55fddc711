"""Holds back models that lost the evidence which their organisation's policy stands on. A person lets them go again."""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from modelhall.domain.library import Model, Profile
from modelhall.domain.policies import FACT_OF, NOTHING, Candidate, Finding, Policy, evidence_words, judge
from modelhall.domain.privacy import Privacy
from modelhall.providers.privacy import privacy_of
from modelhall.services.evidence.stand_in import stand_in
from modelhall.services.house import House
from modelhall.services.models.default_model import default_id, move_default
from modelhall.services.models.model_view import told
from modelhall.services.models.rules import is_usable
from modelhall.storage import models, organisations
from modelhall.storage.database import Change

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """Models of one profile as they are at one moment."""

    profile: Profile
    models: Sequence[Model]


async def hold_back_losers(house: House, change: Change, before: Standing, after: Standing) -> None:
    """Hold back every model that kept the organisation's policy before a change of what is known, and does not now."""
    organisation = await organisations.get_organisation(change.connection, after.profile.organisation_id)
    provider, old_provider = (house.providers.get(each.profile.provider) for each in (after, before))
    policy = NOTHING if organisation is None else on_evidence(organisation.policy)
    if not policy.demanded or provider is None or old_provider is None:
        return
    was = {model.id: privacy_of(model, before.profile, old_provider) for model in before.models}
    now = house.clock()
    lost = [
        (model, finding, was[model.id])
        for model in after.models
        if model.id in was
        and broken(policy, was[model.id], now) is None
        and (finding := broken(policy, privacy_of(model, after.profile, provider), now)) is not None
    ]
    losers = {model.id for model, _, _ in lost}
    for model, finding, privacy in lost:
        known = privacy.known(FACT_OF[finding.rule], now)
        await hold_back(house, change, model, policy, f"{finding.words}; it was: {evidence_words(known)}", losers)


async def hold_back(
    house: House, change: Change, model: Model, policy: Policy, why: str, losers: Collection[str]
) -> None:
    """Quarantine the model, name who could take its place, and let the default move on to whom a person named.

    `losers`: models that cannot take its place, because they are held back with it.
    """
    if model.quarantined_because is not None:
        return
    connection = change.connection
    named = await models.get_model(connection, model.successor_id) if model.successor_id else None
    successor_id = model.successor_id or stand_in(house, model, policy, losers)
    reason = f"it lost what the organisation's policy demands: {why}"
    held = replace(model, quarantined_because=reason[:500], successor_id=successor_id)
    held = await models.update_model(connection, held)
    await change.audit("model.quarantine", "model", held.id, held.public_name, before=told(model), after=told(held))
    log.warning("%s is held back: %s", held.public_name, reason)
    is_default = await default_id(connection, model.organisation_id) == model.id
    if is_default and named is not None and is_usable(named) and named.id not in losers:
        await move_default(change, named)


def on_evidence(policy: Policy) -> Policy:
    """Of a policy the rules that stand on evidence."""
    return replace(policy, ceiling_usd_per_mtok=None, purposes=None, residencies=None)


def broken(policy: Policy, privacy: Privacy, now: datetime) -> Finding | None:
    """The first of these rules that is not kept; `None`: all are."""
    return judge((("the organisation", policy),), Candidate(privacy, None), now).refusal
