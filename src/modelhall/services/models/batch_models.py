"""Does the same to many models at once: each is done or refused for itself, and the batch never fails as a whole."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from modelhall.domain.errors import ModelhallError, OwnTrouble
from modelhall.domain.library import Model
from modelhall.domain.people import Actor, Role
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.models.edit_model import ModelEdit, edited
from modelhall.services.models.find_collection import PREFIX, find_collection
from modelhall.services.models.find_deleted import find_deleted
from modelhall.services.models.find_model import find_model
from modelhall.services.models.label_model import label
from modelhall.services.models.remove_model import removed
from modelhall.services.models.restore_model import restored
from modelhall.services.rights import require
from modelhall.services.uses import Use, uses_of
from modelhall.services.words import wrong
from modelhall.storage import models, tags
from modelhall.storage.database import Change

Action = Literal[
    "activate", "deactivate", "hide", "show", "quarantine", "release", "categorize", "tag", "untag", "remove", "restore"
]
ACTIONS: tuple[str, ...] = get_args(Action)
MOST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What is to be done to which models."""

    action: Action
    models: Sequence[str]
    """Public names, or `collection:NAME`; for `restore` names or numbers of deleted ones."""
    reason: str | None = None
    """Why they are held back, for `quarantine`."""
    successor: str | None = None
    """Who takes over, for `remove`."""
    force: bool = False
    """For `remove`: also what is in use, never the default. For admins."""
    tags: Sequence[str] = ()
    """For `tag` and `untag`."""
    category: str | None = None
    """For `categorize`; `None` takes it away."""
    dry_run: bool = False
    """Only say what would become of each."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one model."""

    model: str
    """As it was named; a collection's models by their public names."""
    status: Literal["done", "unchanged", "refused"]
    refusal: ModelhallError | None = None


async def batch_models(house: House, actor: Actor, batch: Batch) -> list[Result]:
    """What became of each, in their order; one after the other in one transaction, so later ones see earlier ones.

    Raises RoleTooLow and BadRequest for the batch itself, before anything is done.
    """
    require(actor, Role.ADMIN if batch.force or batch.action in ("quarantine", "release") else Role.MEMBER)
    _check(batch)
    async with house.database.change(actor) as change:
        names = await _names(change.connection, actor.organisation_id, batch.models)
        deed = await _deed(house, change, batch)
        results = [await _one(change, name, deed) for name in names]
        if batch.dry_run or not change.audited:
            # What would be done is done and rolled back: so the answer is what really would happen.
            change.nothing()
    return results


Deed = Callable[[str], Awaitable[object]]


async def _one(change: Change, name: str | Result, deed: Deed) -> Result:
    if isinstance(name, Result):
        return name
    before = change.audited
    try:
        await deed(name)
    except OwnTrouble:
        raise
    except ModelhallError as error:
        return Result(name, "refused", error)
    return Result(name, "done" if change.audited > before else "unchanged")


async def _names(connection: Connection, organisation_id: str, names: Sequence[str]) -> list[str | Result]:
    """Each name once; a collection is the names of its models."""
    found: dict[str, str | Result] = {}
    for name in names:
        if not name.startswith(PREFIX):
            found.setdefault(name, name)
            continue
        try:
            held = (await find_collection(connection, organisation_id, name.removeprefix(PREFIX))).model_ids
        except ModelhallError as error:
            found.setdefault(name, Result(name, "refused", error))
            continue
        living = await models.models_by_ids(connection, held)
        for each in held:
            if each in living:
                found.setdefault(living[each].public_name, living[each].public_name)
    return list(found.values())


async def _deed(house: House, change: Change, batch: Batch) -> Deed:
    """What to do to the model of a name. Raises UnknownModel for the successor."""
    connection, organisation_id = change.connection, change.actor.organisation_id
    successor = None if batch.successor is None else await find_model(connection, organisation_id, batch.successor)
    uses: list[Sequence[Use]] = []

    async def living(name: str) -> Model:
        return await find_model(connection, organisation_id, name)

    async def remove(name: str) -> None:
        model = await living(name)
        if not uses:
            uses.append(await _uses(connection, organisation_id, batch.models))
        theirs = [use for use in uses[0] if use.model == model.public_name]
        await removed(change, model, force=batch.force, successor=successor, uses=theirs)

    async def restore(name: str) -> None:
        await restored(change, await find_deleted(connection, organisation_id, name))

    async def put_labels(name: str) -> None:
        model = await living(name)
        had = set((await tags.tags_of_models(connection, [model.id])).get(model.id, ()))
        await label(change, model, had | set(batch.tags) if batch.action == "tag" else had - set(batch.tags))

    async def edit(name: str) -> None:
        await edited(house, change, await living(name), EDITS[batch.action](batch))

    return {"remove": remove, "restore": restore, "tag": put_labels, "untag": put_labels}.get(batch.action, edit)


async def _uses(connection: Connection, organisation_id: str, names: Sequence[str]) -> Sequence[Use]:
    """Who needs one of these models and stays when all of them go: looked up once for all."""
    going: list[Model] = []
    for name in await _names(connection, organisation_id, names):
        if isinstance(name, str):
            profile, _, model_id = name.partition("/")
            if (model := await models.model_by_name(connection, organisation_id, profile, model_id)) is not None:
                going.append(model)
    return await uses_of(connection, organisation_id, going)


EDITS: dict[str, Callable[[Batch], ModelEdit]] = {
    "activate": lambda _: ModelEdit(active=True),
    "deactivate": lambda _: ModelEdit(active=False),
    "hide": lambda _: ModelEdit(hidden=True),
    "show": lambda _: ModelEdit(hidden=False),
    "quarantine": lambda batch: ModelEdit(quarantined_because=batch.reason),
    "release": lambda _: ModelEdit(quarantined_because=None),
    "categorize": lambda batch: ModelEdit(category=batch.category),
}


def _check(batch: Batch) -> None:
    if not 1 <= len(batch.models) <= MOST:
        raise wrong("models", f"name 1 to {MOST} models or collections")
    if batch.action == "quarantine" and not (batch.reason or "").strip():
        raise wrong("reason", "say why they are held back")
    if batch.action in ("tag", "untag") and not batch.tags:
        raise wrong("tags", "name at least one")
