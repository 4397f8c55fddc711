"""Whom a provider's claims mean here: an account that is linked to them, or a new one where the operator allows it."""

import logging
from dataclasses import replace

from modelhall.domain.errors import NotAMember
from modelhall.domain.ids import NIL
from modelhall.domain.people import Actor, Member, Organisation, Role
from modelhall.domain.sign_in import Claims, SignInProvider
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.storage import members, organisations, sign_ins
from modelhall.storage.database import Change

MOST_WORDS = 200

log = logging.getLogger(__name__)


async def admit(house: House, change: Change, provider: SignInProvider, claims: Claims) -> Member:
    """The member that this person is, with the role that the claims give. Raises NotAMember.

    An account is never found by its login or mail: whoever can choose those at the provider could take it over.
    """
    connection, role = change.connection, provider.role_of(claims)
    organisation = await organisation_of(connection, provider, claims)
    account = await account_of(connection, provider, claims)
    if account is None:
        account = await _new_account(change, provider, claims, organisation, role)
    place = await sign_ins.place_of(connection, organisation.id, account.id)
    if place is None:
        return await _new_place(change, provider, organisation, account, role)
    if place.removed_at is not None:
        raise refused(provider, claims, "they were taken out of the organisation")
    if provider.rules_roles and account.id != house.operator.account_id:
        return await _with_role(change, provider, claims, place, role)
    return place


def acting_for(house: House) -> Actor:
    """Who does what a sign-in makes necessary: nobody, but by that door."""
    return Actor(house.operator.organisation_id, NIL, Role.ADMIN, "sign-in")


async def organisation_of(connection: Connection, provider: SignInProvider, claims: Claims) -> Organisation:
    """Where the claims lead. Raises NotAMember."""
    slug = provider.organisation_of(claims)
    found = None if slug is None else await organisations.organisation_by_slug(connection, slug)
    if found is None:
        raise refused(provider, claims, f"no organisation is theirs ({slug or 'no claim names one'})")
    return found


async def account_of(connection: Connection, provider: SignInProvider, claims: Claims) -> members.Account | None:
    """The account that is linked to this person. Raises NotAMember for one that is disabled."""
    account_id = await sign_ins.account_of(connection, provider.issuer, str(claims["sub"]))
    account = None if account_id is None else await members.get_account(connection, account_id)
    if account is not None and account.disabled:
        raise refused(provider, claims, "their account is disabled")
    return account


def refused(provider: SignInProvider, claims: Claims, why: str) -> NotAMember:
    """The refusal: the person learns little, the log all that an operator needs."""
    log.warning("%s sent somebody who is not let in: %s (subject %s)", provider.name, why, claims.get("sub"))
    return NotAMember(f"{provider.name} knows you, but you have no place here yet; ask an admin")


async def _new_account(
    change: Change, provider: SignInProvider, claims: Claims, organisation: Organisation, role: Role | None
) -> members.Account:
    if not provider.auto_create:
        raise refused(provider, claims, "nobody linked them to an account, and `auto_create` is off")
    if role is None:
        raise refused(provider, claims, "their claims give no role")
    login = _login(provider, claims)
    if await members.account_by_login(change.connection, login) is not None:
        raise refused(provider, claims, f"an account {login!r} is there that is not linked to them")
    mail = _word(claims, "email") if claims.get("email_verified") is True else None
    name = _word(claims, "name") or login
    account = await members.insert_account(change.connection, login=login, name=name, email=mail)
    subject = str(claims["sub"])
    await sign_ins.insert_identity(change.connection, issuer=provider.issuer, subject=subject, account_id=account.id)
    after = {"login": login, "by": provider.id}
    await change.audit("account.create", "account", account.id, login, after=after, organisation_id=organisation.id)
    return account


async def _new_place(
    change: Change, provider: SignInProvider, organisation: Organisation, account: members.Account, role: Role | None
) -> Member:
    if not provider.auto_create or role is None:
        raise NotAMember(f"{provider.name} knows you, but you have no place in this organisation; ask an admin")
    member = await members.insert_member(change.connection, organisation_id=organisation.id, account=account, role=role)
    after = {"login": account.login, "role": role.word, "by": provider.id}
    await change.audit("member.add", "member", member.id, account.login, after=after, organisation_id=organisation.id)
    return member


async def _with_role(
    change: Change, provider: SignInProvider, claims: Claims, place: Member, role: Role | None
) -> Member:
    if role is None:
        raise refused(provider, claims, "their claims give no role")
    if role is place.role:
        return place
    member = replace(place, role=role)
    await members.update_member(change.connection, member)
    before, after = {"role": place.role.word}, {"role": role.word, "by": provider.id}
    await change.audit(
        "member.edit",
        "member",
        member.id,
        member.login,
        before=before,
        after=after,
        organisation_id=member.organisation_id,
    )
    return member


def _login(provider: SignInProvider, claims: Claims) -> str:
    """The verified mail address, else the name the person has there, else their number there."""
    mail = _word(claims, "email") if claims.get("email_verified") is True else None
    return mail or _word(claims, "preferred_username") or f"{provider.id}:{claims['sub']}"


def _word(claims: Claims, name: str) -> str | None:
    told = claims.get(name)
    word = told.strip() if isinstance(told, str) else ""
    return word if 0 < len(word) <= MOST_WORDS and word.isprintable() else None
