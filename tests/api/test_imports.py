"""Imports into a real house: what was carried over answers, twice is once, all or nothing, keys only on request."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from modelhall.domain.people import Role
from tests.api.test_policy import client_of
from tests.gateway.upstream import ScriptedProvider, plain, scripted
from tests.services.importers.test_litellm import EXAMPLES
from tests.support.asgi import Client
from tests.support.house import ON_SQLITE, OpenHouse

KEY, SECOND = "sk-in-the-file-0123456789", "sk-in-a-variable-0123456789"
CONFIG = """
model_list:
  - model_name: chat
    litellm_params: {model: openai/first, api_base: os.environ/BASE, api_key: sk-in-the-file-0123456789}
    model_info: {input_cost_per_token: 0.000001, output_cost_per_token: 2e-6, max_input_tokens: 8000}
  - model_name: chat
    litellm_params: {model: openai/second, api_base: os.environ/BASE, api_key: os.environ/SECOND_KEY}
  - model_name: other
    litellm_params: {model: openai/first, api_base: os.environ/BASE, api_key: sk-in-the-file-0123456789}
router_settings: {fallbacks: [{other: [chat]}]}
guardrails: []
"""


@pytest.fixture
async def server(house: OpenHouse) -> AsyncGenerator[ScriptedProvider]:
    """A provider on loopback, whose address is in the server's environment."""
    async with scripted() as provider:
        house.environment |= {"BASE": provider.address, "FAKE_OPENAI_API_BASE": provider.address, "SECOND_KEY": SECOND}
        provider.script = plain
        yield provider


async def brought_in(client: Client, text: str, program: str = "litellm", **more: object) -> Any:
    """What the import says; it must not be refused."""
    body = {"files": [{"name": "config.yaml", "text": text}], "allow_private": True, **more}
    answer = await client.post(f"/imports/{program}", body)
    assert answer.status == 200, answer.body
    return answer.json


def words(told: Any, outcome: str) -> list[str]:
    """What the report says under that outcome."""
    return [each["words"] for each in told["findings"] if each["outcome"] == outcome]


async def test_what_was_carried_over_answers_with_its_key_and_price(
    operator: Client, server: ScriptedProvider, house: OpenHouse
) -> None:
    told = await brought_in(operator, CONFIG, take_keys=True)
    profiles = [step["name"] for step in told["outcome"]["steps"] if step["kind"] == "profile"]
    aliases = {each["name"]: each["models"] for each in (await operator.get("/aliases")).json["items"]}
    (with_key,) = told["outcome"]["profiles_with_key"]
    (other,) = (name for name in profiles if name != with_key)
    assert aliases["chat"] == [f"{with_key}/first", f"{other}/second"]
    assert aliases["other"] == aliases["chat"]
    for model, key in zip(aliases["chat"], (KEY, SECOND), strict=True):
        trial = (await operator.post("/models/test", {"model": model})).json
        assert (trial["ok"], server.sent[-1].headers["Authorization"]) == (True, f"Bearer {key}")
    shown = (await operator.get(f"/models/{aliases['chat'][0]}")).json
    assert (shown["active"], shown["context_window"]) == (True, 8000)
    assert {each["usage_class"]: each["usd_per_million"] for each in shown["price"]["rates"]} == {
        "input": "1",
        "output": "2",
    }
    audited = (await operator.get("/audit")).body.decode()
    assert "file.apply" in audited
    for secret in (KEY, SECOND):
        assert secret not in audited + str(told)


async def test_a_second_import_changes_nothing_and_a_plan_neither(operator: Client, server: ScriptedProvider) -> None:
    planned = await brought_in(operator, CONFIG, plan=True)
    assert (await operator.get("/aliases")).json["items"] == []
    first = await brought_in(operator, CONFIG)
    assert planned["outcome"]["steps"] == first["outcome"]["steps"] != []
    number = (await operator.get("/status")).json["change_number"]
    second = await brought_in(operator, CONFIG)
    assert (second["outcome"]["steps"], second["outcome"]["profiles_with_key"]) == ([], [])
    assert (await operator.get("/status")).json["change_number"] == number


async def test_a_file_that_breaks_a_rule_changes_nothing(operator: Client, server: ScriptedProvider) -> None:
    await operator.post("/profiles", {"provider": "openai", "id": "work"})
    broken = CONFIG.replace("max_input_tokens: 8000", "max_input_tokens: 8000, output_cost_per_audio_token: 9e20")
    body = {"files": [{"name": "config.yaml", "text": broken}]}
    refused = await operator.post("/imports/litellm", body)
    assert refused.status == 400
    assert "config.yaml" in refused.json["detail"]
    assert [each["id"] for each in (await operator.get("/profiles")).json["items"]] == ["work"]


async def test_keys_that_are_not_taken_are_told_and_nowhere_else(operator: Client, server: ScriptedProvider) -> None:
    told = await brought_in(operator, CONFIG)
    assert told["outcome"]["profiles_with_key"] == []
    assert any("--take-keys" in each for each in words(told, "person"))
    assert KEY not in str(told)
    kept = {each["id"]: each["key"] for each in (await operator.get("/profiles")).json["items"]}
    assert "env:SECOND_KEY" in str(kept)
    assert KEY[-4:] not in str(kept)


@ON_SQLITE
async def test_an_admin_of_the_page_gets_no_variable_of_the_server(
    house: OpenHouse, operator: Client, server: ScriptedProvider
) -> None:
    admin = await client_of(operator, house, Role.ADMIN)
    told = await brought_in(admin, CONFIG)
    assert told["outcome"]["steps"] == []
    assert all("BASE, which is not known" in each for each in words(told, "person"))
    given = await brought_in(admin, CONFIG, variables=f"BASE={server.address}\n")
    assert any("SECOND_KEY was not taken" in each for each in words(given, "person"))


@ON_SQLITE
async def test_only_admins_import_and_only_what_is_known(house: OpenHouse, operator: Client) -> None:
    body = {"files": [{"name": "config.yaml", "text": CONFIG}]}
    member = await client_of(operator, house, Role.MEMBER)
    assert (await member.post("/imports/litellm", body)).status == 403
    unknown = await operator.post("/imports/emacs", body)
    assert (unknown.status, "librechat" in unknown.json["detail"]) == (404, True)
    bad = await operator.post("/imports/litellm", {"files": [{"name": "c.yaml", "text": "a: [1\nb: &x 2"}]})
    assert (bad.status, "c.yaml" in bad.json["detail"], "line" in bad.json["detail"]) == (400, True, True)
    two = await operator.post("/imports/litellm", {"files": body["files"] * 2})
    assert two.status == 400
    names = [each["name"] for each in (await operator.get("/imports")).json["items"]]
    assert names == ["litellm", "librechat", "open-webui", "aiderdesk", "env"]


@ON_SQLITE
async def test_aiderdesks_two_files_are_read_together(operator: Client) -> None:
    files = [
        {"name": "settings.json", "text": '{"providers": [{"id": "w", "provider": {"name": "openai"}}]}'},
        {"name": "models.json", "text": '{"version": 1, "models": [{"id": "gpt-4o", "providerId": "w"}]}'},
    ]
    told = (await operator.post("/imports/aiderdesk", {"files": files})).json
    assert words(told, "carried") == ["profile w: OpenAI, key env:OPENAI_API_KEY", "model w/gpt-4o"]
    assert [(step["kind"], step["name"], step["action"]) for step in told["outcome"]["steps"]] == [
        ("profile", "w", "create"),
        ("model", "w/gpt-4o", "create"),
    ]


@ON_SQLITE
@pytest.mark.skipif(not EXAMPLES, reason="LiteLLM's own examples come with its package, which is not installed here")
async def test_litellms_own_examples_come_in_and_answer(operator: Client, server: ScriptedProvider) -> None:
    tried = 0
    for example in EXAMPLES:
        told = await brought_in(operator, Path(example).read_text("utf-8"))
        assert told["findings"], example.name
        for step in told["outcome"]["steps"]:
            if step["kind"] == "model" and step["name"].startswith("127.0.0.1"):
                trial = (await operator.post("/models/test", {"model": step["name"]})).json
                assert trial["ok"], f"{example.name}: {trial['error']}"
                tried += 1
    assert tried >= 4
    assert {sent.json["model"] for sent in server.sent} >= {"fake", "gpt-4", "my-fake-model"}


@ON_SQLITE
async def test_an_import_can_be_taken_back(operator: Client, server: ScriptedProvider) -> None:
    told = await brought_in(operator, CONFIG, take_keys=True)
    undone = await operator.post("/configuration/undo")
    assert (undone.status, undone.json["deleted"]) == (200, told["outcome"]["created"])
    assert (await operator.get("/aliases")).json["items"] == []
    assert (await operator.get("/profiles")).json["items"] == []
