"""Every route × every caller × own, other people's and absent objects: each cell as the declared policy says."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from modelhall.api.app import PREFIX, create_control_api, openapi_document
from modelhall.domain.ids import new_id
from modelhall.domain.people import Actor, Role
from modelhall.domain.sign_in import SignIn, SignInProvider
from modelhall.domain.virtual_keys import new_key, shown
from modelhall.services.keys.create_key import NewKey, create_key
from modelhall.services.members.switch_account import switch_account
from modelhall.services.sessions.open_session import open_session
from modelhall.storage import keys, members, verdicts
from modelhall.storage.keys import KeyDraft
from modelhall.storage.verdicts import Verdict
from tests.api.matrix_requests import BODIES, address_of
from tests.conftest import FULL
from tests.support.asgi import Answer, Client
from tests.support.house import TOKEN, OpenHouse, open_test_house

RANK = {"anyone": 0, "key": 1, "viewer": 2, "member": 3, "admin": 4, "operator": 5}
REFUSALS = {"no_key", "unknown_key", "key_expired", "session_over", "role_too_low"}
LETTERS = {"default": "abcd", "labs": "wxyz", "nowhere": "mnop"}
"""Names of different places have no letter in common: then no refusal offers one instead of the other."""
BASE = {"default": "abcd", "labs": "wxyz"}
"""A profile that stays, and its model."""
NOT_CALLED = frozenset({"post /backup"})
"""By who may: it makes a file of the whole house."""


@dataclass(slots=True)
class Persona:
    """Somebody who calls."""

    client: Client
    rank: int
    """Of the highest policy that lets them in."""
    refused_with: str
    """The code where it does not."""
    home: str = "default"


@dataclass(slots=True)
class World:
    """Two organisations full of people and objects."""

    house: OpenHouse
    operator: Client
    labs: Client
    personas: dict[str, Persona]
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1000, 100_000)))
    standing: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])
    """Objects that nobody who is asked with them may change, by kind and organisation."""

    def name(self, place: str) -> str:
        """One that nothing has yet."""
        letters, number, name = LETTERS[place], next(self.numbers), ""
        while number:
            number, digit = divmod(number, len(letters))
            name += letters[digit]
        return name

    async def one_that_stays(self, kind: str, place: str) -> str:
        """An object for callers who may not touch it."""
        if (kind, place) not in self.standing:
            self.standing[kind, place] = await MAKERS[kind](self, place)
        return self.standing[kind, place]

    def admin_of(self, organisation: str) -> Client:
        return self.operator if organisation == "default" else self.labs


Maker = Callable[[World, str], Awaitable[str]]


async def a_profile(world: World, place: str) -> str:
    name = world.name(place)
    body = {"provider": "openai-compatible", "id": name, "base_url": "http://127.0.0.1:9/v1", "allow_private": True}
    return done(await world.admin_of(place).post("/profiles", body)).json["id"]


async def a_model(world: World, place: str) -> str:
    body = {"profile": BASE[place], "model_id": world.name(place)}
    done(await world.admin_of(place).post("/models", body))
    return f"{body['profile']}/{body['model_id']}"


async def an_offered_model(world: World, place: str) -> str:
    name = await a_model(world, place)
    done(await world.admin_of(place).patch(f"/models/{name}", {"active": True}))
    return name


async def a_known_model(world: World, place: str) -> str:
    name, body = await a_model(world, place), BODIES["put /evidence/{fact}/{name}"]
    done(await world.admin_of(place).put(f"/evidence/zero_retention/{name}", body))
    return name


async def an_alias(world: World, place: str) -> str:
    name = world.name(place)
    done(await world.admin_of(place).put(f"/aliases/{name}", {"models": [f"{BASE[place]}/{BASE[place]}"]}))
    return name


async def a_collection(world: World, place: str) -> str:
    name = world.name(place)
    done(await world.admin_of(place).put(f"/collections/{name}", {"models": [f"{BASE[place]}/{BASE[place]}"]}))
    return name


async def a_project(world: World, place: str) -> str:
    return done(await world.admin_of(place).post("/projects", {"id": world.name(place)})).json["id"]


async def a_key(world: World, place: str) -> str:
    return done(await world.admin_of(place).post("/keys", {"name": world.name(place)})).json["id"]


async def an_invitation(world: World, place: str) -> str:
    return done(await world.admin_of(place).post("/invitations", {"login": world.name(place)})).json["id"]


async def a_member(world: World, place: str) -> str:
    return (await world.house.member(world.name(place), Role.MEMBER, place)).member_id


async def a_session(world: World, place: str) -> str:
    login = await world.house.member(world.name(place), Role.VIEWER, place)
    client = await signed_in(world.house, world.operator, login)
    return (await client.get("/sessions")).json["items"][0]["id"]


async def a_rated_model(world: World, place: str) -> str:
    name, rater = f"{BASE[place]}/{world.name(place)}", await world.house.member(world.name(place), Role.MEMBER, place)
    said = Verdict(rater.organisation_id, rater.member_id, new_id(), name, 4, None, 1, 2, datetime.now(UTC))
    async with world.house.database.change(rater) as change:
        await verdicts.put_verdict(change.connection, said)
        await change.audit("model.rate", "call", said.call_id, name)
    return name


async def a_provider(_world: World, _place: str) -> str:
    return "openai"


async def a_program(_world: World, _place: str) -> str:
    return "aiderdesk"


async def a_sign_in(_world: World, _place: str) -> str:
    return "corp"


MAKERS: Mapping[str, Maker] = {
    "profiles": a_profile,
    "models": a_model,
    "deleted-models": a_model,
    "model-history": a_model,
    "model-undo": a_model,
    "model-state": a_model,
    "model-verdicts": a_rated_model,
    "evidence": a_known_model,
    "snippets": an_offered_model,
    "prices": a_model,
    "aliases": an_alias,
    "collections": a_collection,
    "projects": a_project,
    "keys": a_key,
    "invitations": an_invitation,
    "members": a_member,
    "sessions": a_session,
    "providers": a_provider,
    "imports": a_program,
    "sign-in": a_sign_in,
}
NAMED_LIKE_MODELS = frozenset({a_model, a_rated_model, an_offered_model, a_known_model})
OF_THE_HOUSE = frozenset({"providers", "imports", "sign-in"})
"""What all organisations share: there is no foreign one."""
BY_ID = frozenset({"keys", "invitations", "members", "sessions", "calls"})
OF_ONE_PERSON = frozenset({"keys", "sessions"})
"""What a member sees of their own only: what others made in the same organisation looks absent too."""


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncGenerator[World]:
    sign_in = SignIn({"corp": SignInProvider(id="corp", name="Corp", issuer="http://127.0.0.1:9", client_id="hall")})
    async with open_test_house(database_url, tmp_path, sign_in=sign_in) as house:
        nobody = Client(create_control_api(house.house), {}, root_path=PREFIX)
        operator = Client(nobody.application, {"authorization": f"Bearer {TOKEN}"}, root_path=PREFIX)
        people = {role.word: await house.member(f"a-{role.word}", role) for role in Role}
        other = await house.member("elsewhere", Role.ADMIN, "labs")
        disabled = await house.member("disabled", Role.ADMIN)
        personas = {
            role.word: Persona(
                await signed_in(house, nobody, people[role.word]),
                RANK[role.word],
                "role_too_low",
            )
            for role in Role
        }
        personas["anonymous"] = Persona(nobody, 0, "no_key")
        elsewhere = await signed_in(house, nobody, other)
        personas["elsewhere"] = Persona(elsewhere, RANK["admin"], "role_too_low", "labs")
        personas["disabled"] = Persona(await signed_in(house, nobody, disabled), 0, "session_over")
        await switch_account(house.house, house.operator, "disabled", off=True)
        plain = await create_key(house.house, people["admin"], NewKey(name="plain"))
        personas["plain key"] = Persona(with_key(nobody, plain.text), 1, "role_too_low")
        wanted = NewKey(name="service", role="member", owner="a-member")
        service = await create_key(house.house, people["admin"], wanted)
        personas["service key"] = Persona(with_key(nobody, service.text), RANK["member"], "role_too_low")
        personas["expired key"] = Persona(with_key(nobody, await an_expired_key(house)), 0, "key_expired")
        personas["operator"] = Persona(operator, RANK["operator"], "")
        made = World(house, operator, elsewhere, personas)
        for place in ("default", "labs"):
            body = {"provider": "openai-compatible", "id": BASE[place], "base_url": "http://127.0.0.1:9/v1"}
            done(await made.admin_of(place).post("/profiles", {**body, "allow_private": True}))
            done(await made.admin_of(place).post("/models", {"profile": BASE[place], "model_id": BASE[place]}))
        yield made


@pytest.mark.full
@pytest.mark.parametrize(
    "database_url", ["sqlite", *(["postgresql"] if FULL else [])], indirect=True
)  # the small form runs on one database: policies ask none
async def test_every_cell_is_as_the_declared_policy_says(world: World) -> None:
    wrong: list[str] = []
    for method, path, policy in operations():
        for who, persona in world.personas.items():
            if f"{method} {path}" in NOT_CALLED and persona.rank >= RANK[policy["role"]]:
                continue
            wrong += [
                f"{who}: {method} {path}: {each}" async for each in faults_of(world, persona, method, path, policy)
            ]
    assert wrong == [], "\n".join(wrong)


async def faults_of(
    world: World, persona: Persona, method: str, path: str, policy: Mapping[str, str]
) -> AsyncGenerator[str]:
    """What is not as it should be in the cells of one route and one caller."""
    body, kind = BODIES.get(f"{method} {path}"), path.split("/")[1]

    async def asked(name: str) -> Answer:
        return await persona.client.send(method.upper(), address_of(method, path, name), body)

    allowed = persona.rank >= RANK[policy["role"]]
    absent_name = await absent(world, kind)
    nothing = await asked(absent_name)
    if fault := fault_in(nothing, allowed, persona):
        yield f"absent: {fault}"
    if "{" not in path or kind not in MAKERS:
        return
    own_name = await (MAKERS[kind](world, persona.home) if allowed else world.one_that_stays(kind, persona.home))
    others_own = await asked(own_name)
    if fault := fault_in(others_own, allowed, persona):
        yield f"own organisation's: {fault}"
    if allowed and kind in OF_ONE_PERSON and (kind == "sessions" or persona.rank < RANK["admin"]):
        if told(others_own, own_name) != told(nothing, absent_name):
            yield f"somebody else's is told from an absent one: {told(others_own, own_name)}"
    elif allowed and method == "get" and told(others_own, own_name) == told(nothing, absent_name):
        yield f"the own organisation's is not told from an absent one: {told(others_own, own_name)}"
    if kind in OF_THE_HOUSE:
        return
    foreign_name = await world.one_that_stays(kind, "labs" if persona.home == "default" else "default")
    foreign = await asked(foreign_name)
    if told(foreign, foreign_name) != told(nothing, absent_name):
        yield f"a foreign one is told from an absent one: {told(foreign, foreign_name)} {told(nothing, absent_name)}"


def fault_in(answer: Answer, allowed: bool, persona: Persona) -> str | None:
    """What is wrong with an answer, seen by who may call the route."""
    code = answer.json.get("code") if answer.headers.get("content-type", "").endswith("problem+json") else ""
    if answer.status >= 500 and code not in {"provider_unreachable", "key_missing", "sign_in_unavailable"}:
        return f"{answer.status} {code}"
    if allowed:
        return f"{answer.status} {code}" if code in REFUSALS else None
    status = 403 if code == "role_too_low" else 401
    return None if (answer.status, code) == (status, persona.refused_with) else f"{answer.status} {code}"


def told(answer: Answer, name: str) -> tuple[int, object]:
    """What somebody learns from an answer, but for the name that they asked for themselves."""
    body = answer.body.decode().replace(name, "NAME")
    if name.count("/"):
        body = body.replace(name.partition("/")[2], "NAME").replace(name.partition("/")[0], "NAME")
    request_id = answer.headers["x-request-id"]
    return answer.status, body.replace(request_id, "ID")


def operations() -> list[tuple[str, str, Mapping[str, str]]]:
    """Method, path and policy of every route; signing out comes last."""
    found = [
        (method, path, operation["x-policy"])
        for path, methods in openapi_document()["paths"].items()
        for method, operation in methods.items()
    ]
    return sorted(found, key=lambda each: each[:2] == ("delete", "/session"))


async def absent(world: World, kind: str) -> str:
    """A name like those of that kind, of nothing."""
    if kind in BY_ID:
        return new_id()
    name = world.name("nowhere")
    return f"{name}/{name}" if MAKERS.get(kind) in NAMED_LIKE_MODELS else name


async def signed_in(house: OpenHouse, client: Client, actor: Actor) -> Client:
    """A session of that member; what it asks comes from the own page."""
    async with house.database.read() as connection:
        member = await members.get_member(connection, actor.member_id)
    assert member is not None
    session = await open_session(house.house, member)
    headers = {"cookie": f"__Host-modelhall={session.token}", "sec-fetch-site": "same-origin"}
    return Client(client.application, headers, root_path=PREFIX)


async def an_expired_key(house: OpenHouse) -> str:
    """Of the operator, with the role of an admin."""
    text = new_key()
    draft = KeyDraft(
        organisation_id=house.operator.organisation_id,
        member_id=house.operator.member_id,
        name="expired",
        digest=house.house.vault.digest(text),
        shown=shown(text),
        role=Role.ADMIN,
        expires_at=datetime.now(UTC) - timedelta(minutes=1),
    )
    async with house.database.change(house.operator) as change:
        key = await keys.insert_key(change.connection, draft)
        await change.audit("key.create", "key", key.id, key.name)
    return text


def with_key(client: Client, text: str) -> Client:
    return Client(client.application, {"authorization": f"Bearer {text}"}, root_path=PREFIX)


def done(answer: Answer) -> Answer:
    """What the test itself needs must work."""
    assert answer.status < 300, answer.body
    return answer


def test_every_kind_of_object_is_in_the_matrix() -> None:
    kinds = {path.split("/")[1] for _, path, _ in operations() if "{" in path}
    assert kinds - set(MAKERS) == {"calls"}, "say how an object of this kind is made"
