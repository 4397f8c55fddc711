"""The search over library, lists and catalog says what looking at every entry would say, quickly and page by page."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from modelhall.domain.errors import BadRequest
from modelhall.domain.ids import NIL, new_id
from modelhall.domain.people import Role
from modelhall.domain.prices import PriceSheet, Rate
from modelhall.services.aliases.set_alias import set_alias
from modelhall.services.house import utc_now
from modelhall.services.library import shelf as shelves
from modelhall.services.library.columns import ALL_OF, COLUMNS, FACETS, SORTS, UPTIME
from modelhall.services.library.entry import Entry
from modelhall.services.library.folding import folded
from modelhall.services.library.query import Wish
from modelhall.services.library.search import SearchPage, search
from modelhall.services.library.shelf import Shelf
from modelhall.services.models.edit_model import ModelEdit, edit_model
from modelhall.services.models.remove_model import remove_model
from modelhall.services.models.sync_models import sync_models
from modelhall.services.profiles.add_profile import NewProfile, add_profile
from modelhall.storage import prices
from modelhall.storage.tables.library import model_tags, tags
from modelhall.storage.tables.money import DIMENSIONS, rollups
from tests.support.house import OpenHouse, open_test_house
from tests.support.many_models import PASSPORT, stock

COUNT = 240


@pytest.fixture
async def stocked(database_url: str, tmp_path: Path) -> AsyncGenerator[OpenHouse]:
    """A house with a few hundred models, on each kind of database."""
    async with open_test_house(database_url, tmp_path) as opened:
        await stock(opened, COUNT)
        yield opened


async def found(house: OpenHouse, **wish: Any) -> SearchPage:
    return await search(house.house, house.operator, Wish(**wish))


async def names(house: OpenHouse, **wish: Any) -> list[str]:
    page = await found(house, **{"limit": 500, **wish})
    return [each.entry.name for each in page.items]


async def everything(house: OpenHouse) -> list[Entry]:
    async with house.database.read() as connection:
        own, catalog = await house.house.memory.of(Shelf).views(house.house, connection, house.operator.organisation_id)
    return [*own.segment.entries, *catalog.segment.entries]


def fits(entry: Entry, wish: Wish, *, but: str | None = None) -> bool:
    """What the search means, said in the plainest way; `but`: as if this filter had not been asked for."""
    told = (entry.name, entry.title, entry.profile, entry.provider, entry.model_id, entry.maker, *entry.aliases)
    text = folded("\n".join(filter(None, (*told, *entry.tags)))) + entry.text
    if not all(word in text for word in folded(wish.text).split()):
        return False
    for facet, wanted in wish.values.items():
        has = set(FACETS[facet](entry))
        if facet != but and wanted and not (set(wanted) <= has if facet in ALL_OF else has & set(wanted)):
            return False
    for column, (least, most) in wish.prices.items():
        price: Decimal | None = getattr(entry, column)
        if (least or most) and price is None:
            return False
        if (least and price < Decimal(least)) or (most and price > Decimal(most)):  # type: ignore[operator]
            return False
    room = entry.context_window or entry.max_input
    if wish.least_context is not None and (room is None or room < wish.least_context):
        return False
    return wish.retires_before is None or (entry.retires_on is not None and entry.retires_on < wish.retires_before)


def in_order(entries: Iterable[Entry], sort: str) -> list[str]:
    read = COLUMNS[sort.removeprefix("-")].read
    held = sorted(entries, key=lambda entry: entry.uid)
    known = [entry for entry in held if read(entry) is not None]
    known.sort(key=lambda entry: read(entry), reverse=sort.startswith("-"))  # type: ignore[arg-type, return-value]
    return [entry.uid for entry in (*known, *(entry for entry in held if read(entry) is None))]


async def all_pages(house: OpenHouse, wish: Wish) -> list[str]:
    seen: list[str] = []
    while True:
        page = await search(house.house, house.operator, wish)
        seen += [each.entry.uid for each in page.items]
        if page.next is None:
            return seen
        wish = replace(wish, after=page.next)


def some_wish(chance: random.Random) -> Wish:
    values: dict[str, Sequence[str]] = {
        "status": chance.choice(((), ("active",), ("hidden", "quarantined"), ("catalog", "inactive"))),
        "profile": chance.choice(((), (), ("place-1",), ("place-2", "place-5"))),
        "capability": chance.choice(((), ("vision",), ("tools", "vision"))),
        "kind": chance.choice(((), ("chat",), ("embedding", "unknown"))),
        "maker": chance.choice(((), (), ("Ångström AI", "OpenAI"))),
        "region": chance.choice(((), (), ("eu",))),
        "zero_retention": chance.choice(((), ("yes",), ("unknown",))),
        "input": chance.choice(((), ("image", "text"))),
    }
    priced = {
        "price_input": chance.choice(((None, None), (None, "1"), ("0.5", "2.5"))),
        "price_blended": chance.choice(((None, None), (None, None), ("0.1", "3.125"))),
    }
    return Wish(
        text=chance.choice(("", "", "mo", "GROSSE", "elephant model-1", "gpt mini", "ÅNGSTRÖM")),
        values=values,
        prices=priced,
        least_context=chance.choice((None, None, 100_000)),
        retires_before=chance.choice((None, None, None, "2027-02-01")),
        sort=chance.choice(("", "-")) + chance.choice([name for name in SORTS if name != UPTIME]),
        limit=chance.choice((3, 40, 500)),
    )


@pytest.mark.full
async def test_it_finds_sorts_counts_and_pages_like_looking_at_every_entry(
    stocked: OpenHouse, how_many: Callable[[int, int], int]
) -> None:
    chance, entries, hits = random.Random(7), await everything(stocked), 0
    hidden = {entry.covers for entry in entries if entry.covers}
    entries = [entry for entry in entries if entry.uid not in hidden]
    for _ in range(how_many(40, 400)):
        wish = some_wish(chance)
        right = [entry for entry in entries if fits(entry, wish)]
        hits += bool(right)
        page = await search(stocked.house, stocked.operator, wish)
        assert page.total == len(right), wish
        expected = in_order(right, wish.sort)
        assert [each.entry.uid for each in page.items] == expected[: wish.limit], wish
        if len(right) < 60 * wish.limit:
            assert await all_pages(stocked, wish) == expected, wish
        for facet in ("status", "profile", "kind", "capability"):
            left = [entry for entry in entries if fits(entry, wish, but=None if facet in ALL_OF else facet)]
            counts: dict[str, int] = {}
            for entry in left:
                for value in FACETS[facet](entry):
                    counts[value] = counts.get(value, 0) + 1
            assert page.facets[facet] == counts, (wish, facet)
    assert hits > 10


async def test_names_aliases_tags_and_makers_are_found_without_case_or_accents(stocked: OpenHouse) -> None:
    one = "place-1/org-1/model-1"
    assert one in await names(stocked, text="ELEPHANT model-1")
    assert await names(stocked, text="elephant model-1 zzz") == []
    await edit_model(stocked.house, stocked.operator, one, ModelEdit(active=True))
    await set_alias(stocked.house, stocked.operator, "quick-thing", [one])
    assert await names(stocked, text="QUICK-th") == [one]
    model = next(entry for entry in await everything(stocked) if entry.name == one)
    async with stocked.database.change(stocked.operator) as change:
        tag = {"id": new_id(), "organisation_id": stocked.operator.organisation_id, "name": "Für später"}
        await change.connection.execute(tags.insert().values(**tag, created_at=utc_now()))
        await change.connection.execute(model_tags.insert().values(tag_id=tag["id"], model_id=model.library_id))
        await change.audit("model.edit", "model", tag["id"], one)
    assert await names(stocked, text="spater fur") == [one]
    assert await names(stocked, values={"tag": ["Für später"]}) == [one]
    assert (await found(stocked, text="angstrom")).total > 20


async def test_a_catalogs_model_gives_way_to_the_librarys(small_house: OpenHouse) -> None:
    wish = {"text": "gpt-4.1-nano", "values": {"provider": ["openai"]}}
    assert "openai/gpt-4.1-nano" in await names(small_house, **wish)
    await add_profile(small_house.house, small_house.operator, NewProfile(provider="openai", id="work"))
    await sync_models(small_house.house, small_house.operator, "work", ["gpt-4.1-nano"])
    both = await names(small_house, **wish)
    assert "work/gpt-4.1-nano" in both
    assert "openai/gpt-4.1-nano" not in both


async def test_changes_are_seen_at_once(stocked: OpenHouse) -> None:
    one = "place-1/org-1/model-1"
    before = (await found(stocked, values={"status": ["active"]})).total
    await edit_model(stocked.house, stocked.operator, one, ModelEdit(active=True, title="Brand new words"))
    page = await found(stocked, values={"status": ["active"]})
    assert page.total == before + 1
    assert await names(stocked, text="brand WORDS") == [one]
    await remove_model(stocked.house, stocked.operator, one)
    assert await names(stocked, text="brand words") == []


async def test_a_price_counts_from_the_moment_it_holds(stocked: OpenHouse) -> None:
    one = next(entry for entry in await everything(stocked) if entry.name == "place-1/org-1/model-1")
    async with stocked.database.change(stocked.operator) as change:
        later = PriceSheet(
            new_id(), utc_now() + timedelta(hours=1), (Rate("input", Decimal("77.000000000001")),), PASSPORT
        )
        await prices.append_sheet(
            change.connection, later, organisation_id=stocked.operator.organisation_id, model_id=one.library_id or ""
        )
        await change.audit("price.set", "model", one.library_id or "", one.name)
    dear = {"price_input": ("77", "78")}
    own = {"profile": ["place-1"]}
    assert await names(stocked, prices=dear, values=own) == []
    stocked.clock.ahead = utc_now() + timedelta(hours=2)
    assert await names(stocked, prices=dear, values=own) == [one.name]
    assert await names(stocked, prices={"price_input": ("77", "77.000000000001")}, values=own) == [one.name]
    assert await names(stocked, prices={"price_input": ("77", "77")}, values=own) == []


async def test_a_cursor_stays_right_when_models_come_and_go(stocked: OpenHouse) -> None:
    wish = Wish(values={"profile": ["place-1"]}, sort="-price_input", limit=7)
    first = await search(stocked.house, stocked.operator, wish)
    rest = (await all_pages(stocked, wish))[7:]
    await remove_model(stocked.house, stocked.operator, first.items[2].entry.name)
    await remove_model(stocked.house, stocked.operator, first.items[6].entry.name)
    await remove_model(stocked.house, stocked.operator, rest[3])
    expected = [uid for uid in rest if uid != rest[3]]
    assert await all_pages(stocked, replace(wish, after=first.next)) == expected


@pytest.mark.parametrize("sort", [*SORTS, *(f"-{name}" for name in SORTS)])
async def test_what_is_not_known_comes_last_both_ways(small_house: OpenHouse, sort: str) -> None:
    await stock(small_house, 40)
    page = await found(small_house, sort=sort, values={"profile": ["place-1", "place-2"]}, limit=500)
    name = sort.removeprefix("-")
    told = [each.health.uptime if name == UPTIME else COLUMNS[name].read(each.entry) for each in page.items]
    assert len(told) == 10
    missing = [value is None for value in told]
    assert missing == sorted(missing)
    known = [value for value in told if value is not None]
    assert known == sorted(known, reverse=sort.startswith("-"))  # type: ignore[type-var]


async def test_uptime_is_sorted_filtered_and_counted(stocked: OpenHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelves, "HEALTH_S", 0.0)
    good, bad = "place-1/org-1/model-1", "place-2/org-2/model-2"
    await _called(stocked, good, ok=9, failed=0)
    await _called(stocked, bad, ok=8, failed=2)
    page = await found(stocked, sort="-uptime", limit=3)
    assert [each.entry.name for each in page.items[:2]] == [good, bad]
    assert (page.items[0].health.uptime, page.items[1].health.uptime) == (1.0, 0.8)
    assert page.facets["health"] == {"no_data": COUNT - 2, "degraded": 1, "operational": 1}
    assert await names(stocked, least_uptime="0.9") == [good]
    assert await names(stocked, values={"health": ["degraded"]}) == [bad]
    again = await found(stocked, sort="-uptime", limit=1)
    assert [each.entry.name for each in (await found(stocked, sort="-uptime", limit=1, after=again.next)).items] == [
        bad
    ]


async def test_another_organisation_sees_its_own_library_only(stocked: OpenHouse) -> None:
    stranger = await stocked.member("stranger", Role.VIEWER, "elsewhere")
    page = await search(stocked.house, stranger, Wish(limit=1))
    assert page.facets["status"].keys() == {"catalog"}
    assert (await search(stocked.house, stranger, Wish(text="moewe"))).total == 0


@pytest.mark.parametrize(
    "wish",
    [
        Wish(sort="colour"),
        Wish(after="nonsense"),
        Wish(after="WyJuYW1lIiwxLCJhIl0"),
        Wish(after="W10"),
        Wish(text="a " * 5 + " ".join(map(str, range(30)))),
        Wish(values={"colour": ["red"]}),
        Wish(values={"profile": ["x" * 300]}),
        Wish(prices={"price_input": ("1e3", None)}),
        Wish(least_uptime="1.5"),
        Wish(retires_before="soon"),
        Wish(retires_before="0001-01-01"),
    ],
    ids=str,
)
async def test_a_search_that_makes_no_sense_is_refused(small_house: OpenHouse, wish: Wish) -> None:
    with pytest.raises(BadRequest):
        await search(small_house.house, small_house.operator, wish)


async def test_a_cursor_of_one_order_is_refused_in_another(small_house: OpenHouse) -> None:
    page = await found(small_house, limit=1)
    with pytest.raises(BadRequest, match="cursor"):
        await found(small_house, limit=1, sort="-name", after=page.next)


async def _called(house: OpenHouse, name: str, *, ok: int, failed: int) -> None:
    """What the minutes tell of calls to a model."""
    model = next(entry for entry in await everything(house) if entry.name == name)
    minute = utc_now().replace(second=0, microsecond=0)
    row = dict.fromkeys(DIMENSIONS, NIL) | {
        "organisation_id": house.operator.organisation_id,
        "profile_id": model.profile_id,
        "model_id": model.library_id,
    }
    async with house.database.write() as connection:
        for outcome, count in (("ok", ok), ("failed", failed)):
            if count:
                await connection.execute(
                    rollups.insert().values(**row, grain="minute", starts_at=minute, outcome=outcome, attempts=count)
                )
