"""Shows where the configuration is no longer what its files say, and who says each object."""

from dataclasses import dataclass

from modelhall.domain.people import Actor, Role
from modelhall.services.files.kinds.registry import BY_WORD, KINDS
from modelhall.services.files.outcome import Step, sources_of, told_steps
from modelhall.services.files.state import state_of, wanted
from modelhall.services.files.stock import take_stock
from modelhall.services.house import House
from modelhall.services.rights import require
from modelhall.storage import files
from modelhall.storage.files import FileStep


@dataclass(frozen=True, slots=True)
class Sourced:
    """An object and who says it."""

    kind: str
    name: str
    source: str
    """`file NAME`, `person`, `environment`, `built-in`."""


async def show_drift(house: House, actor: Actor) -> tuple[Step, ...]:
    """What has changed since it was applied: `old` is what the file says, `new` what is. Raises RoleTooLow."""
    require(actor, Role.ADMIN)
    async with house.database.read() as connection:
        stock = await take_stock(connection, actor.organisation_id, house.clock())
        listed = await files.list_file_objects(connection, actor.organisation_id)
        present = state_of(stock)
        steps: list[FileStep] = []
        for one in listed:
            kind, now = BY_WORD[one.kind], present[one.kind].get(one.name)
            said = wanted(kind, one.said, now, {}, whole=False)
            if said != now:
                steps.append(FileStep(one.kind, one.name, said, now))
        held = {(one.kind, one.name): one for one in listed}
        return await told_steps(connection, steps, held, stock)


async def list_sources(house: House, actor: Actor) -> list[Sourced]:
    """Every object of the configuration with who says it, kind by kind. Raises RoleTooLow."""
    require(actor, Role.VIEWER)
    async with house.database.read() as connection:
        stock = await take_stock(connection, actor.organisation_id, house.clock())
        listed = await files.list_file_objects(connection, actor.organisation_id)
    held = {(one.kind, one.name): one for one in listed}
    return [
        Sourced(kind.word, name, source) for kind in KINDS for name, source in sources_of(kind, stock, held).items()
    ]
