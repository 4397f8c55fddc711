"""Applies a file to the configuration, all of it or nothing; a plan is the same, taken back at the end."""

from msgspec import UNSET

from modelhall.domain.errors import Conflict
from modelhall.domain.people import Actor, Role
from modelhall.services.files.carry_out import Orders, carry_out, in_file, work_within
from modelhall.services.files.document import Document
from modelhall.services.files.foreign_text import Said
from modelhall.services.files.intent import GivenFile, Wish, removals_of, said_by, tasks_of, warnings_of
from modelhall.services.files.kinds.kind import Task
from modelhall.services.files.kinds.registry import BY_WORD
from modelhall.services.files.outcome import Outcome, told_steps
from modelhall.services.files.read_document import read_document
from modelhall.services.files.remember import remember
from modelhall.services.files.secrets import Secrets, give_keys, opened
from modelhall.services.files.state import State, differing, state_of, steps_between
from modelhall.services.files.stock import take_stock
from modelhall.services.house import House
from modelhall.services.rights import require
from modelhall.storage import files
from modelhall.storage.database import Change


async def apply_file(house: House, actor: Actor, given: GivenFile, *, plan: bool = False) -> Outcome:
    """What it changed, or with `plan` would change. Applied again it changes nothing.

    Raises RoleTooLow, BadRequest with file, line and field, TooLarge, and what the services of the objects raise.
    """
    require(actor, Role.ADMIN)
    document, said = read_document(given.text, given.name, given.form)
    return await apply_document(house, actor, document, said, given, plan=plan)


async def apply_document(
    house: House, actor: Actor, document: Document, said: Said, given: GivenFile, *, plan: bool = False
) -> Outcome:
    """The same for a document that was made of another text. Raises as `apply_file` does."""
    require(actor, Role.ADMIN)
    secrets: Secrets = {}
    if document.secrets is not UNSET and given.passphrase is not None:
        secrets = opened(document.secrets, given.passphrase)
    async with house.database.change(actor) as change:
        outcome = await _applied(house, change, Wish(document, said, given, secrets))
        if plan or not change.audited:
            change.nothing()
    return outcome


async def _applied(house: House, change: Change, wish: Wish) -> Outcome:
    connection, organisation_id = change.connection, change.actor.organisation_id
    stock = await take_stock(connection, organisation_id, house.clock())
    before = state_of(stock)
    held = {(each.kind, each.name): each for each in await files.list_file_objects(connection, organisation_id)}
    work, telling = await work_within(house, change), in_file(wish.said, wish.given.name)
    said = said_by(wish, stock, before, work.who, telling)
    tasks = tasks_of(wish, said, before, held)
    await carry_out(work, Orders(tasks, removals_of(wish.given, said, before, held)), telling)
    keys = await give_keys(work, wish.secrets)
    after = state_of(await take_stock(connection, organisation_id, house.clock()))
    check_done(tasks, after)
    steps = steps_between(before, after)
    told = await told_steps(connection, steps, held, stock)
    said_before = await remember(change, wish, said, before, held)
    if steps or said_before or keys:
        member_id = change.actor.member_id or None
        apply = await files.insert_apply(connection, organisation_id, wish.given.name, member_id, steps, said_before)
        names = [f"{step.kind} {step.name}" for step in steps]
        after_words = {"file": wish.given.name, "objects": names, "with_key": keys}
        await change.audit("file.apply", "file", apply.id, wish.given.name, after=after_words)
    return Outcome(wish.given.name, told, warnings_of(wish, said, after), tuple(keys))


def check_done(tasks: list[Task], after: State) -> None:
    """Raises Conflict when an object is not as it was to be: then nothing is applied."""
    for task in tasks:
        found = after[task.kind].get(task.name, {})
        checked = {*task.new, *(BY_WORD[task.kind].defaults if task.exact else ())}
        left = [each for each in differing(found, task.new) if each.field in checked]
        if left:
            raise Conflict(
                f"{task.kind} {task.name}: {left[0].field} cannot be {left[0].new!r} beside what else the file says: "
                f"it would be {left[0].old!r}",
                details={"object": f"{task.kind} {task.name}", "field": left[0].field},
            )
