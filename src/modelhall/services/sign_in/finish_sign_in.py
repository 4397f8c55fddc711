"""Finishes a sign-in: the provider's answer is checked, its code exchanged, and a session opened."""

import base64
import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from modelhall.domain.errors import NotAMember, SignInOver, SignInUnavailable, TokenRefused
from modelhall.domain.sign_in import Claims, SignInProvider
from modelhall.services.house import House
from modelhall.services.sessions.open_session import OpenedSession, begin_session
from modelhall.services.sign_in.admit import acting_for, admit
from modelhall.services.sign_in.begin_sign_in import digest_of, nonce_of, verifier_of
from modelhall.services.sign_in.issuer import Issuer, Metadata
from modelhall.services.sign_in.outside import post_form, unavailable
from modelhall.storage import sign_ins


@dataclass(frozen=True, slots=True)
class ProvidersAnswer:
    """What a browser brought back from a provider."""

    state: str = ""
    code: str | None = field(default=None, repr=False)
    issuer: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class FinishedSignIn:
    """The session, and where the person wanted to go."""

    session: OpenedSession
    next_path: str


async def finish_sign_in(
    house: House, provider_id: str, answer: ProvidersAnswer, browser: str | None, user_agent: str | None
) -> FinishedSignIn:
    """The session of whoever the provider says came.

    Raises NotFound, SignInOver, TokenRefused, NotAMember, SignInUnavailable.
    """
    provider = house.sign_in.named(provider_id)
    next_path = await _used(house, provider, answer.state, browser)
    metadata = await Issuer.of(house, provider).metadata(house)
    if answer.issuer != provider.issuer and (answer.issuer is not None or metadata.names_itself):
        raise TokenRefused("the answer is of another sign-in provider than the one that was asked")
    if answer.error is not None or not answer.code:
        raise NotAMember(f"{provider.name} did not let you in")
    claims = await _exchanged(house, provider, metadata, answer, browser or "")
    async with house.database.change(acting_for(house)) as change:
        member = await admit(house, change, provider, claims)
        session = await begin_session(house, change, member, user_agent)
    return FinishedSignIn(session, next_path)


async def _used(house: House, provider: SignInProvider, state: str, browser: str | None) -> str:
    """The next path of the sign-in that this browser began with this provider; it is used up, whatever comes."""
    found = None
    if state and browser:
        async with house.database.write() as connection:
            digest = digest_of(state, browser)
            found = await sign_ins.use_sign_in(connection, digest, provider.id, house.clock())
    if found is None:
        raise SignInOver("this sign-in was finished, took too long, or was begun in another browser; begin again")
    return found


async def _exchanged(
    house: House, provider: SignInProvider, metadata: Metadata, answer: ProvidersAnswer, browser: str
) -> Claims:
    """The claims of the token that the provider gives for the code."""
    fields = {
        "grant_type": "authorization_code",
        "code": answer.code or "",
        "redirect_uri": house.sign_in.redirect_uri(provider),
        "code_verifier": verifier_of(answer.state, browser),
    }
    headers = _who(house, provider, metadata, fields)
    status, told = await post_form(house, provider, metadata.token, fields, headers)
    if status in {401, 403} or told.get("error") == "invalid_client":
        raise unavailable(provider, "it does not take the client's secret")
    text = told.get("id_token")
    if status != 200 or not isinstance(text, str):
        raise TokenRefused("the provider did not exchange the code for a token")
    return await _checked(house, provider, text, told, nonce_of(answer.state, browser))


async def _checked(house: House, provider: SignInProvider, text: str, told: Mapping[str, object], nonce: str) -> Claims:
    # Loaded with the first token: it takes a tenth of a second, and most starts never see one.
    tokens = importlib.import_module("modelhall.services.sign_in.tokens")
    token = tokens.read_token(text)
    tokens.check_signature(token, await Issuer.of(house, provider).keys(house, token.key_id))
    tokens.check_id_token(token, issuer=provider.issuer, client_id=provider.client_id, nonce=nonce, now=house.clock())
    tokens.check_access_hash(token, told.get("access_token"))
    claims: Claims = token.claims
    return claims


def _who(house: House, provider: SignInProvider, metadata: Metadata, fields: dict[str, str]) -> dict[str, str]:
    """How the client says who it is: in a header, or in the form. Raises SignInUnavailable without its secret."""
    if provider.client_secret is None:
        fields["client_id"] = provider.client_id
        return {}
    secret = house.credentials.leads_to(provider.client_secret)
    if secret is None:
        raise SignInUnavailable(
            f"signing in by {provider.name} does not work now: its secret {provider.client_secret} is not there"
        )
    if metadata.secret_in_body:
        fields |= {"client_id": provider.client_id, "client_secret": secret}
        return {}
    # RFC 6749, 2.3.1: both are encoded as in a form first.
    both = f"{quote(provider.client_id, safe='')}:{quote(secret, safe='')}"
    return {"authorization": f"Basic {base64.b64encode(both.encode()).decode()}"}
