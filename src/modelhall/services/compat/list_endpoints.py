"""Lists the models that can be called now, by endpoint type: the profile has its key, the model is active."""

from collections.abc import Collection, Mapping

from modelhall.domain.errors import NothingToCall
from modelhall.domain.library import Model, Profile
from modelhall.domain.people import Actor
from modelhall.gateway.call import Caller
from modelhall.gateway.routing import callable_targets
from modelhall.services.compat.flat_model import ENDPOINTS
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.models.profile_for import in_order
from modelhall.services.profiles.find_profile import EVERY
from modelhall.services.profiles.profile_view import key_state
from modelhall.storage import models, organisations, profiles

KINDS = frozenset({"chat", "completion", "unknown"})
NONE = "No models/endpoints available"


async def list_endpoints(house: House, actor: Actor) -> Mapping[str, list[str]]:
    """Bare model ids by endpoint type, in the order of the profiles: those that this actor may call.

    Raises NothingToCall with the reason for each endpoint type when there are none.
    """
    async with house.database.read() as connection:
        return await _offered(
            house, connection, actor.organisation_id, _callable_by(house, actor.organisation_id, actor.key_id)
        )


async def list_public_endpoints(house: House, organisation: str) -> Mapping[str, list[str]]:
    """The same for everybody, of the organisation of that slug. Raises NothingToCall."""
    async with house.database.read() as connection:
        found = await organisations.organisation_by_slug(connection, organisation)
        if found is None:
            raise NothingToCall(NONE, details={"reasons": [f"there is no organisation {organisation!r}"]})
        return await _offered(house, connection, found.id, _callable_by(house, found.id, None))


async def _offered(
    house: House, connection: Connection, organisation_id: str, allowed: Collection[str] | None
) -> Mapping[str, list[str]]:
    offered: dict[str, list[str]] = {}
    reasons: list[str] = []
    all_ = in_order(await profiles.list_profiles(connection, organisation_id, limit=EVERY))
    for endpoint, provider in ENDPOINTS.items():
        own = [profile for profile in all_ if profile.provider == provider]
        keyed = [profile for profile in own if key_state(house, profile) == "ok"]
        found = [model for profile in keyed for model in await models.models_of_profile(connection, profile.id)]
        ids = list(dict.fromkeys(model.model_id for model in found if _is_offered(model, allowed)))
        if ids:
            offered[endpoint] = ids
        else:
            reasons.append(f"{endpoint}: {_why_not(own, keyed, found)}")
    if not offered:
        raise NothingToCall(NONE, details={"reasons": reasons})
    return offered


def _is_offered(model: Model, allowed: Collection[str] | None) -> bool:
    usable = model.active and not model.hidden and model.quarantined_because is None and model.kind in KINDS
    return usable and (allowed is None or model.id in allowed)


def _why_not(own: list[Profile], keyed: list[Profile], found: list[Model]) -> str:
    if not own:
        return "no profile; `modelhall profile add`"
    if not keyed:
        return "no key, or its provider refused it; `modelhall profile key add`"
    if not found:
        return "no models; `modelhall model sync`, or populate"
    return "no active model that may be called; `modelhall model activate`"


def _callable_by(house: House, organisation_id: str, key_id: str | None) -> Collection[str] | None:
    """The ids of the models that the key may call, or without one anybody; `None`: all."""
    snapshot = house.lookout.current()
    callers = snapshot.callers.values() if key_id is not None else ()
    caller = next((each for each in callers if each.key_id == key_id), Caller(organisation_id, "", None))
    library = snapshot.libraries.get(organisation_id)
    if library is None or library.demands_of(caller) is None:
        return caller.models
    return {target.model.id for target in callable_targets(library, caller)}
