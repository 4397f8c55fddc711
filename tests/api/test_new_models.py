"""Models that people describe: three forms, three units of prices, and what is odd or wrong about them."""

from __future__ import annotations

from typing import Any

import pytest

from modelhall.api.app import PREFIX
from modelhall.domain.people import Role
from tests.api.test_compat import CUSTOM
from tests.api.test_policy import client_of
from tests.support.asgi import Client
from tests.support.house import ON_SQLITE, OpenHouse

BY_ENDPOINT: dict[str, Any] = {
    "name": "My Custom Model",
    "model_id": "custom/my-model",
    "provider": "openrouter",
    "api_endpoint": "https://openrouter.ai/api/v1/chat/completions",
    "parameters": {
        "temperature": 0.7,
        "max_tokens": 4000,
        "top_p": 0.9,
        "frequency_penalty": 0.0,
        "presence_penalty": 0.0,
    },
    "context_window": 8192,
    "cost_per_1k_tokens": {"input": 0.01, "output": 0.03},
}
AZURE: dict[str, Any] = {
    "profile": "azure-eu",
    "model_id": "gpt-4",
    "max_input": 128000,
    "max_output": 4096,
    "prices": {"input_per_token": "0.00003", "output_per_token": "0.00006"},
}
FINE_TUNE: dict[str, Any] = {
    "profile": "work",
    "model_id": "gpt-3.5-turbo-my-finetune",
    "context_window": 16_385,
    "prices": {"input_per_mtok": "3", "output_per_mtok": "6", "cache_read_per_mtok": "0.3"},
    "hidden": True,
}


@pytest.fixture
async def work(operator: Client) -> Client:
    """The operator of a house with a profile `work` of OpenAI and one of Azure."""
    await operator.post("/profiles", {"provider": "openai", "id": "work", "key": "sk-0123456789abcdef"})
    azure = {
        "provider": "azure",
        "id": "azure-eu",
        "base_url": "https://mine.openai.azure.com",
        "key": "0123456789abcd",
    }
    assert (await operator.post("/profiles", azure)).status == 201
    return operator


def in_units(model: Any, usage_class: str) -> tuple[str, str, str]:
    """A class's price per million, per thousand and per token."""
    rate = next(each for each in model["price"]["rates"] if each["usage_class"] == usage_class)
    return rate["usd_per_million"], rate["usd_per_1k"], rate["usd_per_token"]


async def test_a_deployment_is_added_with_prices_per_token(work: Client) -> None:
    added = await work.post("/models", AZURE)
    assert added.status == 201
    model = added.json
    assert (model["name"], model["custom"], model["active"]) == ("azure-eu/gpt-4", True, False)
    assert (model["max_input"], model["max_output"]) == (128_000, 4_096)
    assert in_units(model, "input") == ("30", "0.03", "0.00003")
    assert in_units(model, "output") == ("60", "0.06", "0.00006")
    assert (model["price"]["passport"]["unit"], model["price"]["passport"]["entered_by"]) == ("per_token", "owner")
    assert model["warnings"] == []


async def test_the_form_with_an_endpoint_is_taken_as_it_is_written(work: Client) -> None:
    added = await work.post("/models", BY_ENDPOINT)
    assert added.status == 201
    model = added.json
    assert (model["name"], model["title"]) == ("openrouter/custom/my-model", "My Custom Model")
    assert (model["context_window"], model["active"]) == (8192, True)
    assert in_units(model, "input") == ("10", "0.01", "0.00001")
    assert in_units(model, "output") == ("30", "0.03", "0.00003")
    assert model["price"]["passport"]["unit"] == "per_1k"
    assert model["defaults"] == BY_ENDPOINT["parameters"]
    assert (await work.get("/profiles/openrouter")).json["key"]["state"] == "missing"


async def test_the_flat_form_is_taken_as_it_is_written(work: Client) -> None:
    added = await work.post("/models", CUSTOM)
    assert added.status == 201
    model = added.json
    assert (model["name"], model["max_output"], model["active"]) == ("work/custom-model-v1", 4_000, True)
    assert in_units(model, "output") == ("24", "0.024", "0.000024")


async def test_an_endpoint_finds_the_profile_that_calls_it(work: Client) -> None:
    own = {"provider": "openrouter", "id": "proxy", "base_url": "https://proxy.example/v1"}
    await work.post("/profiles", own)
    by_address = {**BY_ENDPOINT, "api_endpoint": "https://proxy.example/v1/chat/completions"}
    assert (await work.post("/models", by_address)).json["profile"] == "proxy"
    by_id = {**BY_ENDPOINT, "provider": "proxy", "api_endpoint": "https://proxy.example/v1", "model_id": "x"}
    assert (await work.post("/models", by_id)).json["profile"] == "proxy"
    elsewhere = await work.post("/models", {**BY_ENDPOINT, "api_endpoint": "https://other.example/v1"})
    assert (elsewhere.status, elsewhere.json["errors"][0]["field"]) == (400, "api_endpoint")


async def test_a_persons_word_stands_before_the_catalogs_and_the_rest_is_the_catalogs(work: Client) -> None:
    body = {"profile": "work", "model_id": "gpt-4.1", "context_window": 500_000, "prices": {"input_per_mtok": "2.5"}}
    model = (await work.post("/models", body)).json
    assert (model["context_window"], model["max_output"], model["kind"]) == (500_000, 32_768, "chat")
    assert model["sources"]["context_window"]["source"] == "person"
    assert "1047576" in model["sources"]["context_window"]["disagreeing"][0]
    assert (model["price"]["input_per_mtok"], model["price"]["output_per_mtok"]) == ("2.5", "8")


async def test_a_fine_tune_behaves_like_a_discovered_model(work: Client) -> None:
    model = (await work.post("/models", FINE_TUNE)).json
    assert (model["kind"], model["hidden"]) == ("chat", True)
    assert in_units(model, "cache_read")[0] == "0.3"
    name = f"/models/{model['name']}"
    assert (await work.patch(name, {"active": True, "hidden": False})).json["active"] is True
    assert (await work.put("/default-model", {"model": model["name"]})).status == 200
    assert (await work.post("/profiles/work/sync", {"models": [model["model_id"]]})).json["skipped"] == 1
    assert [each["name"] for each in (await work.get("/models?q=finetune")).json["items"]] == [model["name"]]


async def test_the_same_model_twice_is_refused(work: Client) -> None:
    await work.post("/models", FINE_TUNE)
    twice = await work.post("/models", FINE_TUNE)
    assert (twice.status, twice.json["code"]) == (409, "already_exists")


async def test_a_price_in_the_wrong_unit_is_told_with_the_unit_that_was_meant(work: Client) -> None:
    body = {**AZURE, "model_id": "gpt-4.1", "prices": {"input_per_token": "2", "output_per_token": "8"}}
    del body["max_input"], body["max_output"]
    warnings = (await work.post("/models", body)).json["warnings"]
    assert [words.split(":")[0] for words in warnings] == ["input", "output"]
    assert all(words.endswith("was it meant per million tokens?") for words in warnings)
    again = (await work.put("/prices/azure-eu/gpt-4.1", {"input_per_1k": "0.002", "output_per_1k": "0.008"})).json
    assert again["warnings"] == []
    assert in_units(again, "output") == ("8", "0.008", "0.000008")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"profile": ...}, "profile"),
    ({"model_id": ...}, "model_id"),
    ({"model_id": ""}, "model_id"),
    ({"context_window": 0}, "context_window"),
    ({"context_window": 2.5}, "context_window"),
    ({"max_output": 20_000}, "max_output"),
    ({"kind": "poetry"}, "kind"),
    ({"knowledge_cutoff": "2025-13"}, "knowledge_cutoff"),
    ({"capabilities": {"Vision!": True}}, "capabilities"),
    ({"capabilities": {"vision": "yes"}}, "capabilities.vision"),
    ({"parameters": {"temperature": 3}}, "parameters.temperature"),
    ({"parameters": {"top_k": 3}}, "parameters.top_k"),
    ({"prices": {"input_per_mtok": "cheap"}}, "input_per_mtok"),
    ({"prices": {"voice_per_mtok": "1"}}, "prices.voice_per_mtok"),
    ({"prices": {"images_per_1k": "1"}}, "prices.images_per_1k"),
    ({"notes": "a\u0007b"}, "notes"),
    ({"window": 1}, "window"),
]


@ON_SQLITE
@pytest.mark.parametrize(("change", "place"), WRONG, ids=str)
async def test_what_is_wrong_is_refused_with_its_place(work: Client, change: dict[str, Any], place: str) -> None:
    body = {name: value for name, value in {**FINE_TUNE, **change}.items() if value is not ...}
    refused = await work.post("/models", body)
    assert refused.status == 400
    assert [each["field"] for each in refused.json["errors"]] == [place]


@ON_SQLITE
async def test_prices_in_two_units_are_refused(work: Client) -> None:
    body = {**FINE_TUNE, "prices": {"input_per_mtok": "3", "output_per_token": "0.00006"}}
    refused = await work.post("/models", body)
    assert refused.status == 400
    assert "one unit" in refused.json["detail"]


async def test_members_add_models_and_admins_price_them(work: Client, house: OpenHouse) -> None:
    member = await client_of(work, house, Role.MEMBER)
    plain = {"profile": "work", "model_id": "mine"}
    assert (await member.post("/models", plain)).status == 201
    assert (await member.post("/models", FINE_TUNE)).json["code"] == "role_too_low"
    del (unpriced := dict(BY_ENDPOINT))["cost_per_1k_tokens"]
    assert (await member.post("/models", unpriced)).status == 404
    viewer = Client(work.application, (await client_of(work, house, Role.VIEWER)).headers, root_path=PREFIX)
    assert (await viewer.post("/models", plain)).json["code"] == "role_too_low"
