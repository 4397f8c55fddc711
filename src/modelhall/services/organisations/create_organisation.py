"""Creates an organisation."""

from modelhall.domain.errors import Forbidden
from modelhall.domain.people import Actor, Organisation, Role
from modelhall.services.house import House
from modelhall.services.rights import require
from modelhall.services.words import line
from modelhall.services.words import slug as checked_slug
from modelhall.storage import members, organisations


async def create_organisation(house: House, actor: Actor, slug: str, name: str | None = None) -> Organisation:
    """An empty one, with who made it and the operator's account as its admins.

    Raises RoleTooLow, Forbidden for admins of other organisations than the house's first, BadRequest, AlreadyExists.
    """
    require(actor, Role.ADMIN)
    if actor.organisation_id != house.operator.organisation_id:
        raise Forbidden("only admins of the house's first organisation make further ones; ask its operator")
    slug = checked_slug(slug, "id")
    async with house.database.change(actor) as change:
        connection = change.connection
        made = await organisations.insert_organisation(connection, slug=slug, name=line(name or slug, "name", 100))
        after, place = {"slug": made.slug, "name": made.name}, made.id
        await change.audit("organisation.create", "organisation", made.id, slug, after=after, organisation_id=place)
        for member_id in dict.fromkeys((house.operator.member_id, actor.member_id)):
            member = await members.get_member(connection, member_id)
            account = None if member is None else await members.get_account(connection, member.account_id)
            if account is not None:
                admin = await members.insert_member(
                    connection, organisation_id=made.id, account=account, role=Role.ADMIN
                )
                role = {"role": Role.ADMIN.word}
                await change.audit("member.add", "member", admin.id, admin.id, after=role, organisation_id=place)
    return made
