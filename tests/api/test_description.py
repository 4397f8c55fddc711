"""Whatever a program sends by our description, or against it: no fault of ours, no answer that it does not name.

Cases are made by schemathesis from the OpenAPI documents; they are sent in this process.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import quote, urlencode

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.core import NotSet
from schemathesis.generation import GenerationMode

from modelhall.api.app import PREFIX, create_control_api, openapi_document
from modelhall.api.compat.app import COMPAT_PREFIX, compat_document, create_compat_api
from tests.api.test_compat import CUSTOM
from tests.support.asgi import Answer, Client
from tests.support.house import TOKEN, OpenHouse

# What is there, so that not every name leads nowhere.
THERE: Mapping[str, tuple[str, ...]] = {
    "id": ("work", "app", "none"),
    "key": ("none",),
    "name": ("work/custom-model-v1", "openai", "fast", "none/none"),
    "number": ("1", "2", "0"),
}
IN_BODIES: Mapping[str, object] = {
    "model": "work/custom-model-v1",
    "models": ["work/custom-model-v1"],
    "profile": "work",
    "provider": "openai",
}
# The operator's own, which would end the test: they replace keys, or write whole files.
NOT_CALLED = frozenset({"POST /backup", "POST /master-key/rotate"})
PATIENT = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)
# Statuses that name somebody else's trouble: a provider that cannot be reached from a test.
ELSEWHERE = frozenset({502, 503, 504})


@dataclass(slots=True)
class Found:
    """What was seen."""

    cases: int = 0
    by_status: dict[int, int] = field(default_factory=dict[int, int])
    wrong: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True)
class Api:
    """An application with its description."""

    document: Mapping[str, Any]
    client: Client

    def fault(self, operation: Mapping[str, Any], answer: Answer) -> str | None:
        """What is wrong with this answer."""
        if answer.status >= 500 and answer.status not in ELSEWHERE:
            return "a fault of ours"
        if answer.status == 503 and answer.json.get("code") in {"own_trouble", "database_unavailable"}:
            return "trouble of our own"
        told = operation["responses"].get(str(answer.status)) or operation["responses"].get("default")
        if told is None or (answer.status < 400 and str(answer.status) not in operation["responses"]):
            return "a status that the description does not name"
        return self._body_fault(told, answer)

    def _body_fault(self, told: Mapping[str, Any], answer: Answer) -> str | None:
        kind = answer.headers.get("content-type", "").partition(";")[0]
        content = told.get("content", {}).get(kind)
        if not answer.body:
            # Lines of text may be none at all; JSON is never nothing.
            lines = content is not None and not kind.endswith(("/json", "+json"))
            return None if lines or "content" not in told else "no body where one is described"
        if content is None:
            return f"a body of a kind that is not described: {kind}"
        if not kind.endswith(("/json", "+json")):
            return None
        schema = {**content["schema"], "components": self.document["components"]}
        if not jsonschema_rs.validator_for(schema).is_valid(answer.json):
            return "a body that is not as described"
        return None


async def apis(house: OpenHouse) -> list[Api]:
    """Both applications, of a house with something in it."""
    headers = {"authorization": f"Bearer {TOKEN}"}
    own = Client(create_control_api(house.house), headers, root_path=PREFIX)
    compat = Client(create_compat_api(house.house), headers, root_path=COMPAT_PREFIX)
    nobody = {"base_url": "http://127.0.0.1:9/v1", "allow_private": True}
    await own.post("/profiles", {"provider": "openai", "id": "work", "key": "sk-0123456789abcdef", **nobody})
    await compat.post("/admin/models", CUSTOM)
    await own.put("/aliases/fast", {"models": ["work/custom-model-v1"]})
    await own.post("/keys", {"name": "app"})
    return [Api(openapi_document(), own), Api(compat_document(), compat)]


@pytest.mark.full
async def test_nothing_that_is_sent_by_the_description_finds_a_fault(
    house: OpenHouse, how_many: Callable[[int, int], int]
) -> None:
    found, loop = Found(), asyncio.get_running_loop()
    every = [(api, operation) for api in await apis(house) for operation in operations_of(api)]
    # Each half runs on its own kind of database; both together are the whole.
    each = -(-how_many(100, 2600) // (2 * len(every)))
    for api, operation in every:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            await asyncio.to_thread(run, api, operation, mode, each, found, loop)
    print(f"{found.cases} cases, by status: {dict(sorted(found.by_status.items()))}")
    assert found.wrong == []
    assert found.by_status.get(200, 0) > len(every) // 4
    assert found.cases >= how_many(100, 2500)


def operations_of(api: Api) -> Iterator[Any]:
    """Every operation of its description that may be called here."""
    for result in schemathesis.openapi.from_dict(dict(api.document)).get_all_operations():
        operation: Any = cast(Any, result).ok()
        if operation.label not in NOT_CALLED:
            yield operation


def run(api: Api, operation: Any, mode: Any, count: int, found: Found, loop: asyncio.AbstractEventLoop) -> None:
    """So many cases of one operation, in a thread of their own while the house lives in the loop."""
    raw = api.document["paths"][operation.path][operation.method]

    @settings(max_examples=count, deadline=None, database=None, derandomize=True, suppress_health_check=PATIENT)
    @given(case=cases_of(operation, mode), place=st.integers(0, 3))
    def one(case: Any, place: int) -> None:
        path, body = target_of(case, place), body_of(case, place)
        sent = api.client.send(operation.method.upper(), path, body, headers_of(case))
        answer = asyncio.run_coroutine_threadsafe(sent, loop).result(60)
        found.cases += 1
        found.by_status[answer.status] = found.by_status.get(answer.status, 0) + 1
        if fault := api.fault(raw, answer):
            found.wrong.append(
                f"{operation.label}: {fault}: {path} {body!r:.600} → {answer.status} {answer.body!r:.600}"
            )

    one()


def cases_of(operation: Any, mode: Any) -> Any:
    """Cases by the description or against it; what takes nothing has nothing to be against."""
    try:
        strategy = operation.as_strategy(generation_mode=mode)
        strategy.validate()
    except Exception:  # noqa: BLE001 - the library's own classes for an operation that cannot be broken
        return operation.as_strategy()
    return strategy | operation.as_strategy() if mode is GenerationMode.NEGATIVE else strategy


def target_of(case: Any, place: int) -> str:
    """Path and query; mostly of something that is there."""
    path = case.path
    for name, value in (case.path_parameters or {}).items():
        known = THERE.get(name, ())
        text = known[place] if place < len(known) else quote(str(value), safe="/")
        path = path.replace(f"{{{name}}}", text)
    query = urlencode([(name, value) for name, value in (case.query or {}).items()], doseq=True)
    return f"{path}?{query}" if query else path


def body_of(case: Any, place: int) -> bytes | None:
    """The body as it is sent; often with names of what is there."""
    body = case.body
    if isinstance(body, NotSet):
        return None
    if isinstance(body, dict) and place < 2:
        body = {name: IN_BODIES.get(name, value) if value else value for name, value in body.items()}
    return body if isinstance(body, bytes) else json.dumps(body).encode()


def headers_of(case: Any) -> dict[str, str]:
    """Its headers but for those that say who is asking."""
    given_ = {str(name).lower(): str(value) for name, value in (case.headers or {}).items()}
    kept = {name: value for name, value in given_.items() if name not in {"authorization", "cookie"}}
    return {name: value for name, value in kept.items() if value.isascii() and value.isprintable()}
