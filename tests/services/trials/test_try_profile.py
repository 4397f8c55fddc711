"""A connection test finds the cause, says what to do, and never repeats a key."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest

from modelhall.domain.errors import Forbidden, NotFound, RoleTooLow
from modelhall.domain.people import Role
from modelhall.gateway.upstream import Deadlines
from modelhall.services.profiles.add_profile import NewProfile, add_profile
from modelhall.services.profiles.add_profile_key import add_profile_key
from modelhall.services.profiles.causes import CAUSES
from modelhall.services.profiles.list_profiles import list_profiles
from modelhall.services.profiles.try_profile import Trial, try_new_profile, try_profile
from modelhall.services.start.find_environment import find_environment
from tests.services.trials.authority import Authority
from tests.services.trials.faults import FAULTS, LIST, Den, Fault, error, reply, served, well
from tests.support.canaries import Canaries
from tests.support.house import OpenHouse, as_key

SHORT = Deadlines(connect=0.5, first_byte=0.8, idle=0.5, total=2)


def wanted(address: str | None, **more: Any) -> NewProfile:
    told = {"provider": "openai-compatible", "base_url": address, "allow_private": True, "key": "sk-1234567890abcdef"}
    return NewProfile(**{**told, **more})


async def tried(house: OpenHouse, address: str | None, **more: Any) -> Trial:
    return await try_new_profile(house.house, house.operator, wanted(address, **more), deadlines=SHORT)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
async def test_each_fault_has_its_own_cause_and_says_what_to_do(
    small_house: OpenHouse, authority: Authority, stranger: Authority, canaries: Canaries, fault: Fault
) -> None:
    profile = {"key": canaries.plant("provider key"), **fault.profile}
    async with fault.address(Den(authority, stranger)) as address:
        trial = await tried(small_house, address, **profile)
    assert (trial.ok, trial.cause) == (False, fault.cause), trial
    assert fault.advice in (trial.next or "")
    assert "{" not in trial.says + (trial.next or "")
    assert canaries.found_in(json.dumps(asdict(trial))) == []


def test_at_least_fifteen_causes_are_told_apart_and_every_one_has_words_of_its_own() -> None:
    assert len({fault.cause for fault in FAULTS}) >= 21
    assert len({cause.says for cause in CAUSES.values()}) >= 30
    assert len({cause.next for cause in CAUSES.values()}) == len(CAUSES)


async def test_a_host_that_nobody_knows(small_house: OpenHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nobody_knows(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    loop = asyncio.get_running_loop()
    if type(loop).__module__.startswith("uvloop"):
        pytest.skip("its resolver cannot be put aside")
    monkeypatch.setattr(loop, "getaddrinfo", nobody_knows)
    trial = await tried(small_house, "https://modelz.example/v1")
    assert (trial.cause, trial.says) == ("host_unknown", "There is no host modelz.example.")


async def test_a_good_connection_tells_key_address_latency_and_models(
    small_house: OpenHouse, authority: Authority, stranger: Authority
) -> None:
    async with served(well, secure=lambda den: den.authority.server())(Den(authority, stranger)) as address:
        trial = await tried(small_house, address)
    assert (trial.ok, trial.cause, trial.next, trial.status) == (True, None, None, 200)
    assert (trial.models, trial.model_count) == (("one", "two"), 2)
    assert (trial.key, trial.address) == ("…cdef", f"{address}/models")
    assert trial.latency_ms is not None
    assert "2 models" in trial.says


async def test_nothing_is_kept_of_a_profile_that_was_only_tested(small_house: OpenHouse, fault_free: str) -> None:
    assert (await tried(small_house, fault_free, id="den")).ok
    page = await list_profiles(small_house.house, small_house.operator)
    assert [view.profile.slug for view in page.items] == []


async def test_a_rate_limit_says_how_long(small_house: OpenHouse, at_den: Callable[..., Any]) -> None:
    async with at_den(error(429, "slow down", retry_after="7")) as address:
        trial = await tried(small_house, address)
    assert trial.retry_after_s == 7
    assert "for 7 seconds" in trial.says
    assert trial.provider_says == "slow down"


async def test_a_redirect_is_named_and_never_followed(small_house: OpenHouse, at_den: Callable[..., Any]) -> None:
    async with at_den(reply(307, b"", location="https://elsewhere.example/v1/models?x=1")) as address:
        trial = await tried(small_house, address)
    assert "to https://elsewhere.example/v1/models (status 307)" in trial.says


async def test_the_right_path_is_named_where_it_is_found(small_house: OpenHouse, at_den: Callable[..., Any]) -> None:
    async with at_den(error(404, "no"), {"/v1/models": reply(200, LIST)}) as address:
        trial = await tried(small_house, f"{address}/wrong")
    assert trial.cause == "wrong_path"
    assert trial.says.endswith(f"There is a list at {address}.")


@pytest.mark.parametrize(
    "echo",
    [
        lambda key: error(401, f"Incorrect API key provided: {key}"),
        lambda key: error(401, f"Incorrect API key provided: {key[:8]}…{key[-8:]}"),
        lambda key: error(400, f"bad header Bearer {key.upper()}"),
        lambda key: error(403, base64.b64encode(f"Bearer {key}".encode()).decode()),
        lambda key: error(418, key.encode().hex()),
        lambda key: error(500, key[::-1]),
        lambda key: reply(302, b"", location=f"https://evil.example/{key}"),
        lambda key: reply(200, {"data": [{"id": key}, {"id": f"x-{key[5:20]}"}, {"id": "fine"}]}),
        lambda key: reply(200, {"error": key}),
    ],
)
async def test_a_provider_that_echoes_the_key_is_not_repeated(
    small_house: OpenHouse, at_den: Callable[..., Any], canaries: Canaries, echo: Callable[[str], bytes]
) -> None:
    key = canaries.plant("provider key")
    async with at_den(echo(key)) as address:
        trial = await tried(small_house, address, key=key, headers={"x-team": "s3cr3t-team-word"})
    told = json.dumps(asdict(trial)).lower()
    assert canaries.found_in(told) == []
    assert not any(key[at : at + 8].lower() in told for at in range(len(key) - 8))
    assert trial.models in {(), ("fine",)}
    assert trial.provider_says is None


async def test_a_stored_profile_is_tested_with_the_key_that_is_named(
    small_house: OpenHouse, at_den: Callable[..., Any]
) -> None:
    house, operator = small_house.house, small_house.operator
    async with at_den(reply(200, LIST)) as address:
        await add_profile(house, operator, wanted(address, id="den"))
        added = await add_profile_key(house, operator, "den", key="sk-another-key-0987654321")
        first = await try_profile(house, operator, "den", deadlines=SHORT)
        second = await try_profile(house, operator, "den", key=added.keys[-1].secret.id, deadlines=SHORT)
    assert (first.ok, first.key, second.ok, second.key) == (True, "…cdef", True, "…4321")
    with pytest.raises(NotFound):
        await try_profile(house, operator, "den", key="no-such-key")


async def test_the_built_in_model_says_how_far_it_is(small_house: OpenHouse) -> None:
    await find_environment(small_house.house)
    trial = await try_profile(small_house.house, small_house.operator, "local")
    assert trial.cause == "engine_starting"
    assert trial.says == "The built-in model is not there yet: the built-in model is being fetched."


async def test_every_provider_can_be_tested(small_house: OpenHouse, at_den: Callable[..., Any]) -> None:
    """Those without a list are asked an empty question: who refuses it has taken the key."""
    told: dict[str, tuple[bool, str | None]] = {}
    refused = error(400, "model is required")
    async with at_den(refused) as address:
        for name, provider in small_house.house.providers.items():
            if provider.discovery is None:
                told[name] = (trial := await tried(small_house, address, provider=name)).ok, trial.cause
    assert told
    assert set(told.values()) == {(True, None)}
    async with at_den(error(401, "who?")) as address:
        assert (await tried(small_house, address, provider="azure")).cause == "key_refused"
        assert (await tried(small_house, address, provider="azure", key=None)).cause == "key_needed"


async def test_where_the_list_is_open_to_all_the_key_is_asked_about_too(
    small_house: OpenHouse, at_den: Callable[..., Any]
) -> None:
    for answer, cause in ((error(401, "No auth"), "key_refused"), (error(400, "no model"), None)):
        async with at_den(answer, {"/v1/models": reply(200, LIST)}) as address:
            trial = await tried(small_house, address, provider="openrouter")
        assert trial.cause == cause
    assert trial.model_count == 2


async def test_who_may_test_what(small_house: OpenHouse, fault_free: str) -> None:
    house = small_house.house
    await add_profile(house, small_house.operator, wanted(fault_free, id="den"))
    viewer, member = await small_house.member("v", Role.VIEWER), await small_house.member("m", Role.MEMBER)
    assert (await try_profile(house, member, "den")).ok
    with pytest.raises(RoleTooLow):
        await try_profile(house, viewer, "den")
    with pytest.raises(RoleTooLow):
        await try_new_profile(house, member, wanted(fault_free))
    admin = as_key(await small_house.member("a", Role.ADMIN), "k", plain=False)
    with pytest.raises(Forbidden, match="variables"):
        await try_new_profile(house, admin, wanted(fault_free, key="env:PATH"))
