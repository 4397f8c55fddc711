"""Who acts by a bearer token of a sign-in provider."""

import importlib
from typing import cast

from modelhall.domain.errors import NotAMember, TokenRefused
from modelhall.domain.people import Actor, Member
from modelhall.domain.sign_in import Claims, SignInProvider
from modelhall.services.house import House
from modelhall.services.sign_in.admit import account_of, acting_for, admit, organisation_of, refused
from modelhall.services.sign_in.issuer import Issuer
from modelhall.storage import sign_ins


def is_token(house: House, presented: str) -> bool:
    """Whether it is to be read as a provider's token: it has the form, and some provider's tokens are taken."""
    taken = any(provider.audience for provider in house.sign_in.providers.values())
    return taken and presented.count(".") == 2 and not presented.startswith("mh_")


async def act_by_token(house: House, presented: str) -> Actor:
    """The member that the token is of, with the role that its claims give.

    Raises TokenRefused, NotAMember, SignInUnavailable.
    """
    provider, claims = await _checked(house, presented)
    member = await _member(house, provider, claims)
    role = provider.role_of(claims) if provider.rules_roles else member.role
    if role is None:
        raise refused(provider, claims, "their claims give no role")
    return Actor(member.organisation_id, member.id, role, "token", account_id=member.account_id)


async def _checked(house: House, presented: str) -> tuple[SignInProvider, Claims]:
    # Loaded with the first token: it takes a tenth of a second, and most starts never see one.
    tokens = importlib.import_module("modelhall.services.sign_in.tokens")
    token = tokens.read_token(presented)
    provider = _provider(house, token.claims)
    tokens.check_signature(token, await Issuer.of(house, provider).keys(house, token.key_id))
    tokens.check_access_token(token, issuer=provider.issuer, audience=provider.audience, now=house.clock())
    return provider, token.claims


def _provider(house: House, claims: Claims) -> SignInProvider:
    """The provider whose token it says it is: its issuer's, and where two have the same, by whom it is for."""
    told = claims.get("aud")
    audiences = cast("list[object]", told) if isinstance(told, list) else [told]
    for provider in house.sign_in.providers.values():
        if provider.issuer == claims.get("iss") and provider.audience in audiences:
            return provider
    raise TokenRefused("the token is of an issuer that is not known here, or made out for somebody else")


async def _member(house: House, provider: SignInProvider, claims: Claims) -> Member:
    async with house.database.read() as connection:
        organisation = await organisation_of(connection, provider, claims)
        account = await account_of(connection, provider, claims)
        place = None if account is None else await sign_ins.place_of(connection, organisation.id, account.id)
    if place is None:
        return await _first_visit(house, provider, claims)
    if place.removed_at is not None:
        raise refused(provider, claims, "they were taken out of the organisation")
    return place


async def _first_visit(house: House, provider: SignInProvider, claims: Claims) -> Member:
    if not provider.auto_create:
        raise NotAMember(f"{provider.name} knows you, but you have no place here yet; ask an admin")
    async with house.database.change(acting_for(house)) as change:
        member = await admit(house, change, provider, claims)
        if not change.audited:  # another request of the same person was quicker
            change.nothing()
    return member
