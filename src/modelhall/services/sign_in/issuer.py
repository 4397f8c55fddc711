"""What an issuer says of itself: its addresses and its keys, kept for a while, asked for again seldom."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from modelhall.domain.errors import SignInUnavailable
from modelhall.domain.sign_in import SignInProvider
from modelhall.services.house import House
from modelhall.services.sign_in.outside import endpoint_for, get_object, unavailable

DISCOVERY = "/.well-known/openid-configuration"
FRESH = timedelta(minutes=10)
KEPT = timedelta(hours=1)
"""How long what an issuer said holds while it does not answer: a key that it takes back is good no longer than that."""
NOT_BEFORE = timedelta(seconds=30)
"""How often it is asked at most, however many tokens name keys that nobody knows."""
MOST_KEYS = 100

Key = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Metadata:
    """What of an issuer's description is used (OpenID Connect Discovery 3)."""

    authorization: str
    token: str
    keys: str
    names_itself: bool
    """Whether each answer to a sign-in says from which issuer it is (RFC 9207)."""
    secret_in_body: bool
    """Whether the client's secret must be in the form, because it is not taken as a header."""


@dataclass(frozen=True, slots=True)
class Told:
    """What an issuer said at one time."""

    metadata: Metadata
    keys: Sequence[Key]
    at: datetime


@dataclass(slots=True)
class Issuers:
    """Every issuer of a house."""

    known: dict[str, "Issuer"] = field(default_factory=dict[str, "Issuer"])


class Issuer:
    """One of them, in one process."""

    def __init__(self, provider: SignInProvider) -> None:
        self._provider = provider
        self._told: Told | None = None
        self._tried: datetime | None = None
        self._why = ""
        self._turn = asyncio.Lock()

    @classmethod
    def of(cls, house: House, provider: SignInProvider) -> "Issuer":
        """The house's own."""
        return house.memory.of(Issuers).known.setdefault(provider.id, cls(provider))

    async def metadata(self, house: House) -> Metadata:
        """Its addresses. Raises SignInUnavailable."""
        return (await self._current(house)).metadata

    async def keys(self, house: House, key_id: str | None) -> Sequence[Key]:
        """Its keys; asked for again when that one is not among them. Raises SignInUnavailable."""
        told = await self._current(house)
        if key_id is not None and all(key.get("kid") != key_id for key in told.keys):
            told = await self._current(house, newer_than=told.at)
        return told.keys

    async def _current(self, house: House, newer_than: datetime | None = None) -> Told:
        now = house.clock()
        async with self._turn:
            told = self._told
            stale = told is None or now - told.at > FRESH or told.at == newer_than
            if stale and (self._tried is None or now - self._tried >= NOT_BEFORE):
                self._tried = now
                await self._renew(house, now)
            told = self._told
        if told is None or now - told.at > KEPT:
            raise unavailable(self._provider, self._why or "it did not answer a moment ago")
        return told

    async def _renew(self, house: House, now: datetime) -> None:
        try:
            self._told = await ask_issuer(house, self._provider, now)
        except SignInUnavailable as error:
            self._why = error.message.partition(": ")[2]


async def ask_issuer(house: House, provider: SignInProvider, now: datetime) -> Told:
    """What it says now. Raises SignInUnavailable."""
    described = await get_object(house, provider, provider.issuer.rstrip("/") + DISCOVERY)
    metadata = _metadata(house, provider, described)
    listed = (await get_object(house, provider, metadata.keys)).get("keys")
    keys = (
        [cast("Key", key) for key in cast("list[object]", listed) if isinstance(key, dict)][:MOST_KEYS]
        if isinstance(listed, list)
        else []
    )
    if not keys:
        raise unavailable(provider, f"{metadata.keys} lists no keys")
    return Told(metadata, keys, now)


def _metadata(house: House, provider: SignInProvider, told: Mapping[str, object]) -> Metadata:
    if told.get("issuer") != provider.issuer:
        raise unavailable(provider, "it calls itself by another issuer than the settings do; both must be the same")
    methods = told.get("code_challenge_methods_supported")
    if isinstance(methods, list) and "S256" not in methods:
        raise unavailable(provider, "it does not know PKCE with S256")
    ways = told.get("token_endpoint_auth_methods_supported")
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    authorization, token, keys = (_address(house, provider, told, name) for name in names)
    return Metadata(
        authorization=authorization,
        token=token,
        keys=keys,
        names_itself=told.get("authorization_response_iss_parameter_supported") is True,
        secret_in_body=isinstance(ways, list) and "client_secret_basic" not in ways,
    )


def _address(house: House, provider: SignInProvider, told: Mapping[str, object], name: str) -> str:
    address = told.get(name)
    if not isinstance(address, str):
        raise unavailable(provider, f"it names no {name}")
    endpoint_for(house, provider, address)
    return address
