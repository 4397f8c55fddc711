"""Nobody makes a key that may more than they may themselves, whatever they ask for, however long the chain of keys."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from modelhall.domain.errors import Conflict, ModelhallError, RoleTooLow
from modelhall.domain.people import Actor, Role
from modelhall.domain.virtual_keys import is_well_formed
from modelhall.gateway.call import Caller
from modelhall.services.keys.create_key import NewKey, create_key
from modelhall.services.members.change_role import change_role
from modelhall.services.members.remove_member import remove_member
from modelhall.services.models.add_model import NewModel, add_model
from modelhall.services.models.profile_for import Place
from modelhall.services.profiles.add_profile import NewProfile, add_profile
from modelhall.services.projects.create_project import NewProject, create_project
from modelhall.services.sessions.identify import identify
from tests.support.house import ON_SQLITE, OpenHouse

MODELS = ("base/a", "base/b", "base/c")
ENDS = tuple(datetime(2040, month, 1, tzinfo=UTC) for month in (1, 6, 12))


@ON_SQLITE
@pytest.mark.full
async def test_no_key_is_wider_than_its_maker(house: OpenHouse, how_many: Callable[[int, int], int]) -> None:
    await furnished(house)
    draw = random.Random(7)
    people = {role: await house.member(role.word, role) for role in Role}
    people_elsewhere = [await house.member("elsewhere", Role.ADMIN, "labs")]
    makers: list[Actor] = [*people.values(), *people_elsewhere]
    made = refused = 0
    for number in range(how_many(200, 5_000)):
        maker = draw.choice(makers)
        before = await house.database.change_number()
        created, refusal = None, 0
        try:
            created = await create_key(house.house, maker, wish(draw, number))
        except ModelhallError as error:
            refusal = error.status
        if created is None:
            refused += 1
            assert 400 <= refusal < 500
            assert await house.database.change_number() == before, "who is refused changes nothing"
            continue
        made += 1
        assert is_well_formed(created.text)
        assert maker.role >= Role.MEMBER, "a viewer makes none"
        assert excess(house, maker, caller_of(house, created.text)) == []
        if created.view.key.role is not None:
            makers.append(await identify(house.house, created.text, None))
    assert made > 20
    assert refused > 20


def excess(house: OpenHouse, maker: Actor, new: Caller) -> list[str]:
    """In what the new key is wider than who made it."""
    found: list[str] = []
    if new.organisation_id != maker.organisation_id:
        found.append("organisation")
    if new.role is not None and (new.role > maker.role or maker.role < Role.ADMIN):
        found.append("role")
    if maker.role < Role.ADMIN and new.member_id != maker.member_id:
        found.append("owner")
    own = next((each for each in callers(house) if each.key_id == maker.key_id), None) if maker.key_id else None
    if own is None:
        return found
    if own.models is not None and (new.models is None or not new.models <= own.models):
        found.append("models")
    if own.expires_at is not None and (new.expires_at is None or new.expires_at > own.expires_at):
        found.append("end")
    if own.project_id is not None and new.project_id != own.project_id:
        found.append("project")
    if own.windows:
        found.append("budget")
    return found


def wish(draw: random.Random, number: int) -> NewKey:
    """Anything that a request may hold."""
    return NewKey(
        name=f"key-{number}",
        models=draw.choice([None, None, [], *([draw.sample(MODELS, draw.randint(1, 3))] * 3)]),
        project=draw.choice([None, None, "one", "two"]),
        owner=draw.choice([None, None, None, "admin", "member", "viewer", "owner", "elsewhere"]),
        budget_usd=draw.choice([None, None, None, "5"]),
        role=draw.choice([None, "viewer", "member", "admin"]),
        expires=draw.choice([None, *ENDS]),
    )


@ON_SQLITE
async def test_a_key_does_no_more_than_its_owner_may_now(house: OpenHouse) -> None:
    admin = await house.member("ada", Role.ADMIN)
    text = (await create_key(house.house, admin, NewKey(name="hers", role="admin"))).text
    assert (await identify(house.house, text, None)).role is Role.ADMIN
    await change_role(house.house, house.operator, "ada", "viewer")
    assert (await identify(house.house, text, None)).role is Role.VIEWER
    with pytest.raises(RoleTooLow):
        await create_key(house.house, await identify(house.house, text, None), NewKey(name="more"))
    with pytest.raises(Conflict):
        await remove_member(house.house, house.operator, "owner")
    await remove_member(house.house, house.operator, "ada")
    with pytest.raises(ModelhallError, match="no such key"):
        await identify(house.house, text, None)


@ON_SQLITE
async def test_a_viewer_cannot_raise_itself(house: OpenHouse) -> None:
    viewer = await house.member("vic", Role.VIEWER)
    for role in Role:
        with pytest.raises(RoleTooLow):
            await change_role(house.house, viewer, "vic", role.word)
        with pytest.raises(RoleTooLow):
            await create_key(house.house, replace(viewer, via="key"), NewKey(name="a", role=role.word))


async def furnished(house: OpenHouse) -> None:
    """A profile with three models, and two projects."""
    base = NewProfile(provider="openai-compatible", id="base", base_url="http://127.0.0.1:9/v1", allow_private=True)
    await add_profile(house.house, house.operator, base)
    for name in MODELS:
        await add_model(house.house, house.operator, Place(profile="base"), NewModel(model_id=name.partition("/")[2]))
    for slug in ("one", "two"):
        await create_project(house.house, house.operator, NewProject(id=slug))


def callers(house: OpenHouse) -> list[Caller]:
    return list(house.house.lookout.current().callers.values())


def caller_of(house: OpenHouse, text: str) -> Caller:
    return house.house.lookout.current().callers[house.house.vault.digest(text)]
