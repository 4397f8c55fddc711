"""Plan, apply, drift and undo of a configuration file, through the same rules as everything else."""

from __future__ import annotations

from typing import Any

import pytest

from modelhall.domain.errors import BadRequest, Conflict, ModelhallError, NotFound, RoleTooLow
from modelhall.domain.people import Role
from modelhall.services.aliases.set_alias import set_alias
from modelhall.services.files.apply_file import apply_file
from modelhall.services.files.export_configuration import export_configuration
from modelhall.services.files.intent import GivenFile
from modelhall.services.files.outcome import Outcome
from modelhall.services.files.show_drift import list_sources, show_drift
from modelhall.services.files.state import State, state_of
from modelhall.services.files.stock import take_stock
from modelhall.services.files.undo_apply import undo_apply
from modelhall.services.models.edit_model import ModelEdit, edit_model
from modelhall.services.models.price_model import price_model
from modelhall.services.profiles.add_profile_key import add_profile_key
from modelhall.storage import audit
from modelhall.storage.audit_check import first_break
from tests.support.house import OpenHouse

FILE = """
[organisation]
name = "The Hall"
default_model = "work/gpt-4o"
activate_on_sync = true

[[profile]]
id = "work"
provider = "openai"
name = "Work"
purpose = "production"
notes = "for everybody"
keys = ["env:OPENAI_API_KEY", "env:MODELHALL_SECRET_TWO"]
headers = { X-Team = "search" }

[[profile]]
id = "own"
provider = "openai-compatible"
base_url = "https://models.example.org/v1"

[[model]]
name = "work/gpt-4o"
active = true
tags = ["fast", "eu"]
category = "coding"
title = "The good one"
successor = "own/house-model"

[model.parameters.temperature]
taken = true
max = 1

[model.defaults]
temperature = 0.2

[model.price]
as_of = "2026-03-01"
usd_per_million = { input = "2.50", output = "10" }
rates = [{ usage_class = "input", usd_per_million = "5.0", context_over = 200000 }]

[[model]]
name = "own/house-model"
active = true
custom = true
kind = "chat"
context_window = 8000
max_output = 1000
capabilities = { vision = false, tools = true }

[[model]]
name = "own/spare"
held_back = "broken"

[[collection]]
name = "coding"
models = ["own/house-model", "gpt-4o"]

[[alias]]
name = "good"
models = ["work/gpt-4o", "own/house-model"]
ceiling_usd_per_mtok = "12.0"

[[project]]
id = "web"
models = ["work/gpt-4o"]
default_model = "work/gpt-4o"
notes = "the site"

[project.parameters]
temperature = 0.5

[[member]]
login = "ann"
role = "viewer"
"""


async def test_a_file_is_planned_applied_and_then_changes_nothing(house: OpenHouse) -> None:
    planned = await apply(house, FILE, plan=True)
    before = await state(house)
    assert len(planned.steps) == 10
    assert before["profile"] == {}
    applied = await apply(house, FILE)
    assert names(applied) == names(planned)
    assert {step.action for step in applied.steps if step.kind != "organisation"} == {"create"}
    after = await state(house)
    assert after["organisation"]["organisation"] == {
        "name": "The Hall",
        "default_model": "work/gpt-4o",
        "activate_on_sync": True,
    }
    assert after["alias"]["good"] == {"models": ["work/gpt-4o", "own/house-model"], "ceiling_usd_per_mtok": "12"}
    assert after["collection"]["coding"] == {"models": ["own/house-model", "work/gpt-4o"]}
    assert after["model"]["work/gpt-4o"]["price"]["entered_by"] == "owner"
    assert after["member"]["ann"] == {"role": "viewer"}
    number = await house.database.change_number()
    assert (await apply(house, FILE)).steps == ()
    assert (await apply(house, FILE, plan=True)).steps == ()
    assert await house.database.change_number() == number


async def test_a_plan_tells_field_by_field_what_was_whose_and_who_changed_it_last(house: OpenHouse) -> None:
    await apply(house, FILE)
    await edit_model(house.house, house.operator, "work/gpt-4o", ModelEdit(category="budget", notes="by hand"))
    (step,) = (await apply(house, FILE, plan=True)).steps
    assert (step.action, step.kind, step.name, step.source) == ("change", "model", "work/gpt-4o", "file hall.toml")
    assert [(each.field, each.old, each.new) for each in step.fields] == [("category", "budget", "coding")]
    assert step.last is not None
    assert (step.last.by, step.last.action) == ("owner", "model.edit")


async def test_values_of_headers_are_never_shown(house: OpenHouse) -> None:
    applied = await apply(house, FILE)
    told = {(step.name, each.field): each.new for step in applied.steps for each in step.fields}
    assert told["work", "headers"] == {"x-team": "(hidden)"}


async def test_a_whole_file_may_leave_out_what_has_no_default(house: OpenHouse) -> None:
    text = """
[modelhall]
whole = true

[[profile]]
id = "near"
provider = "ollama"
notes = "   "

[[model]]
name = "near/qwen3"
title = "qwen3"
knowledge_cutoff = "2025-03-01T00:00:00Z"

[[project]]
id = "web"
name = "  The web  "
"""
    assert len((await apply(house, text)).steps) == 3
    found = await state(house)
    assert found["profile"]["near"] == {"provider": "ollama", "name": "Ollama"}
    assert found["model"]["near/qwen3"] == {"active": False, "knowledge_cutoff": "2025-03-01"}
    assert found["project"]["web"] == {"name": "The web"}
    assert (await apply(house, text)).steps == ()
    assert await show_drift(house.house, house.operator) == ()


async def test_what_a_file_says_no_more_is_at_its_default_again_and_the_rest_is_left_alone(house: OpenHouse) -> None:
    await apply(house, FILE)
    await edit_model(house.house, house.operator, "work/gpt-4o", ModelEdit(notes="by hand"))
    await apply(house, FILE.replace('category = "coding"\n', "").replace('tags = ["fast", "eu"]', "tags = []"))
    model = (await state(house))["model"]["work/gpt-4o"]
    assert ("category" in model, "tags" in model, model["notes"]) == (False, False, "by hand")
    await apply(house, "[modelhall]\nwhole = true\n" + FILE)
    assert "notes" not in (await state(house))["model"]["work/gpt-4o"]


async def test_what_a_file_made_goes_with_it_and_nothing_else_does_unless_asked(house: OpenHouse) -> None:
    await apply(house, FILE)
    await set_alias(house.house, house.operator, "mine", ["own/house-model"])
    less = FILE[: FILE.index("[[alias]]")] + FILE[FILE.index("[[project]]") :]
    assert names(await apply(house, less, keep=True)) == []
    assert names(await apply(house, less)) == [("delete", "alias", "good")]
    assert names(await apply(house, less, prune=True)) == [("delete", "alias", "mine")]
    assert names(await apply(house, less, name="other.toml", plan=True)) == []


async def test_a_price_that_the_file_takes_back_is_the_catalogs_again(house: OpenHouse) -> None:
    await apply(house, FILE)
    await apply(house, FILE.replace(FILE[FILE.index("[model.price]") : FILE.index('[[model]]\nname = "own/house')], ""))
    assert "price" not in (await state(house))["model"]["work/gpt-4o"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('provider = "openai"', 'provider = "nobody"', "hall.toml, line 7: profile.work: there is no provider"),
        (
            'category = "coding"',
            'category = "Very Long"',
            "hall.toml, line 25: model.work/gpt-4o.category: 'Very Long' must",
        ),
        ('["work/gpt-4o", "own/house-model"]', '["work/nothing"]', "hall.toml, line 58: alias.good: "),
        ("temperature = 0.5", "temperature = 7", "hall.toml, line 70: project.web.parameters.temperature: "),
        ('"env:OPENAI_API_KEY", ', '"sk-a-key-in-a-file", ', "hall.toml, line 13: profile.work.keys: "),
        ('input = "2.50"', 'input = "cheap"', "hall.toml, line 36: model.work/gpt-4o.price.input: "),
        ("max_output = 1000", "max_output = 9000", "hall.toml, line 47: model.own/house-model.max_output: "),
    ],
)
async def test_one_mistake_stops_all_of_it_and_is_told_with_its_place(
    house: OpenHouse, old: str, new: str, words: str
) -> None:
    before = await state(house)
    for plan in (True, False):
        with pytest.raises(ModelhallError) as caught:
            await apply(house, FILE.replace(old, new), plan=plan)
        assert words in caught.value.message
        assert "sk-a-key" not in caught.value.message
    assert await state(house) == before


async def test_an_apply_can_be_undone_with_everything_that_it_did(house: OpenHouse) -> None:
    await apply(house, FILE)
    middle = await state(house)
    changed = (
        FILE.replace('category = "coding"', 'category = "budget"')
        .replace('input = "2.50"', 'input = "3"')
        .replace('default_model = "work/gpt-4o"\nactivate', 'default_model = "own/house-model"\nactivate')
        .replace('role = "viewer"', 'role = "member"')
    )
    changed = changed[: changed.index("[[collection]]")] + changed[changed.index("[[project]]") :]
    applied = await apply(house, changed + '\n[[model]]\nname = "work/gpt-4o-mini"\nactive = true\n')
    assert {step.action for step in applied.steps} == {"create", "change", "delete"}
    undone = await undo_apply(house.house, house.operator)
    assert len(undone.steps) == len(applied.steps)
    assert await state(house) == middle
    assert (await apply(house, FILE, plan=True)).steps == ()
    await undo_apply(house.house, house.operator)
    empty = await state(house)
    assert (empty["profile"], empty["model"], empty["alias"]) == ({}, {}, {})
    with pytest.raises(NotFound):
        await undo_apply(house.house, house.operator)


async def test_an_undo_that_would_lose_a_later_change_is_refused_and_names_it(house: OpenHouse) -> None:
    await apply(house, FILE)
    await edit_model(house.house, house.operator, "own/spare", ModelEdit(notes="later"))
    with pytest.raises(Conflict, match="model own/spare changed after hall.toml"):
        await undo_apply(house.house, house.operator)


async def test_a_removed_profile_comes_back_with_its_models(house: OpenHouse) -> None:
    await apply(house, FILE)
    before = await state(house)
    work_only = FILE[: FILE.index('[[profile]]\nid = "own"')]
    await apply(house, work_only + '[[model]]\nname = "work/gpt-4o"\nsuccessor = ""\n')
    assert list((await state(house))["profile"]) == ["work"]
    await undo_apply(house.house, house.operator)
    assert await state(house) == before


async def test_drift_shows_what_is_no_longer_as_the_file_says(house: OpenHouse) -> None:
    await apply(house, FILE)
    assert await show_drift(house.house, house.operator) == ()
    await edit_model(house.house, house.operator, "work/gpt-4o", ModelEdit(category=None, notes="not in the file"))
    await price_model(house.house, house.operator, "work/gpt-4o", {"input_per_mtok": "9"})
    (step,) = await show_drift(house.house, house.operator)
    first, *_ = step.fields
    assert (first.field, first.old, first.new) == ("category", "coding", None)
    assert {each.field for each in step.fields} == {"category", "price"}
    assert step.last is not None


async def test_every_object_says_where_it_comes_from(house: OpenHouse) -> None:
    await apply(house, FILE)
    await set_alias(house.house, house.operator, "mine", ["own/house-model"])
    told = {(each.kind, each.name): each.source for each in await list_sources(house.house, house.operator)}
    assert told["alias", "mine"] == "person"
    assert told["alias", "good"] == told["profile", "work"] == told["organisation", "organisation"] == "file hall.toml"
    assert told["member", "owner"] == "person"


async def test_only_admins_see_or_change_the_configuration_by_file(house: OpenHouse) -> None:
    member = await house.member("bob", Role.MEMBER)
    for plan in (True, False):
        with pytest.raises(RoleTooLow):
            await apply_file(house.house, member, GivenFile(text=b"", name="a.toml"), plan=plan)
    for verb in (export_configuration, show_drift, undo_apply):
        with pytest.raises(RoleTooLow):
            await verb(house.house, member)


async def test_only_the_operator_takes_secrets_out(house: OpenHouse) -> None:
    admin = await house.member("eve", Role.ADMIN)
    assert "[organisation]" in await export_configuration(house.house, admin)
    with pytest.raises(RoleTooLow):
        await export_configuration(house.house, admin, passphrase="a long passphrase")


async def test_the_operator_cannot_be_written_away(house: OpenHouse) -> None:
    with pytest.raises(Conflict, match="stays an admin"):
        await apply(house, '[[member]]\nlogin = "owner"\nrole = "viewer"\n')


async def test_an_apply_leaves_a_row_for_each_object_and_one_for_itself(house: OpenHouse) -> None:
    await apply(house, FILE)
    async with house.database.read() as connection:
        rows = await audit.list_audit(connection, house.operator.organisation_id, limit=100)
        assert await first_break(connection, house.operator.organisation_id) is None
    actions = [row.action for row in rows]
    assert actions[0] == "file.apply"
    assert {"profile.add", "model.add", "alias.set", "project.create", "price.set", "member.add"} <= set(actions)


async def test_secrets_travel_only_under_a_passphrase_and_only_to_their_address(house: OpenHouse) -> None:
    from_file = FILE.replace('"env:OPENAI_API_KEY", "env:MODELHALL_SECRET_TWO"', '"env:OPENAI_API_KEY"')
    await apply(house, from_file)
    await add_profile_key(house.house, house.operator, "own", key="sk-very-secret-key-of-ours")
    plain = await export_configuration(house.house, house.operator)
    text = await export_configuration(house.house, house.operator, passphrase="a long passphrase", form="yaml")
    for told in (plain, text):
        assert "sk-very-secret" not in told
        assert "search" not in told.replace("search_", "")
    async with house.database.read() as connection:
        (row,) = await audit.list_audit(connection, house.operator.organisation_id, limit=1)
    assert (row.action, row.after) == ("file.export", {"profiles": ["work", "own"]})
    await undo_apply(house.house, house.operator)
    with pytest.raises(BadRequest, match="passphrase"):
        await apply(house, text, name="hall.yaml", passphrase="another passphrase")
    moved = text.replace("https://models.example.org/v1", "https://models.example.net/v1")
    with pytest.raises(BadRequest, match=r"is for https://models\.example\.org"):
        await apply(house, moved, name="hall.yaml", passphrase="a long passphrase")
    left = await apply(house, text, name="hall.yaml", plan=True)
    assert len(left.warnings) == 2
    applied = await apply(house, text, name="hall.yaml", passphrase="a long passphrase")
    assert (applied.keys, applied.warnings) == (("own",), ())
    assert (await apply(house, text, name="hall.yaml", passphrase="a long passphrase")).keys == ()
    assert await export_configuration(house.house, house.operator) == plain


async def apply(house: OpenHouse, text: str, *, name: str = "hall.toml", plan: bool = False, **more: Any) -> Outcome:
    given = GivenFile(text=text.encode(), name=name, **more)
    return await apply_file(house.house, house.operator, given, plan=plan)


async def state(house: OpenHouse) -> State:
    async with house.database.read() as connection:
        return state_of(await take_stock(connection, house.operator.organisation_id, house.clock()))


def names(outcome: Outcome) -> list[tuple[str, str, str]]:
    return [(step.action, step.kind, step.name) for step in outcome.steps]
