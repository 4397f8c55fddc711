"""Every request and answer that the documents of older programs show, as they are written there.

Numbers that a document has wrong are the right ones here: docs/older-programs.md says which and why.
"""

from __future__ import annotations

from typing import Any

import pytest

from modelhall.api.compat.app import COMPAT_PREFIX, create_compat_api
from tests.gateway.upstream import scripted
from tests.support.asgi import Client
from tests.support.house import TOKEN, OpenHouse

BEARER = {"authorization": f"Bearer {TOKEN}"}
SONNET = "claude-sonnet-4-20250514"
MODEL_BY_ENDPOINT: dict[str, Any] = {
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


@pytest.fixture
async def program(operator: Client, house: OpenHouse) -> Client:
    """An older program with an admin's token, beside profiles of both endpoint types."""
    for provider in ("openai", "anthropic", "openrouter"):
        assert (await operator.post("/profiles", {"provider": provider, "key": "sk-0123456789abcdef"})).status == 201
    return Client(create_compat_api(house.house), BEARER, root_path=COMPAT_PREFIX)


async def test_the_population_of_a_library_with_some_of_the_models(program: Client) -> None:
    """`POST /api/admin/models/populate`: created 2, skipped 1, total 3; one result for each."""
    gpt = {"name": "GPT-4.1", "modelId": "gpt-4.1", "endpointType": "openAI", "contextWindow": 1_047_576}
    prices = {"maxOutput": 32_768, "inputPricePerMtok": 2, "outputPricePerMtok": 8}
    assert (await program.post("/admin/models", {**gpt, **prices})).status == 201
    done = (await program.post("/admin/models/populate")).json
    assert done["message"] == "Model population completed"
    assert done["summary"] == {"created": 2, "skipped": 1, "total": 3}
    first, second, third = done["results"]
    assert first == {"modelId": SONNET, "status": "created", "id": first["id"]}
    assert second == {"modelId": "gpt-4.1", "status": "skipped", "reason": "already exists"}
    assert third == {"modelId": "gpt-4.1-nano", "status": "created", "id": third["id"]}


async def test_the_two_lists_of_models(program: Client) -> None:
    """`GET /api/models` and `GET /api/admin/models`."""
    await program.post("/admin/models/populate")
    assert (await program.get("/models")).json == {"anthropic": [SONNET], "openAI": ["gpt-4.1", "gpt-4.1-nano"]}
    (sonnet, *_) = (await program.get("/admin/models")).json["models"]
    written = {
        "name": "Sonnet 4",
        "modelId": SONNET,
        "endpointType": "anthropic",
        "thinking": True,
        "contextWindow": 200000,
        "maxOutput": 64000,
        "knowledgeCutoff": "2025-03-01T00:00:00Z",
        "inputPricePerMtok": 3,
        "outputPricePerMtok": 15,
        "isActive": True,
    }
    assert {name: sonnet[name] for name in written} == written
    assert set(sonnet) == {*written, "id", "createdAt", "updatedAt"}


async def test_prices_are_changed_and_a_model_is_switched_off(program: Client) -> None:
    """`PUT /api/admin/models/1` with prices, then with `{"isActive": false}`."""
    await program.post("/admin/models/populate")
    (first, *_) = (await program.get("/admin/models")).json["models"]
    place = f"/admin/models/{first['id']}"
    priced = (await program.put(place, {"inputPricePerMtok": 2.5, "outputPricePerMtok": 12.5})).json
    assert (priced["inputPricePerMtok"], priced["outputPricePerMtok"]) == (2.5, 12.5)
    off = await program.put(place, {"isActive": False})
    assert (off.status, off.json["isActive"]) == (200, False)
    assert SONNET not in str((await program.get("/models")).json)


async def test_a_removal_follows_the_librarys_own_rules(program: Client, operator: Client) -> None:
    """`DELETE /api/admin/models/{id}`: refused with the reason and the uses; what went can come back and be undone."""
    await program.post("/admin/models/populate")
    numbers = {each["modelId"]: each["id"] for each in (await program.get("/admin/models")).json["models"]}
    await operator.put("/default-model", {"model": "openai/gpt-4.1"})
    await operator.put("/aliases/fast", {"models": ["openai/gpt-4.1-nano"]})
    default = await program.delete(f"/admin/models/{numbers['gpt-4.1']}")
    assert (default.status, default.json["reason"]) == (409, "is_default")
    used = await program.delete(f"/admin/models/{numbers['gpt-4.1-nano']}")
    assert (used.status, used.json["reason"]) == (409, "in_use")
    assert used.json["uses"] == [{"kind": "alias", "name": "fast", "model": "openai/gpt-4.1-nano"}]
    gone = await program.delete(f"/admin/models/{numbers[SONNET]}")
    assert (gone.status, gone.json) == (200, {"message": "Model deleted successfully"})
    past = (await operator.get(f"/model-history/anthropic/{SONNET}")).json["items"]
    assert (past[0]["action"], past[0]["after"]["deleted"]) == ("model.remove", True)
    assert (await operator.post(f"/model-undo/anthropic/{SONNET}", {})).json["model"]["active"] is True


async def test_the_custom_model_with_an_endpoint(operator: Client, program: Client) -> None:
    """The form with `api_endpoint` and `cost_per_1k_tokens`."""
    made = await operator.post("/models", MODEL_BY_ENDPOINT)
    assert made.status == 201, made.json
    model = made.json
    assert (model["name"], model["title"]) == ("openrouter/custom/my-model", "My Custom Model")
    assert (model["context_window"], model["defaults"]) == (8192, MODEL_BY_ENDPOINT["parameters"])
    assert (model["price"]["input_per_mtok"], model["price"]["output_per_mtok"]) == ("10", "30")


async def test_a_persons_usage(operator: Client, program: Client, house: OpenHouse) -> None:
    """`GET /api/user/usage`: of whoever asks alone; the names are those that the models have here."""
    empty = {"total_tokens": 0, "total_cost": 0, "unpriced_requests": 0, "by_model": {}, "period": "last_30_days"}
    assert (await program.get("/user/usage")).json == empty
    async with scripted() as server:
        up = {"provider": "openai-compatible", "id": "up", "base_url": server.address, "allow_private": True}
        await operator.post("/profiles", up)
        priced = {"profile": "up", "model_id": "small", "prices": {"input_per_mtok": "1", "output_per_mtok": "2"}}
        await operator.post("/models", priced)
        await operator.post("/models", {"profile": "up", "model_id": "unpriced"})
        for model in ("up/small", "up/small", "up/unpriced"):
            assert (await operator.post("/models/test", {"model": model})).json["ok"] is True
    told = (await program.get("/user/usage")).json
    assert (told["total_tokens"], told["total_cost"], told["period"]) == (39, 0.000032, "last_30_days")
    assert told["by_model"] == {
        "up/small": {"tokens": 26, "cost": 0.000032, "requests": 2, "unpriced_requests": 0},
        "up/unpriced": {"tokens": 13, "cost": None, "requests": 1, "unpriced_requests": 1},
    }
    assert told["unpriced_requests"] == 1
    key = (await operator.post("/keys", {"name": "plain"})).json["key"]
    plain = Client(program.application, {"authorization": f"Bearer {key}"}, root_path=COMPAT_PREFIX)
    assert (await plain.get("/user/usage")).status == 403
    assert (await Client(program.application, {}, root_path=COMPAT_PREFIX).get("/user/usage")).status == 401
