"""The routes of older programs, with the requests and answers of their own documents."""

from __future__ import annotations

from typing import Any

import pytest

from modelhall.api.compat.app import COMPAT_PREFIX, compat_document, create_compat_api
from modelhall.domain.people import Role
from modelhall.storage import members, models
from tests.api.test_policy import client_of
from tests.support.asgi import Client
from tests.support.house import ON_SQLITE, TOKEN, OpenHouse

FIELDS = {
    *("id", "name", "modelId", "endpointType", "thinking", "contextWindow", "maxOutput", "knowledgeCutoff"),
    *("inputPricePerMtok", "outputPricePerMtok", "isActive", "createdAt", "updatedAt"),
}
GPT_5: dict[str, Any] = {
    "name": "GPT-5",
    "modelId": "gpt-5-turbo",
    "endpointType": "openAI",
    "thinking": True,
    "contextWindow": 256000,
    "maxOutput": 8192,
    "knowledgeCutoff": "2025-01-01T00:00:00Z",
    "inputPricePerMtok": 5,
    "outputPricePerMtok": 20,
    "isActive": True,
}
CUSTOM: dict[str, Any] = {
    "name": "Custom Model",
    "modelId": "custom-model-v1",
    "endpointType": "openAI",
    "thinking": False,
    "contextWindow": 100000,
    "maxOutput": 4000,
    "inputPricePerMtok": 8,
    "outputPricePerMtok": 24,
    "isActive": True,
}
SETTINGS: dict[str, Any] = {
    "preferred_model": "openai/gpt-4",
    "model_parameters": {"temperature": 0.7, "max_tokens": 2000, "top_p": 1.0},
}


@pytest.fixture
def stranger(house: OpenHouse) -> Client:
    """Calls without an identity; nothing is public."""
    return Client(create_compat_api(house.house), {}, root_path=COMPAT_PREFIX)


@pytest.fixture
def admin(stranger: Client) -> Client:
    """Calls as the operator."""
    return Client(stranger.application, {"authorization": f"Bearer {TOKEN}"}, root_path=COMPAT_PREFIX)


async def with_profiles(operator: Client) -> None:
    for provider in ("openai", "anthropic"):
        await operator.post("/profiles", {"provider": provider, "key": "sk-0123456789abcdef"})


async def test_populating_an_empty_library_answers_as_documented(admin: Client, operator: Client) -> None:
    await with_profiles(operator)
    done = await admin.post("/admin/models/populate")
    assert done.status == 200
    assert done.json["message"] == "Model population completed"
    assert done.json["summary"] == {"created": 3, "skipped": 0, "total": 3}
    assert [each["modelId"] for each in done.json["results"]] == ["claude-sonnet-4-20250514", "gpt-4.1", "gpt-4.1-nano"]
    assert all(set(each) == {"modelId", "status", "id"} for each in done.json["results"])
    again = (await admin.post("/admin/models/populate")).json
    assert again["summary"] == {"created": 0, "skipped": 3, "total": 3}
    assert again["results"][1] == {"modelId": "gpt-4.1", "status": "skipped", "reason": "already exists"}


async def test_the_models_that_can_be_called_are_listed_by_endpoint_type(admin: Client, operator: Client) -> None:
    await with_profiles(operator)
    await admin.post("/admin/models/populate")
    listed = await admin.get("/models")
    assert listed.json == {"anthropic": ["claude-sonnet-4-20250514"], "openAI": ["gpt-4.1", "gpt-4.1-nano"]}


async def test_only_endpoints_with_a_key_and_an_active_model_are_listed(admin: Client, operator: Client) -> None:
    empty = await admin.get("/models")
    assert (empty.status, empty.json["error"]) == (503, "No models/endpoints available")
    await admin.post("/admin/models/populate")
    keyless = await admin.get("/models")
    assert keyless.status == 503
    assert [reason.split(":")[0] for reason in keyless.json["reasons"]] == ["anthropic", "openAI"]
    assert all("no key" in reason for reason in keyless.json["reasons"])
    await operator.post("/profiles/openai/keys", {"key": "sk-0123456789abcdef"})
    assert set((await admin.get("/models")).json) == {"openAI"}
    for model in (await admin.get("/admin/models")).json["models"]:
        await admin.put(f"/admin/models/{model['id']}", {"isActive": False})
    inactive = await admin.get("/models")
    assert inactive.status == 503
    assert "no active model" in inactive.json["reasons"][1]


async def test_the_usual_models_have_todays_numbers(admin: Client) -> None:
    await admin.post("/admin/models/populate")
    models = {model["modelId"]: model for model in (await admin.get("/admin/models")).json["models"]}
    sonnet, large, nano = (models[name] for name in ("claude-sonnet-4-20250514", "gpt-4.1", "gpt-4.1-nano"))
    assert all(set(model) == FIELDS for model in models.values())
    assert (sonnet["name"], sonnet["endpointType"], sonnet["thinking"]) == ("Sonnet 4", "anthropic", True)
    assert (sonnet["contextWindow"], sonnet["maxOutput"]) == (200_000, 64_000)
    assert sonnet["knowledgeCutoff"] == "2025-03-01T00:00:00Z"
    prices = [(model["inputPricePerMtok"], model["outputPricePerMtok"]) for model in (sonnet, large, nano)]
    assert prices == [(3, 15), (2, 8), (0.1, 0.4)]
    for gpt in (large, nano):
        assert (gpt["contextWindow"], gpt["maxOutput"], gpt["thinking"]) == (1_047_576, 32_768, False)
    assert (large["name"], nano["name"]) == ("GPT-4.1", "GPT-4.1 Nano")
    assert sonnet["createdAt"].endswith("Z")
    assert len(sonnet["createdAt"]) == len("2025-01-01T00:00:00Z")


async def test_a_model_is_created_read_changed_deleted_and_created_again(admin: Client) -> None:
    made = await admin.post("/admin/models", GPT_5)
    assert made.status == 201
    number = made.json["id"]
    assert {name: made.json[name] for name in GPT_5} == GPT_5
    assert (await admin.get(f"/admin/models/{number}")).json == made.json
    twice = await admin.post("/admin/models", GPT_5)
    assert (twice.status, twice.json["error"]) == (409, "Model ID already exists")
    priced = await admin.put(f"/admin/models/{number}", {"inputPricePerMtok": 2.5, "outputPricePerMtok": 12.5})
    assert priced.status == 200
    assert (priced.json["inputPricePerMtok"], priced.json["outputPricePerMtok"]) == (2.5, 12.5)
    one = (await admin.put(f"/admin/models/{number}", {"inputPricePerMtok": 3})).json
    assert (one["inputPricePerMtok"], one["outputPricePerMtok"]) == (3, 12.5)
    off = (await admin.put(f"/admin/models/{number}", {"isActive": False})).json
    assert (off["isActive"], off["name"], off["contextWindow"]) == (False, "GPT-5", 256_000)
    gone = await admin.delete(f"/admin/models/{number}")
    assert (gone.status, gone.json) == (200, {"message": "Model deleted successfully"})
    missing = await admin.get(f"/admin/models/{number}")
    assert (missing.status, missing.json["error"]) == (404, "Model not found")
    assert (await admin.delete(f"/admin/models/{number}")).status == 404
    back = await admin.post("/admin/models", GPT_5)
    assert back.status == 201
    assert back.json["id"] > number


async def test_the_documents_custom_model_is_taken(admin: Client) -> None:
    made = await admin.post("/admin/models", CUSTOM)
    assert made.status == 201
    assert made.json | CUSTOM == made.json
    assert made.json["knowledgeCutoff"] is None


async def test_every_field_can_be_changed_by_itself_and_an_object_can_be_sent_back_as_it_was(admin: Client) -> None:
    number = (await admin.post("/admin/models", CUSTOM)).json["id"]
    changes = {
        "name": "Another",
        "modelId": "custom-model-v2",
        "thinking": True,
        "contextWindow": 200_000,
        "maxOutput": 8_000,
        "knowledgeCutoff": "2024-06-01T00:00:00Z",
        "inputPricePerMtok": 0.05,
        "isActive": False,
    }
    for name, value in changes.items():
        assert (await admin.put(f"/admin/models/{number}", {name: value})).json[name] == value
    whole = (await admin.get(f"/admin/models/{number}")).json
    assert {name: whole[name] for name in changes} == changes
    assert (await admin.put(f"/admin/models/{number}", whole)).json == whole
    await admin.post("/admin/models", CUSTOM)
    taken = await admin.put(f"/admin/models/{number}", {"modelId": "custom-model-v1"})
    assert (taken.status, taken.json["error"]) == (409, "Model ID already exists")
    assert (await admin.put(f"/admin/models/{number}", {"endpointType": "anthropic"})).status == 400


async def test_the_default_is_neither_switched_off_nor_deleted(admin: Client, operator: Client) -> None:
    number = (await admin.post("/admin/models", CUSTOM)).json["id"]
    await operator.put("/default-model", {"model": "openai/custom-model-v1"})
    off = await admin.put(f"/admin/models/{number}", {"isActive": False})
    gone = await admin.delete(f"/admin/models/{number}")
    assert [(each.status, each.json["reason"]) for each in (off, gone)] == [(409, "is_default")] * 2


WRONG: list[tuple[dict[str, Any], str]] = [
    *(({name: ...}, name) for name in GPT_5 if name not in {"thinking", "knowledgeCutoff", "isActive"}),
    ({"endpointType": "google"}, "endpointType"),
    ({"contextWindow": "256000"}, "contextWindow"),
    ({"contextWindow": 0}, "contextWindow"),
    ({"contextWindow": 1.5}, "contextWindow"),
    ({"maxOutput": -1}, "maxOutput"),
    ({"maxOutput": 300_000}, "max_output"),
    ({"inputPricePerMtok": "5"}, "inputPricePerMtok"),
    ({"inputPricePerMtok": True}, "inputPricePerMtok"),
    ({"outputPricePerMtok": -1}, "outputPricePerMtok"),
    ({"thinking": "yes"}, "thinking"),
    ({"knowledgeCutoff": "soon"}, "knowledge_cutoff"),
    ({"name": ""}, "name"),
    ({"modelId": " padded "}, "model_id"),
    ({"voice": True}, "voice"),
]


@ON_SQLITE
@pytest.mark.parametrize(("change", "place"), WRONG, ids=str)
async def test_what_is_wrong_is_refused_with_its_place(admin: Client, change: dict[str, Any], place: str) -> None:
    body = {name: value for name, value in {**GPT_5, **change}.items() if value is not ...}
    refused = await admin.post("/admin/models", body)
    assert refused.status == 400
    assert [each["field"] for each in refused.json["errors"]] == [place]


@ON_SQLITE
@pytest.mark.parametrize("path", ["/admin/models/abc", "/admin/models/1e3"])
async def test_an_id_that_is_no_number_is_a_bad_request(admin: Client, path: str) -> None:
    assert (await admin.get(path)).status == 400


@pytest.mark.parametrize("number", [0, -1, 999_999, 2**31, 10**30])
async def test_a_number_that_nobody_has_is_not_found(admin: Client, number: int) -> None:
    assert (await admin.get(f"/admin/models/{number}")).status == 404


async def test_models_of_other_providers_and_organisations_are_not_there(
    admin: Client, operator: Client, house: OpenHouse
) -> None:
    await operator.post("/profiles", {"provider": "groq", "key": "gsk-0123456789abcdef"})
    await operator.post("/profiles/groq/sync", {"models": ["llama-3.3-70b-versatile"], "activate": True})
    number = (await operator.get("/models/groq/llama-3.3-70b-versatile")).json["number"]
    assert (await admin.get("/admin/models")).json == {"models": []}
    assert (await admin.get(f"/admin/models/{number}")).status == 404
    assert (await admin.get("/models")).status == 503


async def test_who_may_do_what(admin: Client, stranger: Client, operator: Client, house: OpenHouse) -> None:
    await with_profiles(operator)
    number = (await admin.post("/admin/models", CUSTOM)).json["id"]
    plain = Client(admin.application, (await client_of(operator, house, None)).headers, root_path=COMPAT_PREFIX)
    roles = {role: await client_of(operator, house, role) for role in Role}
    as_role = {role: Client(admin.application, each.headers, root_path=COMPAT_PREFIX) for role, each in roles.items()}
    admins_only: list[tuple[str, str, Any]] = [
        ("GET", "/admin/models", None),
        ("GET", f"/admin/models/{number}", None),
        ("POST", "/admin/models", GPT_5),
        ("PUT", f"/admin/models/{number}", {"name": "x"}),
        ("DELETE", f"/admin/models/{number}", None),
        ("POST", "/admin/models/populate", None),
    ]
    for method, path, body in admins_only:
        assert (await stranger.send(method, path, body)).status == 401, path
        for lower in (plain, as_role[Role.VIEWER], as_role[Role.MEMBER]):
            assert (await lower.send(method, path, body)).status == 403, path
        assert (await as_role[Role.ADMIN].send(method, path, body)).status in {200, 201}, path
    assert (await stranger.get("/user/settings")).status == 401
    assert (await plain.get("/user/settings")).status == 403
    assert [(await each.get("/user/settings")).status for each in as_role.values()] == [200, 200, 200]
    assert (await stranger.get("/models")).status == 401
    assert [(await each.get("/models")).status for each in (plain, *as_role.values())] == [200] * 4


async def test_a_key_sees_only_what_it_may_call(admin: Client, operator: Client) -> None:
    await with_profiles(operator)
    await admin.post("/admin/models/populate")
    key = (await operator.post("/keys", {"name": "narrow", "models": ["openai/gpt-4.1"]})).json["key"]
    narrow = Client(admin.application, {"authorization": f"Bearer {key}"}, root_path=COMPAT_PREFIX)
    assert (await narrow.get("/models")).json == {"openAI": ["gpt-4.1"]}


async def test_a_setting_makes_one_organisations_ids_public(
    house: OpenHouse, admin: Client, operator: Client, stranger: Client
) -> None:
    await with_profiles(operator)
    await admin.post("/admin/models", CUSTOM)
    assert (await stranger.get("/models")).status == 401
    public = Client(create_compat_api(house.house, None, lambda: "default"), {}, root_path=COMPAT_PREFIX)
    assert (await public.get("/models")).json == {"openAI": ["custom-model-v1"]}
    assert (await public.get("/admin/models")).status == 401
    assert (await public.get("/models", authorization="Bearer wrong")).status == 401
    nobodys = Client(create_compat_api(house.house, None, lambda: "none"), {}, root_path=COMPAT_PREFIX)
    assert (await nobodys.get("/models")).status == 503


async def test_settings_are_kept_merged_and_taken_away(admin: Client) -> None:
    empty = {"preferred_model": None, "model_parameters": {}, "warnings": []}
    assert (await admin.get("/user/settings")).json == empty
    set_ = await admin.post("/user/settings", SETTINGS)
    assert set_.status == 200
    assert {name: set_.json[name] for name in SETTINGS} == SETTINGS
    assert "openai/gpt-4 is not an active model" in set_.json["warnings"][0]
    merged = (await admin.put("/user/settings", {"model_parameters": {"temperature": 0, "top_p": None}})).json
    assert merged["model_parameters"] == {"temperature": 0, "max_tokens": 2000}
    assert merged["preferred_model"] == "openai/gpt-4"
    assert (await admin.get("/user/settings")).json == merged
    assert (await admin.post("/user/settings", {"preferred_model": None, "model_parameters": None})).json == empty


async def test_settings_are_everybodys_own(admin: Client, operator: Client, house: OpenHouse) -> None:
    await admin.post("/user/settings", SETTINGS)
    viewer = Client(admin.application, (await client_of(operator, house, Role.VIEWER)).headers, COMPAT_PREFIX)
    assert (await viewer.get("/user/settings")).json["preferred_model"] is None
    await viewer.post("/user/settings", {"model_parameters": {"temperature": 0.2}})
    assert (await admin.get("/user/settings")).json["model_parameters"] == SETTINGS["model_parameters"]


@ON_SQLITE
@pytest.mark.parametrize(
    "parameters",
    [{"temperature": 2.1}, {"temperature": "0.7"}, {"max_tokens": 0}, {"max_tokens": 1.5}, {"top_p": -0.1}, {"x": 1}],
    ids=str,
)
async def test_a_parameter_out_of_its_range_is_refused_with_its_place(
    admin: Client, parameters: dict[str, object]
) -> None:
    refused = await admin.post("/user/settings", {"model_parameters": parameters})
    assert refused.status == 400
    assert refused.json["errors"][0]["field"].startswith(f"model_parameters.{next(iter(parameters))}")


async def test_a_preferred_model_of_the_library_is_the_members_own_default(
    admin: Client, operator: Client, house: OpenHouse
) -> None:
    await with_profiles(operator)
    await admin.post("/admin/models", GPT_5)
    assert (await admin.post("/user/settings", {"preferred_model": "openai/gpt-5-turbo"})).json["warnings"] == []
    async with house.database.read() as connection:
        member = await members.get_member(connection, house.operator.member_id)
        model = await models.model_by_name(connection, house.operator.organisation_id, "openai", "gpt-5-turbo")
    assert member is not None
    assert model is not None
    assert member.default_model_id == model.id


async def test_a_preferred_model_counts_from_when_it_comes_and_both_doors_show_the_same(
    admin: Client, operator: Client, house: OpenHouse
) -> None:
    late = await admin.post(
        "/user/settings", {"preferred_model": "openai/gpt-5-turbo", "model_parameters": {"top_p": 1}}
    )
    own = (await operator.get("/preferences")).json
    assert own == {
        "default_model": "openai/gpt-5-turbo", "model_parameters": {"top_p": 1}, "warnings": late.json["warnings"],
    }  # fmt: skip
    assert (await operator.patch("/preferences", {"default_model": "openai/gpt-5-turbo"})).status == 404
    await with_profiles(operator)
    await admin.post("/admin/models", GPT_5)
    assert (await operator.get("/preferences")).json["warnings"] == []
    told = await operator.post("/explain", {"request": {"messages": []}})
    assert (told.json["model"], told.json["why"]) == ("openai/gpt-5-turbo", "the member's default")
    await operator.patch("/preferences", {"default_model": None, "model_parameters": {"stop": ["END"]}})
    assert (await admin.get("/user/settings")).json == {
        "preferred_model": None, "model_parameters": {"stop": ["END"], "top_p": 1}, "warnings": [],
    }  # fmt: skip


async def test_a_profile_that_was_made_without_a_key_takes_the_environments_at_the_next_start(
    admin: Client, operator: Client
) -> None:
    await admin.post("/admin/models", CUSTOM)
    profile = (await operator.get("/profiles/openai")).json
    assert (profile["key"]["state"], profile["origin"]) == ("missing", "environment")


def test_every_route_says_who_may_call_it() -> None:
    for path, methods in compat_document()["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"], path
            policy = operation["x-policy"]
            assert policy["role"] == ("admin" if "/admin/" in path else "viewer" if "/user/" in path else "anyone")
            assert (policy["audit"] != "none") == (method != "get"), path
