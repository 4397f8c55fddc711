"""What belongs to another organisation is, for everybody else, not there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from modelhall.domain.errors import NotFound, RoleTooLow
from modelhall.domain.people import Actor, Role
from modelhall.services.aliases.delete_alias import delete_alias
from modelhall.services.aliases.list_aliases import list_aliases
from modelhall.services.aliases.set_alias import set_alias
from modelhall.services.aliases.show_alias import show_alias
from modelhall.services.audit.list_audit import Wanted, list_audit
from modelhall.services.files.export_configuration import export_configuration
from modelhall.services.house import House
from modelhall.services.keys.create_key import NewKey, create_key
from modelhall.services.keys.delete_key import delete_key
from modelhall.services.keys.list_keys import list_keys
from modelhall.services.keys.show_key import show_key
from modelhall.services.models.add_model import add_model
from modelhall.services.models.edit_model import ModelEdit, edit_model
from modelhall.services.models.list_models import Filters, list_models
from modelhall.services.models.new_model import NewModel
from modelhall.services.models.price_model import price_model
from modelhall.services.models.profile_for import Place
from modelhall.services.models.remove_model import remove_model
from modelhall.services.models.set_default import set_default
from modelhall.services.models.show_model import show_model
from modelhall.services.models.sync_models import sync_models
from modelhall.services.profiles.accept_profile_key import accept_profile_key
from modelhall.services.profiles.add_profile import NewProfile, add_profile
from modelhall.services.profiles.add_profile_key import add_profile_key
from modelhall.services.profiles.edit_profile import ProfileEdit, edit_profile
from modelhall.services.profiles.list_profile_keys import list_profile_keys
from modelhall.services.profiles.list_profiles import list_profiles
from modelhall.services.profiles.remove_profile import remove_profile
from modelhall.services.profiles.remove_profile_key import remove_profile_key
from modelhall.services.profiles.show_profile import show_profile
from modelhall.services.trials.probe_model import plan_probe, probe_model
from modelhall.services.trials.trial_target import described_target, saved_target
from tests.support.house import OpenHouse, as_key

Deed = Callable[[House, Actor, str], Awaitable[object]]
BY_PROFILE: tuple[Deed, ...] = (
    show_profile,
    lambda house, actor, name: edit_profile(house, actor, name, ProfileEdit(notes="x")),
    remove_profile,
    lambda house, actor, name: sync_models(house, actor, name, ["gpt-4.1"]),
    lambda house, actor, name: list_models(house, actor, Filters(profile=name)),
    list_profile_keys,
    lambda house, actor, name: add_model(house, actor, Place(profile=name), NewModel(model_id="x")),
    lambda house, actor, name: described_target(house, actor, Place(profile=name), NewModel(model_id="x")),
    lambda house, actor, name: add_profile_key(house, actor, name, key="sk-of-eve"),
    lambda house, actor, name: remove_profile_key(house, actor, name, "…abcd"),
    lambda house, actor, name: accept_profile_key(house, actor, name, "…abcd"),
)
BY_MODEL: tuple[Deed, ...] = (
    show_model,
    lambda house, actor, name: edit_model(house, actor, name, ModelEdit(hidden=True)),
    remove_model,
    set_default,
    lambda house, actor, name: price_model(house, actor, name, {"input_per_mtok": "1"}),
    saved_target,
    plan_probe,
    probe_model,
    lambda house, actor, name: create_key(house, actor, NewKey(name="k", models=[name])),
    lambda house, actor, name: set_alias(house, actor, "own", [name]),
)
BY_ALIAS: tuple[Deed, ...] = (show_alias, delete_alias)
BY_KEY: tuple[Deed, ...] = (show_key, delete_key)


async def test_a_foreign_name_is_refused_as_an_absent_one_is(house: OpenHouse) -> None:
    hall, owner = house.house, house.operator
    await add_profile(hall, owner, NewProfile(provider="openai", id="work"))
    await sync_models(hall, owner, "work", ["gpt-4.1"], activate=True)
    key = (await create_key(hall, owner, NewKey(name="app"))).view.key
    await add_profile_key(hall, owner, "work", key="sk-0123456789-abcd")
    await set_alias(hall, owner, "fast", ["work/gpt-4.1"])
    eve = await house.member("eve", Role.ADMIN, organisation="elsewhere")
    places = ((BY_PROFILE, ["work"]), (BY_MODEL, ["work/gpt-4.1"]), (BY_KEY, ["app", key.id]), (BY_ALIAS, ["fast"]))
    for deeds, names in places:
        for deed in deeds:
            for name in names:
                assert await said(deed, hall, eve, name) == await said(deed, hall, eve, name, absent=True)


async def said(deed: Deed, house: House, actor: Actor, name: str, *, absent: bool = False) -> str:
    """What the refusal says, with the name taken out."""
    asked = f"{name[:-1]}0" if absent else name
    with pytest.raises(NotFound) as refused:
        await deed(house, actor, asked)
    return f"{refused.value.code} {refused.value.message}".replace(asked, "NAME")


async def test_lists_hold_nothing_foreign(house: OpenHouse) -> None:
    hall, owner = house.house, house.operator
    await add_profile(hall, owner, NewProfile(provider="openai", id="work"))
    await sync_models(hall, owner, "work", ["gpt-4.1"], activate=True)
    await create_key(hall, owner, NewKey(name="app"))
    await set_alias(hall, owner, "gpt-4.1", ["work/gpt-4.1"])
    eve = await house.member("eve", Role.ADMIN, organisation="elsewhere")
    assert (await list_profiles(hall, eve)).items == []
    assert (await list_models(hall, eve, Filters())).items == []
    assert (await list_keys(hall, eve)).items == []
    assert (await list_aliases(hall, eve)).items == []
    assert [row.action for row in (await list_audit(hall, eve, Wanted())).items] == ["member.add"]
    assert "work" not in await export_configuration(hall, eve)
    await add_profile(hall, eve, NewProfile(provider="openai", id="work"))


async def test_services_ask_for_the_role_themselves(house: OpenHouse) -> None:
    """The API's policy is a second lock, not the only one."""
    hall, viewer = house.house, await house.member("vic", Role.VIEWER)
    member, plain = await house.member("ann", Role.MEMBER), as_key(house.operator, "key", plain=True)
    for deed in (*BY_PROFILE[1:4], *BY_MODEL[1:], *BY_KEY):
        with pytest.raises(RoleTooLow):
            await deed(hall, viewer, "work/x")
    for deed in (BY_PROFILE[1], BY_PROFILE[2], BY_MODEL[4]):
        with pytest.raises(RoleTooLow):
            await deed(hall, member, "work/x")
    for deed in (*BY_PROFILE, *BY_MODEL, *BY_KEY):
        with pytest.raises(RoleTooLow):
            await deed(hall, plain, "work/x")
    with pytest.raises(RoleTooLow):
        await add_profile(hall, member, NewProfile(provider="openai"))
