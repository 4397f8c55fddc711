"""Sign-in links: each opens one session, whichever process is asked, and only for a while."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from modelhall.domain.errors import LinkSpent
from modelhall.services import links
from modelhall.services.sessions.sign_in_with_link import sign_in_with_link
from tests.support.house import OpenHouse


async def redeemed(house: OpenHouse, code: str) -> bool:
    async with house.database.write() as connection:
        return await links.redeem(connection, code, house.clock()) is not None


async def test_a_link_is_used_once_and_runs_out(house: OpenHouse) -> None:
    first = await house.link()
    assert (await redeemed(house, first), await redeemed(house, first)) == (True, False)
    early, begun = await house.link(), house.clock()
    house.clock.ahead = begun + timedelta(minutes=10)
    late = await house.link()
    house.clock.ahead = begun + timedelta(minutes=16)
    assert (await redeemed(house, early), await redeemed(house, late)) == (False, True)
    assert not await redeemed(house, "\ud800")


async def test_only_so_many_links_are_kept(house: OpenHouse) -> None:
    begun, many = house.clock(), list[str]()
    for number in range(links.MOST + 1):
        house.clock.ahead = begun + timedelta(seconds=number)
        many.append(await house.link())
    assert (await redeemed(house, many[0]), await redeemed(house, many[1])) == (False, True)


async def test_of_many_who_come_with_one_link_at_once_one_gets_in(house: OpenHouse) -> None:
    code = await house.link()
    tried = await asyncio.gather(
        *(sign_in_with_link(house.house, code, None) for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(each, LinkSpent) for each in tried) == 4


async def test_a_guess_takes_no_turn_at_writing(house: OpenHouse) -> None:
    before = await house.database.change_number()
    async with house.database.change(house.operator) as change:
        with pytest.raises(LinkSpent):
            async with asyncio.timeout(5):
                await sign_in_with_link(house.house, "a guess", None)
        change.nothing()
    assert await house.database.change_number() == before
