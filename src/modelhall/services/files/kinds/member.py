"""Members: people by login, with their roles only. A file adds people and changes roles; it takes nobody away."""

from collections.abc import Mapping

from modelhall.domain.people import Role
from modelhall.services.files.kinds.kind import Fields, Kind, Task, Work
from modelhall.services.files.stock import Stock
from modelhall.services.members.change_role import change_role
from modelhall.services.members.remove_member import remove_member
from modelhall.services.uses import EVERY
from modelhall.services.words import line
from modelhall.storage import members

LONGEST = 100


def _read(stock: Stock) -> Mapping[str, Fields]:
    in_order = sorted(stock.members, key=lambda each: each.login)
    return {member.login: {"role": member.role.word} for member in in_order}


async def _write(work: Work, task: Task) -> None:
    """New people, and those who may do more; the others wait until all admins are there."""
    if task.old is None:
        await _add(work, task.name, Role.named(task.new["role"]))
    elif Role.named(task.new["role"]) > Role.named(task.old["role"]):
        await _set_role(work, task.name, Role.named(task.new["role"]))


async def _finish(work: Work, task: Task) -> None:
    if task.old is not None and Role.named(task.new["role"]) < Role.named(task.old["role"]):
        await _set_role(work, task.name, Role.named(task.new["role"]))


async def _add(work: Work, login: str, role: Role) -> None:
    """A person without a password, who signs in once somebody gives a way to."""
    login, organisation_id = line(login, "login", LONGEST), work.actor.organisation_id
    async with work.house.database.change(work.actor) as change:
        account = await members.account_by_login(change.connection, login)
        if account is None:
            account = await members.insert_account(change.connection, login=login, name=login)
        member = await members.insert_member(
            change.connection, organisation_id=organisation_id, account=account, role=role
        )
        after = {"login": login, "role": role.word}
        await change.audit("member.add", "member", member.id, login, after=after)


async def _remove(work: Work, login: str) -> None:
    """Only an undo does so: a file takes nobody away."""
    await remove_member(work.house, work.actor, await _id_of(work, login))


async def _set_role(work: Work, login: str, role: Role) -> None:
    await change_role(work.house, work.actor, await _id_of(work, login), role.word)


async def _id_of(work: Work, login: str) -> str:
    async with work.house.database.read() as connection:
        everybody = await members.list_members(connection, work.actor.organisation_id, limit=EVERY)
    return next(each.id for each in everybody if each.login == login)


MEMBER = Kind(
    word="member",
    key="login",
    read=_read,
    ids=lambda stock: {member.login: member.id for member in stock.members},
    write=_write,
    finish=_finish,
    remove=_remove,
    kept=lambda _name, _fields: True,
)
