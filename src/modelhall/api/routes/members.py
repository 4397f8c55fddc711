"""Members: who is in the organisation and with what role."""

from typing import Annotated

from fastapi import APIRouter, Query

from modelhall.api.identity import Acting, Here
from modelhall.api.parameters import DEFAULT_LIMIT, After, Limit
from modelhall.api.policy import policy
from modelhall.api.shapes.people import MemberPage, MemberPatch, MemberShape, member_of, member_page
from modelhall.services.members.change_role import change_role
from modelhall.services.members.erase_person import erase_person
from modelhall.services.members.list_members import list_members, show_member
from modelhall.services.members.remove_member import remove_member
from modelhall.services.members.restore_member import restore_member
from modelhall.services.members.switch_account import switch_account

router = APIRouter(tags=["members"])
Removed = Annotated[bool, Query(description="Those who left instead.")]


@router.get("/members", summary="List members", **policy("admin"))
async def listed(
    house: Here, actor: Acting, removed: Removed = False, after: After = None, limit: Limit = DEFAULT_LIMIT
) -> MemberPage:
    """The oldest first."""
    return member_page(await list_members(house, actor, removed=removed, after=after, limit=limit))


@router.get("/members/{id}", summary="Show a member", **policy("admin"))
async def shown(house: Here, actor: Acting, id: str) -> MemberShape:
    """By id or login."""
    return member_of(await show_member(house, actor, id))


@router.patch("/members/{id}", summary="Change a member's role", **policy("admin", audit="member.role"))
async def changed(house: Here, actor: Acting, id: str, body: MemberPatch) -> MemberShape:
    """They sign in again; their keys do no more than they may themselves."""
    return member_of(await change_role(house, actor, id, body.role))


@router.delete("/members/{id}", summary="Remove a member", status_code=204, **policy("admin", audit="member.remove"))
async def removed(house: Here, actor: Acting, id: str) -> None:
    """Their sessions end and their keys are deleted; calls under way are cut."""
    await remove_member(house, actor, id)


@router.post("/members/{id}/restore", summary="Bring back a member", **policy("admin", audit="member.restore"))
async def restored(house: Here, actor: Acting, id: str) -> MemberShape:
    """By the id of one who was removed; their keys are not brought back."""
    return member_of(await restore_member(house, actor, id))


@router.post("/members/{id}/disable", summary="Switch a person off", **policy("admin", audit="account.disable"))
async def disabled(house: Here, actor: Acting, id: str) -> MemberShape:
    """They are signed out, and their keys are refused until they are switched on again."""
    return member_of(await switch_account(house, actor, id, off=True))


@router.post("/members/{id}/enable", summary="Switch a person on", **policy("admin", audit="account.enable"))
async def enabled(house: Here, actor: Acting, id: str) -> MemberShape:
    """They may sign in again, and their keys work."""
    return member_of(await switch_account(house, actor, id, off=False))


@router.delete(
    "/members/{id}/person",
    summary="Forget a person",
    status_code=204,
    **policy("admin", audit="account.erase"),
)
async def erased(house: Here, actor: Acting, id: str) -> None:
    """Login, name, e-mail address, password and sessions go; the ledger keeps an id that leads nowhere."""
    await erase_person(house, actor, id)
