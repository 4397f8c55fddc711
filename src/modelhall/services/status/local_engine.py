"""Shows the built-in model's engine, and has it fetched."""

from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.local.status import EngineStatus
from modelhall.services.rights import require


def show_engine(house: House, actor: Actor) -> EngineStatus:
    """How it is now. Raises RoleTooLow."""
    require(actor, Role.VIEWER)
    return house.engine.status()


async def install_engine(house: House, actor: Actor) -> EngineStatus:
    """Have it fetched if it is missing, beside everything else; how it is as that begins. Raises RoleTooLow."""
    require(actor, Role.ADMIN)
    async with house.database.change(actor) as change:
        model = house.engine.status().model
        await change.audit("engine.install", "engine", model, model)
    house.engine.fetch_now()
    return house.engine.status()
