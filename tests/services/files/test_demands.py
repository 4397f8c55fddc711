"""Policies, evidence and what a profile says for its models, in configuration files."""

from __future__ import annotations

import pytest

from modelhall.domain.errors import BadRequest, Conflict
from modelhall.services.evidence.withdraw_evidence import withdraw_evidence
from modelhall.services.files.apply_file import apply_file
from modelhall.services.files.export_configuration import export_configuration
from modelhall.services.files.intent import GivenFile
from modelhall.services.files.outcome import Outcome, Step
from modelhall.services.files.show_drift import show_drift
from modelhall.services.files.state import State, state_of
from modelhall.services.files.stock import take_stock
from modelhall.services.files.undo_apply import undo_apply
from modelhall.services.policies.policy_words import PolicyWish
from modelhall.services.policies.scope import Scope
from modelhall.services.policies.set_policy import set_policy
from tests.support.house import OpenHouse

FILE = """
[organisation]
policy = { no_training = true, regions = ["EU", "ch"], ceiling_usd_per_mtok = "12.50" }

[[profile]]
id = "work"
provider = "openai"
default_model = "gpt-4o"
parameters = { temperature = 0.5, stop = ["END"] }

[profile.evidence.no_training]
value = true
reference = "contract DPA-7"
address = "https://example.org/dpa"
dated = "2026-02-03"
valid_until = "2999-12-31"

[[model]]
name = "work/gpt-4o"
active = true

[model.evidence.regions]
value = ["ch", "EU"]
reference = "order form"
dated = "2026-02-03"
entered_by = "ann"

[[project]]
id = "clinic"
policy = { zero_retention = true, regions = ["eu"] }
"""


async def test_demands_and_evidence_are_applied_exported_and_taken_back(house: OpenHouse) -> None:
    before = await state(house)
    await apply(house, FILE)
    now = await state(house)
    demanded = {"no_training": True, "regions": ["ch", "eu"], "ceiling_usd_per_mtok": "12.5"}
    assert now["organisation"]["organisation"]["policy"] == demanded
    assert now["project"]["clinic"]["policy"] == {"zero_retention": True, "regions": ["eu"]}
    assert now["profile"]["work"]["default_model"] == "work/gpt-4o"
    assert now["profile"]["work"]["parameters"] == {"stop": ["END"], "temperature": 0.5}
    assert now["profile"]["work"]["evidence"]["no_training"]["entered_by"] == "owner"
    assert now["model"]["work/gpt-4o"]["evidence"] == {
        "regions": {"value": ["ch", "eu"], "reference": "order form", "dated": "2026-02-03", "entered_by": "ann"}
    }
    assert (await apply(house, FILE)).steps == ()
    assert "[profile.evidence.no_training]" in await export_configuration(house.house, house.operator)
    await undo_apply(house.house, house.operator)
    assert await state(house) == before


async def test_a_policy_and_those_below_it_are_loosened_in_one_file_and_taken_back(house: OpenHouse) -> None:
    await apply(house, FILE)
    before = await state(house)
    looser = FILE.replace('regions = ["EU", "ch"]', 'regions = ["us"]').replace('["eu"] }', '["us"] }')
    assert len((await apply(house, looser)).steps) == 2
    await undo_apply(house.house, house.operator)
    assert await state(house) == before


async def test_a_project_that_demands_less_than_the_organisation_is_refused_with_its_line(house: OpenHouse) -> None:
    wider = FILE.replace('regions = ["eu"] }', 'regions = ["eu", "us"] }')
    with pytest.raises(Conflict, match="regions: the organisation demands more") as caught:
        await apply(house, wider)
    assert caught.value.details["object"] == "project clinic"
    assert caught.value.details["line"] == wider[: wider.index("[[project]]")].count("\n") + 1


async def test_what_changed_of_them_by_hand_is_drift(house: OpenHouse) -> None:
    await apply(house, FILE)
    await withdraw_evidence(house.house, house.operator, "work/gpt-4o", "regions")
    await set_policy(house.house, house.operator, Scope("project", "clinic"), PolicyWish(local_only=True))
    drifted = {(step.kind, step.name): {each.field for each in step.fields} for step in await show_drift_of(house)}
    assert drifted["project", "clinic"] == {"policy"}
    assert "evidence" in drifted["model", "work/gpt-4o"]


async def test_a_profile_moves_with_its_evidence_given_anew(house: OpenHouse) -> None:
    own = FILE.partition("[[model]]")[0].replace('default_model = "gpt-4o"\n', "")
    await apply(house, own)
    before = await state(house)
    moved = own.replace('"openai"', '"openai"\nbase_url = "https://models.example.org/v1"')
    with pytest.raises(Conflict, match="is about the old one"):
        await apply(house, moved)
    await apply(house, moved.replace("DPA-7", "DPA-8"))
    await undo_apply(house.house, house.operator)
    assert await state(house) == before


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('dated = "2026-02-03"\nvalid', 'dated = "someday"\nvalid', "profile.work.evidence.no_training.dated"),
        ('dated = "2026-02-03"\nvalid', 'dated = "2999-01-01"\nvalid', "profile.work.evidence.no_training.dated"),
        ('value = ["ch", "EU"]', "value = true", "model.work/gpt-4o.evidence.regions.value"),
        ('"12.50"', '"cheap"', "organisation.policy.ceiling_usd_per_mtok"),
        ("temperature = 0.5", "temperature = 9", "profile.work.parameters.temperature"),
    ],
)
async def test_mistakes_in_them_are_told_with_their_place(house: OpenHouse, old: str, new: str, field: str) -> None:
    with pytest.raises(BadRequest) as caught:
        await apply(house, FILE.replace(old, new))
    assert caught.value.details["field"] == field


async def apply(house: OpenHouse, text: str) -> Outcome:
    return await apply_file(house.house, house.operator, GivenFile(text=text.encode(), name="hall.toml"))


async def show_drift_of(house: OpenHouse) -> tuple[Step, ...]:
    return await show_drift(house.house, house.operator)


async def state(house: OpenHouse) -> State:
    async with house.database.read() as connection:
        return state_of(await take_stock(connection, house.operator.organisation_id, house.clock()))
