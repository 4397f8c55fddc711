"""A house that people sign in to by a provider, and a browser."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest

from modelhall.api.app import PREFIX, Way, create_control_api
from modelhall.domain.people import Role
from modelhall.domain.sign_in import SignIn, SignInProvider
from tests.support.asgi import Answer, Client
from tests.support.house import OpenHouse, open_test_house
from tests.support.oidc import AUDIENCE, CLIENT, LocalProvider, local_provider

PUBLIC = "https://models.example/hall"
SESSION = "__Host-modelhall"
ROLES = {"hall-admins": Role.ADMIN, "staff": Role.MEMBER}


def configured(provider: LocalProvider, **more: Any) -> SignInProvider:
    """The provider as an operator describes it."""
    told: dict[str, Any] = {
        "id": "corp",
        "name": "Example Corp",
        "issuer": provider.issuer,
        "client_id": CLIENT,
        "client_secret": "env:CLIENT_SECRET",
        "audience": AUDIENCE,
        "role_claim": "groups",
        "roles": ROLES,
        "default_role": Role.VIEWER,
        "auto_create": True,
    }
    return SignInProvider(**told | more)


@dataclass(slots=True)
class Browser:
    """A browser: keeps cookies, and says from which page it asks."""

    client: Client
    cookies: dict[str, str] = field(default_factory=dict)

    async def send(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        if self.cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = await self.client.send(method, path, body, {"sec-fetch-site": "same-origin", **headers})
        self.keep(answer)
        return answer

    def keep(self, answer: Answer) -> None:
        """Takes over the cookies of an answer."""
        for cookie in answer.cookies:
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(cookie).items()}
        self.cookies = {name: value for name, value in self.cookies.items() if value}

    async def begin(self, provider: str = "corp", **body: str) -> str:
        """The address of the provider's page."""
        answer = await self.send("POST", f"/sign-in/{provider}", body)
        assert answer.status == 200, answer.body
        return answer.json["address"]

    async def come_back(self, address: str) -> Answer:
        """Follows the provider's redirect to us."""
        assert address.startswith(PUBLIC + PREFIX), address
        return await self.send("GET", address.removeprefix(PUBLIC + PREFIX))

    async def sign_in(self, at: LocalProvider, provider: str = "corp") -> Answer:
        """The whole way."""
        return await self.come_back(await at.visit(await self.begin(provider)))

    @property
    def is_in(self) -> bool:
        """Whether there is a session."""
        return SESSION in self.cookies


@pytest.fixture
async def provider() -> AsyncGenerator[LocalProvider]:
    """The provider `corp`."""
    async with local_provider() as running:
        yield running


@pytest.fixture
def providers(provider: LocalProvider) -> dict[str, SignInProvider]:
    """What the operator wrote of sign-in providers; a test may write something else, before anybody signs in."""
    return {"corp": configured(provider)}


@pytest.fixture
async def house(
    database_url: str, tmp_path: Path, provider: LocalProvider, providers: dict[str, SignInProvider]
) -> AsyncGenerator[OpenHouse]:
    """A house on each kind of database."""
    sign_in = SignIn(providers, PUBLIC)
    environment = {"CLIENT_SECRET": provider.secret or ""}
    async with open_test_house(database_url, tmp_path, environment, sign_in=sign_in) as opened:
        yield opened


@pytest.fixture
def nobody(house: OpenHouse) -> Client:
    """Calls without an identity, over TLS as a proxy hands it on."""
    return Client(create_control_api(house.house, Way(PUBLIC)), {}, root_path=PREFIX, scheme="https")


@pytest.fixture
def browser(nobody: Client) -> Browser:
    """Somebody's browser."""
    return Browser(nobody)


@pytest.fixture
def new_browser(nobody: Client) -> Any:
    """Makes further browsers."""
    return lambda: Browser(nobody)
