"""What every answer has in common, and how failures are told."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from modelhall.api.app import PREFIX, create_control_api, openapi_document
from modelhall.domain.errors import DatabaseUnavailable
from modelhall.services.house import Vitals
from tests.support.asgi import Client
from tests.support.house import ON_SQLITE, OpenHouse


@ON_SQLITE
async def test_every_answer_says_its_request_and_is_kept_by_nobody(operator: Client, nobody: Client) -> None:
    for answer in (await operator.get("/status"), await nobody.get("/status"), await nobody.get("/nothing")):
        assert len(answer.headers["x-request-id"]) == 36
        assert answer.headers["cache-control"] == "no-store"


@ON_SQLITE
async def test_a_problem_has_all_its_fields(nobody: Client) -> None:
    answer = await nobody.get("/keys")
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json
    assert problem["type"] == "about:blank#no_key"
    assert (problem["status"], problem["code"], problem["title"]) == (401, "no_key", "No key")
    assert problem["request_id"] == answer.headers["x-request-id"]


@ON_SQLITE
@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/keys/", 404, "not_found"),
        ("PUT", "/keys", 405, "method_not_allowed"),
        ("GET", "/models/a%00b", 400, "bad_request"),
        ("GET", "/models?q=%00", 400, "bad_request"),
        ("GET", "/docs", 404, "not_found"),
        ("GET", "/models?active=perhaps", 400, "bad_request"),
    ],
)
async def test_what_cannot_be_routed_is_a_problem_too(
    operator: Client, method: str, path: str, status: int, code: str
) -> None:
    answer = await operator.send(method, path)
    assert (answer.status, answer.json["code"]) == (status, code)


@ON_SQLITE
@pytest.mark.parametrize("body", [b"{", b"[]", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"name": "\\ud800"}'])
async def test_a_body_that_is_none_is_a_bad_request(operator: Client, body: bytes) -> None:
    answer = await operator.post("/keys", body)
    assert (answer.status, answer.json["code"]) == (400, "bad_request")


@ON_SQLITE
async def test_a_body_has_an_end(operator: Client) -> None:
    answer = await operator.post("/keys", {"name": "x" * 1_100_000})
    assert (answer.status, answer.json["code"]) == (413, "too_large")


@ON_SQLITE
async def test_what_was_sent_is_not_repeated(operator: Client) -> None:
    answer = await operator.post("/profiles", {"provider": "openai", "key": ["sk-secret-in-a-list"]})
    assert answer.status == 400
    assert b"sk-secret" not in answer.body


@ON_SQLITE
async def test_a_fault_of_ours_is_told_without_its_inside(
    house: OpenHouse, operator: Client, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(dict[str, Any]):
        def __getitem__(self, name: str) -> Any:
            raise RuntimeError("the inside of the house")

        def __iter__(self) -> Any:
            raise RuntimeError("the inside of the house")

    object.__setattr__(house.house, "providers", Broken())
    with caplog.at_level(logging.ERROR):
        answer = await operator.get("/providers")
    assert (answer.status, answer.json["code"]) == (500, "internal_error")
    assert b"inside" not in answer.body
    assert answer.json["request_id"] in caplog.text
    assert "the inside of the house" in caplog.text


async def test_a_database_that_does_not_answer_is_our_trouble_and_never_the_callers(
    house: OpenHouse, operator: Client
) -> None:
    class Dead:
        dialect = "sqlite"

        def read(self) -> Any:
            raise DatabaseUnavailable("the database does not answer", retry_after_s=1)

        async def change_number(self) -> int:
            raise DatabaseUnavailable("the database does not answer", retry_after_s=1)

    object.__setattr__(house.house, "database", Dead())
    answer = await operator.get("/keys")
    assert (answer.status, answer.json["code"], answer.headers["retry-after"]) == (503, "database_unavailable", "1")
    status = await operator.get("/status")
    assert (status.status, status.json["counts"], status.json["change_number"]) == (200, None, None)
    assert "the database does not answer" in status.json["warnings"]


async def test_the_description_is_openapi_3_1_and_the_same_without_a_house(nobody: Client) -> None:
    answer = await nobody.get("/openapi.json")
    assert answer.json == openapi_document()
    assert answer.json["openapi"] == "3.1.0"
    assert answer.json["servers"] == [{"url": PREFIX}]
    assert "422" not in answer.body.decode()


async def test_the_house_is_told_part_by_part(house: OpenHouse, operator: Client) -> None:
    await operator.post("/profiles", {"provider": "openai", "id": "work"})
    status = (await operator.get("/status")).json
    assert status["ready"] is True
    assert status["counts"] == {"profiles": 1, "models": 0, "active_models": 0, "keys": 0}
    assert status["profiles"] == [{"id": "work", "provider": "openai", "key": "missing"}]
    assert "work" in status["warnings"][0]
    assert status["engine"]["state"] == "fetching"
    assert status["database"] == house.database.dialect


@ON_SQLITE
async def test_a_house_that_is_not_ready_says_which_part(house: OpenHouse) -> None:
    vitals = Vitals("0", house.house.vitals().started_at, "os", {"database": "ok", "snapshot": "none yet"})
    object.__setattr__(house.house, "vitals", lambda: vitals)
    client = Client(create_control_api(house.house), {"authorization": f"Bearer {house.house.operator_token}"}, PREFIX)
    status = (await client.get("/status")).json
    assert (status["ready"], status["parts"]["snapshot"]) == (False, "none yet")
