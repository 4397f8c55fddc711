"""Makes what every house has: the organisation `default` and its first admin, the account `owner`."""

from modelhall.domain.errors import SetupError
from modelhall.domain.ids import NIL
from modelhall.domain.people import Actor, Member, Organisation, Role
from modelhall.services.connection import Connection
from modelhall.storage import members, organisations
from modelhall.storage.database import Change, Database

ORGANISATION = "default"
LOGIN = "owner"


async def first_start(database: Database) -> Actor:
    """The operator's actor: `owner`, admin of `default`, made if they are not there. Safe to call at every start."""
    async with database.read() as connection:
        organisation, owner = await _there(connection)
    if organisation is None or owner is None:
        organisation, owner = await _make(database)
    return Actor(organisation.id, owner.id, Role.ADMIN, "operator", account_id=owner.account_id)


def system_actor(operator: Actor) -> Actor:
    """The house itself, acting in the operator's organisation."""
    return Actor(operator.organisation_id, NIL, Role.ADMIN, "system")


async def _make(database: Database) -> tuple[Organisation, Member]:
    async with database.change(Actor(NIL, NIL, Role.ADMIN, "system")) as change:
        # Another process may have been quicker: changes wait for each other, so here it shows.
        organisation, owner = await _there(change.connection)
        if organisation is None:
            organisation = await _make_organisation(change)
        if owner is None:
            owner = await _make_owner(change, organisation)
        if not change.audited:
            change.nothing()
    return organisation, owner


async def _there(connection: Connection) -> tuple[Organisation | None, Member | None]:
    organisation = await organisations.organisation_by_slug(connection, ORGANISATION)
    if organisation is None:
        return None, None
    return organisation, await members.member_by_login(connection, organisation.id, LOGIN)


async def _make_organisation(change: Change) -> Organisation:
    made = await organisations.insert_organisation(change.connection, slug=ORGANISATION, name="Default")
    after = {"slug": made.slug, "name": made.name}
    await change.audit("organisation.create", "organisation", made.id, made.slug, after=after, organisation_id=made.id)
    return made


async def _make_owner(change: Change, organisation: Organisation) -> Member:
    account = await members.account_by_login(change.connection, LOGIN)
    if account is None:
        account = await members.insert_account(change.connection, login=LOGIN, name="Owner")
    elif account.disabled:
        raise SetupError(f"the account {LOGIN} is disabled; enable it in the database, it is the operator's own")
    owner = await members.insert_member(
        change.connection, organisation_id=organisation.id, account=account, role=Role.ADMIN
    )
    after = {"role": owner.role}
    await change.audit("member.add", "member", owner.id, owner.id, after=after, organisation_id=organisation.id)
    return owner
