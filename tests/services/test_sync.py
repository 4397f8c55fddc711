"""Syncing what a provider lists, and what is believed of it."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any

import pytest
from aiohttp import web

from modelhall.domain.errors import ProviderBroke, ProviderRefusedKey, ProviderUnreachable
from modelhall.domain.library import Model
from modelhall.services.house import House
from modelhall.services.models.show_model import show_model
from modelhall.services.models.sync_models import SyncOutcome, sync_models
from modelhall.services.profiles.add_profile import NewProfile, add_profile
from modelhall.services.start.find_environment import find_environment
from tests.gateway.upstream import Handler, ScriptedProvider, Sent
from tests.support.canaries import Canaries
from tests.support.house import OpenHouse
from tests.support.memory import most_memory

LIST = {
    "data": [
        {"id": "big", "context_length": 9_000, "max_completion_tokens": 700, "supports_tools": True},
        {"id": "plain"},
        {"id": ""},
        "nonsense",
    ]
}


def listing(body: Any, status: int = 200) -> Handler:
    async def answer(_sent: Sent, _request: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=status)

    return answer


async def added(house: OpenHouse, **more: Any) -> House:
    """The house with a profile `den` as described."""
    wanted = NewProfile(**{"provider": "openai-compatible", "id": "den", "allow_private": True, **more})
    await add_profile(house.house, house.operator, wanted)
    return house.house


async def synced(house: House, **more: Any) -> SyncOutcome:
    return await sync_models(house, house.operator, "den", **more)


async def model(house: House, name: str) -> Model:
    return (await show_model(house, house.operator, f"den/{name}")).model


async def test_the_providers_own_list_comes_in_with_its_facts(
    house: OpenHouse, server: ScriptedProvider, canaries: Canaries
) -> None:
    server.script = listing(LIST)
    key = canaries.plant("provider key")
    hall = await added(house, base_url=server.address, key=key)
    outcome = await synced(hall)
    assert ([each.model for each in outcome.results], outcome.source) == (["den/big", "den/plain"], "provider")
    (sent,) = server.sent
    assert (sent.path, sent.headers["Authorization"]) == ("/v1/models", f"Bearer {key}")
    big, plain = await model(hall, "big"), await model(hall, "plain")
    assert (big.context_window, big.max_output, big.capabilities) == (9_000, 700, {"tools": True})
    assert big.sources["context_window"].source == "provider"
    assert (plain.context_window, plain.custom, plain.active) == (None, False, False)
    again = await synced(hall, activate=True)
    assert {each.status for each in again.results} == {"activated"}


async def test_a_server_that_fails_is_asked_three_times_and_then_said_to_have_failed(
    small_house: OpenHouse, server: ScriptedProvider
) -> None:
    server.script = listing({}, status=500)
    hall = await added(small_house, base_url=server.address)
    with pytest.raises(ProviderBroke):
        await synced(hall)
    assert len(server.sent) == 3


async def test_a_server_that_recovers_is_believed(small_house: OpenHouse, server: ScriptedProvider) -> None:
    async def second_time(_sent: Sent, _request: web.Request) -> web.StreamResponse:
        return web.json_response(LIST) if len(server.sent) > 1 else web.Response(status=502)

    server.script = second_time
    assert (await synced(await added(small_house, base_url=server.address))).count("synced") == 2


async def test_a_refused_key_is_said_plainly_and_not_tried_again(
    small_house: OpenHouse, server: ScriptedProvider
) -> None:
    server.script = listing({"error": "no"}, status=401)
    hall = await added(small_house, provider="groq", base_url=server.address, key="gsk_0123456789abcdef")
    with pytest.raises(ProviderRefusedKey, match="den"):
        await synced(hall)
    assert len(server.sent) == 1


async def test_a_private_address_is_not_asked_without_a_yes(small_house: OpenHouse, server: ScriptedProvider) -> None:
    server.script = listing(LIST)
    hall = await added(small_house, base_url=server.address, allow_private=False)
    with pytest.raises(Exception, match="--allow-private"):
        await synced(hall)
    assert server.sent == []


def endless(piece: bytes, most: int, **headers: str) -> Handler:
    """An answer of about that many bytes, or as many as somebody reads."""

    async def answer(_sent: Sent, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        for _ in range(max(1, most // len(piece))):
            await response.write(piece)
        return response

    return answer


@pytest.mark.parametrize(
    ("script", "why"),
    [
        (endless(b" " * 65_536, 2**36), "larger than 4,194,304 bytes"),
        (endless(b"{}," * 20_000, 3_900_000), "too long to be read"),
        (endless(b"[" * 65_536, 3_900_000), "not JSON"),
        (endless(gzip.compress(b" " * 2**22), 1, **{"content-encoding": "gzip"}), "compressed"),
    ],
    ids=["endless", "commas", "brackets", "compressed"],
)
async def test_a_list_without_end_or_sense_is_left_in_bounded_memory(
    small_house: OpenHouse, server: ScriptedProvider, script: Handler, why: str
) -> None:
    server.script = script
    hall = await added(small_house, base_url=server.address)
    with most_memory(16), pytest.raises(ProviderBroke, match=why):
        async with asyncio.timeout(10):
            await synced(hall)


async def test_without_a_key_the_catalogs_list_is_taken_and_it_is_said_why(small_house: OpenHouse) -> None:
    hall = await added(small_house, provider="openai")
    outcome = await synced(hall)
    assert outcome.source == "catalog"
    assert outcome.note is not None
    assert "key" in outcome.note
    assert "den/gpt-4.1" in {each.model for each in outcome.results}
    assert outcome.count("synced") == len(outcome.results) > 20


async def test_a_named_model_needs_nobody_who_answers(small_house: OpenHouse) -> None:
    hall = await added(small_house, provider="anthropic-compatible", base_url="http://127.0.0.1:9")
    with pytest.raises(ProviderUnreachable):
        await synced(hall)
    assert (await synced(hall, names=["mine"])).count("synced") == 1


async def test_prices_that_the_provider_tells_go_before_the_catalogs(
    small_house: OpenHouse, server: ScriptedProvider
) -> None:
    body = {"data": [{"id": "openai/gpt-4.1", "pricing": {"prompt": "0.000003", "completion": "0.000009"}}]}
    server.script = listing(body)
    hall = await added(small_house, provider="openrouter", base_url=server.address, key="sk-or-0123456789abcdef")
    await synced(hall)
    view = await show_model(hall, hall.operator, "den/openai/gpt-4.1")
    assert view.price is not None
    told = {rate.usage_class: rate.usd_per_million for rate in view.price.rates if rate.service_tier == "standard"}
    assert (str(told["input"]).rstrip("0").rstrip("."), str(told["output"]).rstrip("0").rstrip(".")) == ("3", "9")
    assert view.price.passport.source == "openrouter"


async def test_parameters_that_the_provider_lists_go_before_the_catalogs(
    small_house: OpenHouse, server: ScriptedProvider
) -> None:
    """The catalog says of this model that its sampling cannot be set."""
    listed = {"id": "openai/gpt-5", "supported_parameters": ["max_tokens", "tools", "top_p"]}
    server.script = listing({"data": [listed, {"id": "openai/gpt-5-mini"}]})
    hall = await added(small_house, provider="openrouter", base_url=server.address, key="sk-or-0123456789abcdef")
    await synced(hall)
    told = (await show_model(hall, hall.operator, "den/openai/gpt-5")).parameters
    assert {name for name, known in told.items() if known.taken is False} >= {"temperature", "seed", "min_p"}
    assert (told["top_p"].taken, told["top_p"].sources[0].source) == (True, "provider")
    assert told["top_p"].sources[0].as_of is not None
    other = (await show_model(hall, hall.operator, "den/openai/gpt-5-mini")).parameters
    assert "seed" not in other


async def test_the_built_in_model_needs_no_engine_to_be_synced(small_house: OpenHouse) -> None:
    hall = small_house.house
    await find_environment(hall)
    outcome = await sync_models(hall, hall.operator, "local")
    assert [(each.model, each.status) for each in outcome.results] == [("local/smollm2-135m-instruct", "already")]
