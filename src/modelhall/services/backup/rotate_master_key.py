"""Changes the master key."""

from modelhall.domain.errors import BadRequest, SetupError
from modelhall.domain.people import Actor
from modelhall.services.house import House
from modelhall.services.rights import require_operator
from modelhall.storage.master_key import rotate


async def rotate_master_key(house: House, actor: Actor, new_key: str | None = None) -> int:
    """The new version; `new_key` only where the key comes from the environment.

    Raises RoleTooLow, BadRequest, MasterKeyMismatch, Conflict.
    """
    require_operator(actor)
    try:
        return await rotate(house.database, house.vault, actor, new_key)
    except SetupError as error:
        raise BadRequest(error.message) from error
