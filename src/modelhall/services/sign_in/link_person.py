"""Says which account a person of a sign-in provider has here: for people who had one before."""

from collections.abc import Sequence

from modelhall.domain.errors import AlreadyExists, NotFound
from modelhall.domain.people import Actor
from modelhall.services.house import House
from modelhall.services.rights import require_operator
from modelhall.services.words import line
from modelhall.storage import members, sign_ins
from modelhall.storage.sign_ins import Identity


async def list_people(house: House, actor: Actor, provider_id: str) -> Sequence[Identity]:
    """Everybody of that provider who has an account here. Raises RoleTooLow, NotFound."""
    require_operator(actor)
    provider = house.sign_in.named(provider_id)
    async with house.database.read() as connection:
        return await sign_ins.list_identities(connection, provider.issuer)


async def link_person(house: House, actor: Actor, provider_id: str, subject: str, login: str) -> None:
    """Whoever is `subject` there signs in as the account of that login from now on.

    Raises RoleTooLow, BadRequest, NotFound, AlreadyExists.
    """
    require_operator(actor)
    provider, subject = house.sign_in.named(provider_id), line(subject, "subject", most=255)
    async with house.database.change(actor) as change:
        account = await members.account_by_login(change.connection, login)
        if account is None:
            raise NotFound(f"there is no account {login[:80]!r}")
        if await sign_ins.account_of(change.connection, provider.issuer, subject) is not None:
            raise AlreadyExists("this person has an account here already; unlink them first")
        await sign_ins.insert_identity(
            change.connection, issuer=provider.issuer, subject=subject, account_id=account.id
        )
        after = {"provider": provider.id, "subject": subject}
        await change.audit("account.link", "account", account.id, account.login, after=after)


async def unlink_person(house: House, actor: Actor, provider_id: str, subject: str) -> None:
    """Whoever is `subject` there has no account here any more; the account stays. Raises RoleTooLow, NotFound."""
    require_operator(actor)
    provider = house.sign_in.named(provider_id)
    async with house.database.change(actor) as change:
        account_id = await sign_ins.account_of(change.connection, provider.issuer, subject)
        if account_id is None:
            raise NotFound(f"nobody of {provider.name} is linked by that subject")
        await sign_ins.delete_identity(change.connection, provider.issuer, subject)
        before = {"provider": provider.id, "subject": subject}
        await change.audit("account.unlink", "account", account_id, subject, before=before)
