"""Brings models of several profiles into the library at once, by their public names."""

from collections.abc import Sequence

from modelhall.domain.errors import BadRequest, ModelhallError, OwnTrouble
from modelhall.domain.people import Actor, Role
from modelhall.services.house import House
from modelhall.services.models.batch_models import MOST, Result
from modelhall.services.models.sync_models import is_name, sync_models
from modelhall.services.profiles.find_profile import find_profile
from modelhall.services.rights import require
from modelhall.services.words import wrong
from modelhall.storage import models


async def batch_sync(
    house: House, actor: Actor, names: Sequence[str], *, activate: bool | None = None, dry_run: bool = False
) -> list[Result]:
    """What became of each, in their order: `done` = it came in or was switched on, `unchanged` = it was there.

    Raises RoleTooLow and BadRequest for the batch itself.
    """
    require(actor, Role.MEMBER)
    if not 1 <= len(names) <= MOST:
        raise wrong("models", f"name 1 to {MOST} models")
    told: dict[str, Result] = {}
    for profile, theirs in _by_profile(names).items():
        try:
            told |= await (_foretold if dry_run else _synced)(house, actor, profile, theirs, activate)
        except OwnTrouble:
            raise
        except ModelhallError as error:
            told |= {name: Result(name, "refused", error) for name in theirs}
    return [told[name] for name in dict.fromkeys(names)]


def _by_profile(names: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        found.setdefault(name.partition("/")[0], []).append(name)
    return found


async def _synced(
    house: House, actor: Actor, profile: str, names: Sequence[str], activate: bool | None
) -> dict[str, Result]:
    ids = {name: _model_id(name) for name in names}
    outcome = await sync_models(house, actor, profile, list(ids.values()), activate=activate)
    became = {result.model.partition("/")[2]: result for result in outcome.results}
    results: dict[str, Result] = {}
    for name, model_id in ids.items():
        result = became.get(model_id)
        if result is None or result.status == "error":
            results[name] = _no_name(name)
        else:
            results[name] = Result(name, "unchanged" if result.status == "already" else "done")
    return results


async def _foretold(
    house: House, actor: Actor, profile: str, names: Sequence[str], activate: bool | None
) -> dict[str, Result]:
    """What would become of them."""
    async with house.database.read() as connection:
        found = await find_profile(connection, actor.organisation_id, profile)
        there = {model.model_id: model for model in await models.models_of_profile(connection, found.id)}
    results: dict[str, Result] = {}
    for name in names:
        model = there.get(_model_id(name))
        if not is_name(_model_id(name)):
            results[name] = _no_name(name)
        else:
            stays = model is not None and (model.active or not activate)
            results[name] = Result(name, "unchanged" if stays else "done")
    return results


def _model_id(name: str) -> str:
    return name.partition("/")[2]


def _no_name(name: str) -> Result:
    return Result(name, "refused", BadRequest("name a model as profile/model-id, with 1 to 255 printable characters"))
