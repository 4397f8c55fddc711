"""Takes the last apply back: every object is as it was before. Refused where a later change would be lost."""

from modelhall.domain.errors import Conflict, NotFound
from modelhall.domain.people import Actor, Role
from modelhall.services.files.apply_file import check_done
from modelhall.services.files.carry_out import Orders, by_name, carry_out, work_within
from modelhall.services.files.kinds.kind import Task
from modelhall.services.files.outcome import Outcome, told_steps
from modelhall.services.files.state import State, state_of, steps_between
from modelhall.services.files.stock import take_stock
from modelhall.services.house import House
from modelhall.services.rights import require
from modelhall.storage import files
from modelhall.storage.database import Change
from modelhall.storage.files import FileApply

MOST_NAMED = 20


async def undo_apply(house: House, actor: Actor) -> Outcome:
    """What was put back. A provider key that went with a profile has to be given again.

    Raises RoleTooLow, NotFound when there is nothing to undo, Conflict naming what was changed since.
    """
    require(actor, Role.ADMIN)
    async with house.database.change(actor) as change:
        connection, organisation_id = change.connection, actor.organisation_id
        last = await files.last_apply(connection, organisation_id)
        if last is None:
            raise NotFound("no file was applied that could be undone")
        stock = await take_stock(connection, organisation_id, house.clock())
        before = state_of(stock)
        _refuse_changed(last, before)
        tasks = await _put_back(house, change, last)
        after = state_of(await take_stock(connection, organisation_id, house.clock()))
        check_done(tasks, after)
        held = {(each.kind, each.name): each for each in await files.list_file_objects(connection, organisation_id)}
        told = await told_steps(connection, steps_between(before, after), held, stock)
        for kind, name, said in last.said_before:
            await files.set_file_object(connection, organisation_id, kind, name, said)
        await files.mark_undone(connection, last.id)
        names = [f"{step.kind} {step.name}" for step in last.steps]
        await change.audit("file.undo", "file", last.id, last.file, before={"objects": names})
    return Outcome(last.file, told)


def _refuse_changed(last: FileApply, present: State) -> None:
    changed = [f"{step.kind} {step.name}" for step in last.steps if present[step.kind].get(step.name) != step.after]
    if changed:
        more = f" and {len(changed) - MOST_NAMED} more" if len(changed) > MOST_NAMED else ""
        raise Conflict(
            f"{', '.join(changed[:MOST_NAMED])}{more} changed after {last.file} was applied, which would be lost; "
            "export, edit and apply a file instead",
            details={"reason": "changed_since", "objects": changed},
        )


async def _put_back(house: House, change: Change, last: FileApply) -> list[Task]:
    """Everything as it was before; gives what was to become of what."""
    work = await work_within(house, change)
    gone = [(step.kind, step.name) for step in last.steps if step.after is None]
    await carry_out(work, Orders((), (), gone), by_name)
    stock = await take_stock(change.connection, change.actor.organisation_id, house.clock())
    now = state_of(stock)
    back = [
        Task(step.kind, step.name, now[step.kind].get(step.name), step.before)
        for step in last.steps
        if step.before is not None
    ]
    made = [(step.kind, step.name) for step in last.steps if step.before is None]
    await carry_out(work, Orders(back, made), by_name)
    return back
