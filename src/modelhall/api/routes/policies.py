"""Policies, and the evidence that they stand on."""

from typing import Annotated

from fastapi import APIRouter, Path

from modelhall.api.identity import Acting, Here
from modelhall.api.once import OnceRoute
from modelhall.api.policy import policy
from modelhall.api.shapes.evidence import EvidenceBody, EvidenceListShape, FactName, evidence_list_of
from modelhall.api.shapes.policies import JudgedListShape, PolicyBody, PolicyShape, judged_of, policy_of
from modelhall.services.evidence.enter_evidence import enter_evidence
from modelhall.services.evidence.show_evidence import show_evidence
from modelhall.services.evidence.withdraw_evidence import withdraw_evidence
from modelhall.services.policies.check_policy import check_policy
from modelhall.services.policies.scope import Scope
from modelhall.services.policies.set_policy import set_policy
from modelhall.services.policies.show_policy import show_policy

router = APIRouter(tags=["policies"], route_class=OnceRoute)
OWN = "own; an admin's all"
Name = Annotated[str, Path(description="A profile's id, or `profile/model-id`.")]


@router.get("/policy", summary="Show the organisation's policy", **policy("viewer"))
async def organisations(house: Here, actor: Acting) -> PolicyShape:
    """What it demands of every model that is called."""
    return policy_of(await show_policy(house, actor, Scope()))


@router.put("/policy", summary="Set the organisation's policy", **policy("admin", audit="policy.set"))
async def organisations_set(house: Here, actor: Acting, body: PolicyBody) -> PolicyShape:
    """It replaces what was demanded, and holds for every project and key from the next call on."""
    return policy_of(await set_policy(house, actor, Scope(), body.wish()))


@router.get("/policy/models", summary="Say which models the policies allow", **policy("viewer"))
async def checked(house: Here, actor: Acting, key: str | None = None) -> JudgedListShape:
    """Every active model, with each rule and what it stands on; with `key` as that key's calls see it."""
    return JudgedListShape(items=[judged_of(each) for each in await check_policy(house, actor, key)])


@router.get("/projects/{id}/policy", summary="Show a project's policy", **policy("viewer"))
async def projects(house: Here, actor: Acting, id: str) -> PolicyShape:
    """Its own, and what holds with the organisation's."""
    return policy_of(await show_policy(house, actor, Scope("project", id)))


@router.put("/projects/{id}/policy", summary="Set a project's policy", **policy("admin", audit="policy.set"))
async def projects_set(house: Here, actor: Acting, id: str, body: PolicyBody) -> PolicyShape:
    """It may only demand more than the organisation; 409 says in which rules it does not."""
    return policy_of(await set_policy(house, actor, Scope("project", id), body.wish()))


@router.get("/keys/{key}/policy", summary="Show a key's policy", **policy("member", objects=OWN))
async def keys(house: Here, actor: Acting, key: str) -> PolicyShape:
    """Its own, and what holds with those of its project and organisation."""
    return policy_of(await show_policy(house, actor, Scope("key", key)))


@router.put("/keys/{key}/policy", summary="Set a key's policy", **policy("member", objects=OWN, audit="policy.set"))
async def keys_set(house: Here, actor: Acting, key: str, body: PolicyBody) -> PolicyShape:
    """It may only demand more than what is above it; a member may tighten his own keys and not loosen them."""
    return policy_of(await set_policy(house, actor, Scope("key", key), body.wish()))


@router.get("/evidence/{name:path}", summary="Show what is known of privacy", **policy("viewer"))
async def known(house: Here, actor: Acting, name: Name) -> EvidenceListShape:
    """Of a profile or of one model: each fact, what it stands on, from when, until when and who entered it."""
    return evidence_list_of(await show_evidence(house, actor, name))


@router.put("/evidence/{fact}/{name:path}", summary="Enter evidence", **policy("admin", audit="evidence.set"))
async def entered(house: Here, actor: Acting, fact: FactName, name: Name, body: EvidenceBody) -> EvidenceListShape:
    """It replaces what was entered there for this fact. A model's own comes before its profile's."""
    return evidence_list_of(await enter_evidence(house, actor, name, fact, body.given()))


@router.delete("/evidence/{fact}/{name:path}", summary="Withdraw evidence", **policy("admin", audit="evidence.set"))
async def withdrawn(house: Here, actor: Acting, fact: FactName, name: Name) -> EvidenceListShape:
    """Models that kept the organisation's policy by it are held back at once."""
    return evidence_list_of(await withdraw_evidence(house, actor, name, fact))
