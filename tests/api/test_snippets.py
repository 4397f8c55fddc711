"""Snippets: each program's configuration holds the right address, the caller's models and no key."""

from __future__ import annotations

import ast
import json
import shlex
from decimal import Decimal
from typing import Any

import pytest
import yaml

from modelhall.services.snippets.programs import PROGRAMS
from tests.support.asgi import Client
from tests.support.house import ON_SQLITE, OpenHouse

ADDRESS = "http://127.0.0.1:8400"
PRICED, UNKNOWN, EMBEDS = "work/gpt-4.1", "den/small: it's", "work/text-embedding-3-small"


@pytest.fixture
async def work(operator: Client) -> Client:
    """The operator of a house with a model that the catalog knows, one that nobody knows, and one that embeds."""
    await operator.post("/profiles", {"provider": "openai", "id": "work", "key": "sk-0123456789abcdef"})
    models = [PRICED.partition("/")[2], EMBEDS.partition("/")[2]]
    await operator.post("/profiles/work/sync", {"models": models, "activate": True})
    await operator.post(
        "/profiles", {"provider": "openai-compatible", "id": "den", "base_url": "http://192.0.2.1:9/v1"}
    )
    wanted = {"profile": "den", "model_id": UNKNOWN.partition("/")[2], "active": True}
    assert (await operator.post("/models", wanted)).status == 201
    return operator


async def snippet(client: Client, program: str, query: str = "") -> dict[str, str]:
    """The files by name."""
    answer = await client.get(f"/snippets/{program}{query}")
    assert answer.status == 200, answer.body
    return {each["name"]: each["text"] for each in answer.json["files"]}


async def test_librechat_gets_an_endpoint_with_prices_where_all_three_figures_are_known(work: Client) -> None:
    told = yaml.safe_load((await snippet(work, "librechat"))["librechat.yaml"])
    (endpoint,) = told["endpoints"]["custom"]
    assert (endpoint["baseURL"], endpoint["apiKey"]) == (f"{ADDRESS}/v1", "${MODELHALL_KEY}")
    assert endpoint["models"] == {"default": [PRICED, UNKNOWN], "fetch": True}
    assert endpoint["tokenConfig"] == {PRICED: {"prompt": 2, "completion": 8, "context": 1047576}}
    chosen = yaml.safe_load((await snippet(work, "librechat", f"?models={PRICED}"))["librechat.yaml"])
    assert chosen["endpoints"]["custom"][0]["models"] == {"default": [PRICED], "fetch": False}


@ON_SQLITE
async def test_open_webui_gets_a_connection_in_variables(work: Client) -> None:
    lines = (await snippet(work, "open-webui", "?models=den/small:%20it's"))[".env"]
    told = dict(line.split("=", 1) for line in shlex.split(lines))
    assert (told["OPENAI_API_BASE_URLS"], told["OPENAI_API_KEYS"]) == (f"{ADDRESS}/v1", "${MODELHALL_KEY}")
    assert json.loads(told["OPENAI_API_CONFIGS"])["0"]["model_ids"] == [UNKNOWN]


@ON_SQLITE
async def test_continue_gets_each_model_with_its_roles_and_window(work: Client) -> None:
    told = yaml.safe_load((await snippet(work, "continue"))["config.yaml"])
    assert (told["name"], told["schema"]) == ("Modelhall", "v1")
    by_name = {each["model"]: each for each in told["models"]}
    assert {each["apiKey"] for each in told["models"]} == {"${{ secrets.MODELHALL_KEY }}"}
    assert by_name[PRICED]["defaultCompletionOptions"] == {"contextLength": 1047576}
    assert by_name[PRICED]["capabilities"] == ["tool_use", "image_input"]
    assert (by_name[EMBEDS]["roles"], by_name[UNKNOWN]["roles"]) == (["embed"], ["chat", "edit", "apply"])
    assert "capabilities" not in by_name[UNKNOWN]


@ON_SQLITE
async def test_opencode_gets_a_provider_with_limits_and_costs(work: Client) -> None:
    told = json.loads((await snippet(work, "opencode"))["opencode.json"], parse_float=Decimal)
    provider = told["provider"]["modelhall"]
    assert provider["options"] == {"baseURL": f"{ADDRESS}/v1", "apiKey": "{env:MODELHALL_KEY}"}
    assert provider["models"][PRICED]["limit"] == {"context": 1047576, "output": 32768}
    assert provider["models"][PRICED]["cost"] == {"input": 2, "output": 8, "cache_read": Decimal("0.5")}
    assert provider["models"][UNKNOWN] == {"name": UNKNOWN.partition("/")[2]}
    assert told["model"] == f"modelhall/{PRICED}"


@ON_SQLITE
async def test_aider_gets_its_address_and_exact_prices_for_a_token(work: Client) -> None:
    files = await snippet(work, "aider")
    assert yaml.safe_load(files[".aider.conf.yml"]) == {
        "model": f"openai/{PRICED}",
        "openai-api-base": f"{ADDRESS}/v1",
    }
    assert files[".env"] == "OPENAI_API_KEY=${MODELHALL_KEY}\n"
    told = json.loads(files[".aider.model.metadata.json"], parse_float=Decimal)[f"openai/{PRICED}"]
    assert (told["input_cost_per_token"], told["max_input_tokens"]) == (Decimal("0.000002"), 1047576)


@ON_SQLITE
async def test_llm_gets_what_each_model_is_known_to_do(work: Client) -> None:
    told = yaml.safe_load((await snippet(work, "llm"))["extra-openai-models.yaml"])
    by_name = {each["model_id"]: each for each in told}
    assert by_name[PRICED]["supports_tools"] is True
    assert by_name[UNKNOWN] == {
        "model_id": UNKNOWN,
        "model_name": UNKNOWN,
        "api_base": f"{ADDRESS}/v1",
        "api_key_name": "modelhall",
    }


@ON_SQLITE
async def test_langchain_gets_a_program_and_the_sdks_get_variables(work: Client) -> None:
    program = ast.parse((await snippet(work, "langchain", "?models=den/small:%20it's"))["hello.py"])
    assert UNKNOWN in {node.value for node in ast.walk(program) if isinstance(node, ast.Constant)}
    openai = shlex.split((await snippet(work, "openai"))[".env"])
    anthropic = shlex.split((await snippet(work, "anthropic"))[".env"])
    assert openai == ["export", f"OPENAI_BASE_URL={ADDRESS}/v1", "export", "OPENAI_API_KEY=$MODELHALL_KEY"]
    assert anthropic == ["export", f"ANTHROPIC_BASE_URL={ADDRESS}", "export", "ANTHROPIC_API_KEY=$MODELHALL_KEY"]


async def test_a_key_gets_a_snippet_of_its_own_models_and_no_others(work: Client) -> None:
    made = (await work.post("/keys", {"name": "narrow", "models": [UNKNOWN]})).json
    narrow = Client(work.application, {"authorization": f"Bearer {made['key']}"}, root_path=work.root_path)
    for client, query in ((narrow, ""), (work, "?key=narrow")):
        for program in PROGRAMS:
            answer = await client.get(f"/snippets/{program}{query}")
            assert (answer.status, answer.json["models"]) == (200, [UNKNOWN])
            assert made["key"] not in answer.body.decode()
    refused = await narrow.get(f"/snippets/llm?models={PRICED}")
    assert (refused.status, refused.json["code"]) == (404, "model_not_found")


@ON_SQLITE
async def test_an_alias_is_offered_by_its_own_name_with_its_first_models_figures(work: Client) -> None:
    await work.put("/aliases/fast", {"models": [PRICED]})
    told = yaml.safe_load((await snippet(work, "continue", "?models=fast"))["config.yaml"])
    assert told["models"][0]["model"] == "fast"
    assert told["models"][0]["defaultCompletionOptions"] == {"contextLength": 1047576}


@ON_SQLITE
async def test_the_address_is_the_public_one_or_the_one_that_was_given(work: Client) -> None:
    application: Any = work.application
    application.state.public_url = "https://models.example/hall/"
    assert "https://models.example/hall/v1" in (await snippet(work, "openai"))[".env"]
    given = await snippet(work, "anthropic", "?address=http://hall.lan:8400/v1")
    assert 'ANTHROPIC_BASE_URL="http://hall.lan:8400"' in given[".env"]
    for bad in ("ftp://hall.lan", "http://hall.lan/$(id)", "http://hall.lan/'"):
        assert (await work.get(f"/snippets/openai?address={bad}")).status == 400


@ON_SQLITE
async def test_what_cannot_be_written_is_refused_with_what_there_is(work: Client, house: OpenHouse) -> None:
    unknown = await work.get("/snippets/emacs")
    assert (unknown.status, "librechat" in unknown.json["detail"]) == (404, True)
    embedding = await work.get(f"/snippets/librechat?models={EMBEDS}")
    assert (embedding.status, "chats" in embedding.json["detail"]) == (404, True)
    listed: list[Any] = (await work.get("/snippets")).json["items"]
    assert [each["name"] for each in listed] == list(PROGRAMS)
