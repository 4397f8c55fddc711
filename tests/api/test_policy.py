"""Every route declares its policy; whether it does what that says, the matrix shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from modelhall.api.app import PREFIX, openapi_document
from modelhall.domain.people import Role
from tests.support.asgi import Client
from tests.support.house import OpenHouse

CHANGES = frozenset({"post", "put", "patch", "delete"})
RANK = {"anyone": 0, "key": 1, "viewer": 2, "member": 3, "admin": 4, "operator": 5}
CHANGES_NOTHING = frozenset(
    {
        "/configuration/plan",
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


def test_only_coming_in_and_the_description_are_open_to_all() -> None:
    open_ones = {path for _, path, operation in operations() if operation["x-policy"]["role"] == "anyone"}
    signing_in = {"/sessions", "/sign-in", "/sign-in/{id}", "/sign-in/{id}/callback", "/invitations/accept"}
    assert open_ones == signing_in | {"/openapi.json"}


async def client_of(operator: Client, house: OpenHouse, role: Role | None) -> Client:
    """A client with a key of that role, which belongs to a member with it; without a role a plain key."""
    body: dict[str, Any] = {"name": f"key-{role.word if role else 'plain'}"}
    if role is not None:
        await house.member(role.word, role)
        body |= {"role": role.word, "owner": role.word}
    key = (await operator.post("/keys", body)).json["key"]
    return Client(operator.application, {"authorization": f"Bearer {key}"}, root_path=PREFIX)


async def test_force_is_for_admins(operator: Client, house: OpenHouse) -> None:
    member = await client_of(operator, house, Role.MEMBER)
    assert (await member.delete("/models/none/none")).status == 404
    assert (await member.delete("/models/none/none?force=true")).json["code"] == "role_too_low"
