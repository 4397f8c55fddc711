"""Profiles with their keys, models, prices and aliases: kept, found, changed only by who read the latest, deleted."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from modelhall.domain.errors import AlreadyExists, Conflict, NotFound, Stale
from modelhall.domain.ids import new_id
from modelhall.domain.library import Told
from modelhall.storage import aliases, models, prices, profiles
from modelhall.storage.database import Database
from modelhall.storage.models import Wanted
from modelhall.storage.profiles import SecretDraft
from modelhall.storage.tables.library import secrets
from tests.storage.library_seeds import LONG_AGO, Household, a_household, a_model, a_profile, a_sheet, fresh


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    async with fresh(database_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def house(database: Database, tmp_path: Path) -> Household:
    return await a_household(database, tmp_path)


async def test_a_profile_comes_with_its_keys_in_order(database: Database, house: Household) -> None:
    async with database.write() as c:
        draft = SecretDraft(id=new_id(), reference="env:ACME_API_KEY")
        second = await profiles.insert_secret(c, house.profile.id, draft)
        expected = replace(house.profile, secrets=(house.secret, second))
        assert await profiles.get_profile(c, house.profile.id) == expected
        assert await profiles.profile_by_slug(c, house.organisation.id, "acme") == expected
        assert await profiles.list_profiles(c, house.organisation.id) == [expected]
        assert await profiles.profile_by_slug(c, new_id(), "acme") is None
    assert (house.secret.position, second.position) == (1, 2)


async def test_profiles_are_ordered_as_they_came_and_slugs_are_taken_once(database: Database, house: Household) -> None:
    async with database.write() as c:
        second = await profiles.insert_profile(c, a_profile(house.organisation.id, "second"))
    assert second.position == house.profile.position + 1
    with pytest.raises(AlreadyExists, match="A profile of that name"):
        async with database.write() as c:
            await profiles.insert_profile(c, a_profile(house.organisation.id, "second"))


async def test_a_profile_is_changed_only_by_who_read_the_latest(database: Database, house: Household) -> None:
    async with database.write() as c:
        changed = replace(house.profile, name="Renamed", headers={"x-new": "1"}, region="eu", allow_private=True)
        written = await profiles.update_profile(c, changed)
        assert written.revision == 2
        assert await profiles.get_profile(c, house.profile.id) == replace(written, secrets=(house.secret,))
        with pytest.raises(Stale):
            await profiles.update_profile(c, changed)


async def test_a_key_that_its_provider_refused_is_marked_and_unmarked(database: Database, house: Household) -> None:
    async with database.write() as c:
        await profiles.mark_secret_refused(c, house.secret.id, "401 from the provider")
        marked = await profiles.get_profile(c, house.profile.id)
        assert marked is not None
        assert marked.secrets[0].refused_because == "401 from the provider"
        assert marked.secrets[0].refused_at is not None
        await profiles.mark_secret_refused(c, house.secret.id, None)
        assert await profiles.get_profile(c, house.profile.id) == replace(house.profile, secrets=(house.secret,))


async def test_a_deleted_key_is_wiped_and_so_are_those_of_a_deleted_profile(
    database: Database, house: Household
) -> None:
    async with database.write() as c:
        other = await profiles.insert_profile(c, a_profile(house.organisation.id, "other"))
        sealed = SecretDraft(id=new_id(), sealed=house.secret.sealed, address="x")
        doomed = await profiles.insert_secret(c, other.id, sealed)
        await profiles.delete_secret(c, house.secret.id)
        with pytest.raises(NotFound):
            await profiles.delete_secret(c, house.secret.id)
        await profiles.delete_profile(c, other.id)
        with pytest.raises(NotFound):
            await profiles.delete_profile(c, other.id)
        left = (await c.execute(secrets.select())).all()
        again = await profiles.insert_profile(c, a_profile(house.organisation.id, "other"))
    assert {row.id for row in left} == {house.secret.id, doomed.id}
    assert {row.sealed for row in left} == {None}
    assert again.secrets == ()


async def test_models_come_back_as_they_went_in_with_numbers_in_order(database: Database, house: Household) -> None:
    async with database.read() as c:
        assert [await models.get_model(c, model.id) for model in house.models] == house.models
        assert [await models.model_by_number(c, n) for n in (1, 2, 3)] == [*house.models, None]
        assert await models.model_by_name(c, house.organisation.id, "acme", "org/large") == house.models[1]
        assert await models.models_of_profile(c, house.profile.id) == house.models


async def test_hundreds_of_models_are_kept_at_once_and_listed_in_pages(database: Database, house: Household) -> None:
    async with database.write() as c:
        made = await models.insert_models(c, [a_model(house.profile, f"m{n}") for n in range(300)])
        assert await models.insert_models(c, []) == []
        assert [model.number for model in made] == list(range(3, 303))
        seen: list[str] = []
        after = None
        while page := await models.list_models(c, house.organisation.id, after=after, limit=120):
            seen += [model.model_id for model in page]
            after = page[-1].number
    assert seen == ["small", "org/large", *(f"m{n}" for n in range(300))]


async def test_models_are_found_by_what_is_wanted_of_them(database: Database, house: Household) -> None:
    async with database.write() as c:
        await models.insert_models(
            c,
            [
                replace(a_model(house.profile, "hidden"), hidden=True),
                replace(a_model(house.profile, "asleep"), active=False),
                replace(a_model(house.profile, "100%_sure"), kind="embedding"),
            ],
        )

        async def found(wanted: Wanted) -> list[str]:
            return [model.model_id for model in await models.list_models(c, house.organisation.id, wanted=wanted)]

        assert await found(Wanted(hidden=True)) == ["hidden"]
        assert await found(Wanted(active=False)) == ["asleep"]
        assert await found(Wanted(kind="embedding")) == ["100%_sure"]
        assert await found(Wanted(text="LARGE")) == ["org/large"]
        assert await found(Wanted(text="%")) == ["100%_sure"]
        assert await found(Wanted(profile_id=new_id())) == []


async def test_a_model_is_changed_only_by_who_read_the_latest(database: Database, house: Household) -> None:
    changed = replace(
        house.models[0],
        active=False,
        quarantined_because="price unknown",
        successor_id=house.models[1].id,
        sources={"name": Told("person", None)},
        parameters={"top_p": 0.5, "stop": ["x"]},
    )
    async with database.write() as c:
        written = await models.update_model(c, changed)
        assert await models.get_model(c, changed.id) == written
        with pytest.raises(Stale):
            await models.update_model(c, changed)


async def test_a_deleted_model_is_gone_and_may_come_back_under_a_new_number(
    database: Database, house: Household
) -> None:
    async with database.write() as c:
        await models.delete_model(c, house.models[0].id)
        assert await models.get_model(c, house.models[0].id) is None
        with pytest.raises(NotFound):
            await models.delete_model(c, house.models[0].id)
        (again,) = await models.insert_models(c, [a_model(house.profile, "small")])
        assert again.number == 3
        assert await profiles.delete_profile(c, house.profile.id) == 2
        assert await models.list_models(c, house.organisation.id) == []


async def test_a_model_of_a_profile_is_there_once(database: Database, house: Household) -> None:
    with pytest.raises(AlreadyExists, match="A model of that name"):
        async with database.write() as c:
            await models.insert_models(c, [a_model(house.profile, "small")])


async def test_prices_come_back_to_the_last_digit(database: Database, house: Household) -> None:
    async with database.read() as c:
        assert await prices.all_sheets(c, house.models[0].id) == (house.sheet,)
        assert await prices.sheet_by_id(c, house.sheet.id) == house.sheet
        assert await prices.sheet_by_id(c, new_id()) is None
    assert house.sheet.rates[-1].usd_per_million == Decimal("0.0000001")


async def test_the_sheet_in_force_and_those_to_come_are_current(database: Database, house: Household) -> None:
    at, model = datetime.now(UTC), house.models[0].id
    newer, coming = a_sheet("1", "2", at - timedelta(days=1)), a_sheet("3", "4", at + timedelta(days=1))
    only_coming = a_sheet("5", "6", at + timedelta(days=2))
    async with database.write() as c:
        for sheet in (newer, coming):
            await prices.append_sheet(c, sheet, organisation_id=house.organisation.id, model_id=model)
        await prices.append_sheet(c, only_coming, organisation_id=house.organisation.id, model_id=house.models[1].id)
        assert await prices.current_sheets(c, at) == {model: (newer, coming), house.models[1].id: (only_coming,)}
        assert await prices.current_sheets(c, at, [model]) == {model: (newer, coming)}
        assert await prices.current_sheets(c, LONG_AGO - timedelta(days=1), [model]) == {
            model: (house.sheet, newer, coming)
        }
        assert await prices.all_sheets(c, model) == (house.sheet, newer, coming)


async def test_a_later_sheet_for_the_same_moment_replaces_the_earlier_one(database: Database, house: Household) -> None:
    better = a_sheet("7", "8")
    async with database.write() as c:
        await prices.append_sheet(c, better, organisation_id=house.organisation.id, model_id=house.models[0].id)
        assert await prices.all_sheets(c, house.models[0].id) == (better,)
        assert await prices.sheet_by_id(c, house.sheet.id) == house.sheet


async def test_a_sheet_without_rates_is_refused(database: Database, house: Household) -> None:
    empty = replace(house.sheet, rates=())
    with pytest.raises(ValueError, match="rates"):
        async with database.write() as c:
            await prices.append_sheet(c, empty, organisation_id=house.organisation.id, model_id=house.models[0].id)


async def test_an_alias_keeps_the_order_of_its_models(database: Database, house: Household) -> None:
    large, small = house.models[1].id, house.models[0].id
    async with database.write() as c:
        assert house.alias.model_ids == (large, small)
        assert await aliases.get_alias(c, house.alias.id) == house.alias
        assert await aliases.alias_by_name(c, house.organisation.id, "quick") == house.alias
        assert await aliases.list_aliases(c, house.organisation.id) == [house.alias]
        changed = replace(house.alias, name="fast", model_ids=(small,), ceiling_usd_per_mtok=Decimal("0.075"))
        await aliases.update_alias(c, changed)
        assert await aliases.get_alias(c, house.alias.id) == changed
        with pytest.raises(Conflict, match="at least one model"):
            await aliases.update_alias(c, replace(changed, model_ids=()))


async def test_the_ceiling_of_an_alias_is_kept_exactly_or_not_at_all(database: Database, house: Household) -> None:
    ids = [house.models[0].id]
    async with database.write() as c:
        for name, ceiling in (("none", None), ("free", Decimal(0)), ("odd", Decimal("0.000000000001"))):
            made = await aliases.insert_alias(
                c, organisation_id=house.organisation.id, name=name, model_ids=ids, ceiling_usd_per_mtok=ceiling
            )
            assert made.ceiling_usd_per_mtok == ceiling
            assert await aliases.get_alias(c, made.id) == made
            await aliases.update_alias(c, replace(made, ceiling_usd_per_mtok=None))
            assert await aliases.get_alias(c, made.id) == replace(made, ceiling_usd_per_mtok=None)


async def test_models_are_found_by_their_providers_name_in_the_order_of_the_profiles(
    database: Database, house: Household
) -> None:
    async with database.write() as c:
        other = await profiles.insert_profile(c, a_profile(house.organisation.id, "aaa"))
        (later,) = await models.insert_models(c, [a_model(other, "small")])

        async def found(*names: str) -> list[str]:
            return [each.id for each in await models.models_by_bare_id(c, house.organisation.id, names)]

        assert await found("small") == [house.models[0].id, later.id]
        assert await found("small", "org/large") == [house.models[1].id, house.models[0].id, later.id]
        assert await found("large") == []
        await profiles.update_profile(c, replace(other, position=0))
        assert await found("small") == [later.id, house.models[0].id]
        assert await models.models_by_ids(c, [later.id, new_id()]) == {later.id: later}


async def test_a_key_in_a_variable_can_move_to_another_address_and_a_sealed_one_cannot(
    database: Database, house: Household
) -> None:
    async with database.write() as c:
        named = await profiles.insert_secret(
            c, house.profile.id, SecretDraft(id=new_id(), reference="env:X", address="a")
        )
        await profiles.mark_secret_refused(c, named.id, "401")
        await profiles.readdress_secret(c, named.id, "b")
        moved = await profiles.get_profile(c, house.profile.id)
        assert moved is not None
        assert moved.secrets == (house.secret, replace(named, address="b"))
        with pytest.raises(NotFound):
            await profiles.readdress_secret(c, house.secret.id, "b")


async def test_a_deleted_alias_is_gone_and_its_name_free(database: Database, house: Household) -> None:
    ids = [house.models[0].id]
    async with database.write() as c:
        await aliases.delete_alias(c, house.alias.id)
        assert await aliases.get_alias(c, house.alias.id) is None
        with pytest.raises(NotFound):
            await aliases.update_alias(c, house.alias)
        await aliases.insert_alias(c, organisation_id=house.organisation.id, name="quick", model_ids=ids)
    with pytest.raises(AlreadyExists, match="An alias of that name"):
        async with database.write() as c:
            await aliases.insert_alias(c, organisation_id=house.organisation.id, name="quick", model_ids=ids)
