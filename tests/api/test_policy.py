"""Every route does what its declared policy says, for every kind of identity."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from modelhall.api.app import PREFIX, openapi_document
from modelhall.domain.people import Role
from tests.support.asgi import Client
from tests.support.house import OpenHouse

CHANGES = frozenset({"post", "put", "patch", "delete"})
RANK = {"anyone": 0, "key": 1, "viewer": 2, "member": 3, "admin": 4, "operator": 5}
# Where a route takes a body, one that is well-formed and asks for nothing that is there.
BODIES: dict[str, Any] = {
    "post /sessions": {"link": "no-such-code"},
    "post /profiles": {"provider": "no-such-provider"},
    "post /profiles/test": {"provider": "no-such-provider"},
    "patch /profiles/{id}": {"notes": "x"},
    "post /profiles/{id}/sync": {"models": ["x"]},
    "post /profiles/{id}/keys": {"key": "sk-of-nobody"},
    "put /aliases/{name}": {"models": ["no/such"]},
    "post /models": {"profile": "none", "model_id": "x"},
    "post /models/test": {"model": "no/such"},
    "post /models/probe": {"model": "no/such"},
    "patch /models/{name}": {"hidden": True},
    "post /models/batch": {"action": "hide", "models": ["no/such"]},
    "post /model-undo/{name}": {},
    "put /collections/{name}": {"models": ["no/such"]},
    "patch /library-settings": {},
    "patch /preferences": {},
    "put /default-model": {"model": "no/such"},
    "put /prices/{name}": {"input_per_mtok": "1"},
    "post /projects": {"id": "x", "models": ["no/such"]},
    "patch /projects/{id}": {"notes": "x"},
    "post /keys": {"name": "x", "project": "no-such-project"},
    "post /sign-in/{id}/people": {"subject": "x", "login": "nobody"},
    "post /master-key/rotate": {"new_key": "bad"},
}


CHANGES_NOTHING = frozenset(
    {
        "/explain",
        "/models/test",
        "/profiles/test",
        "/profiles/{id}/test",
        "/profiles/{id}/discover",
        "/sign-in/{id}/test",
    }
)
"""Asked with a body, or asks a provider anew, and changes nothing people set; a trial has its row in the ledger."""


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in openapi_document()["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


def test_every_route_declares_who_may_call_it() -> None:
    for method, path, operation in operations():
        policy = operation["x-policy"]
        assert policy["role"] in RANK, path
        assert policy["objects"], path
        assert policy["audit"] != "none" or method not in CHANGES or path in CHANGES_NOTHING, path


def test_only_signing_in_and_the_description_are_open_to_all() -> None:
    open_ones = {path for _, path, operation in operations() if operation["x-policy"]["role"] == "anyone"}
    signing_in = {"/sessions", "/sign-in", "/sign-in/{id}", "/sign-in/{id}/callback"}
    assert open_ones == signing_in | {"/openapi.json"}


async def test_every_route_lets_in_whom_it_says_and_nobody_else(operator: Client, house: OpenHouse) -> None:
    callers = {"nobody": (0, Client(operator.application, {}, root_path=PREFIX))}
    callers["plain key"] = (1, await client_of(operator, house, None))
    for role in Role:
        callers[role.word] = (RANK[role.word], await client_of(operator, house, role))
    callers["operator"] = (5, operator)
    wrong: list[str] = []
    for method, path, operation in operations():
        needed = RANK[operation["x-policy"]["role"]]
        for who, (rank, client) in callers.items():
            if (method, path) == ("post", "/backup") and who == "operator":
                continue
            answer = await client.send(method.upper(), concrete(path), BODIES.get(f"{method} {path}"))
            code = answer.json.get("code") if answer.headers.get("content-type", "").endswith("problem+json") else ""
            if rank >= needed:
                right = answer.status < 500 and (code not in {"no_key", "role_too_low"})
            elif rank == 0:
                right = (answer.status, code) == (401, "no_key")
            else:
                right = (answer.status, code) == (403, "role_too_low")
            if not right:
                wrong.append(f"{who}: {method} {path} → {answer.status} {code}")
    assert wrong == []


async def client_of(operator: Client, house: OpenHouse, role: Role | None) -> Client:
    """A client with a key of that role, which belongs to a member with it; without a role a plain key."""
    body: dict[str, Any] = {"name": f"key-{role.word if role else 'plain'}"}
    if role is not None:
        await house.member(role.word, role)
        body |= {"role": role.word, "owner": role.word}
    key = (await operator.post("/keys", body)).json["key"]
    return Client(operator.application, {"authorization": f"Bearer {key}"}, root_path=PREFIX)


def concrete(path: str) -> str:
    """The path of something that is not there."""
    plain = {"providers": "openai", "aliases": "none", "collections": "none"}
    name = plain.get(path.split("/")[1], "none/none")
    return path.replace("{id}", "none").replace("{key}", "none").replace("{name}", name)


async def test_force_is_for_admins(operator: Client, house: OpenHouse) -> None:
    member = await client_of(operator, house, Role.MEMBER)
    assert (await member.delete("/models/none/none")).status == 404
    assert (await member.delete("/models/none/none?force=true")).json["code"] == "role_too_low"
