"""Puts tags on a model."""

from collections.abc import Iterable

from modelhall.domain.library import Model
from modelhall.services.words import line, wrong
from modelhall.storage import tags
from modelhall.storage.database import Change

MOST_TAGS = 50
LONGEST = 50


async def label(change: Change, model: Model, names: Iterable[str], *, undoes: str | None = None) -> tuple[str, ...]:
    """Have it carry exactly these tags, whatever their order. `undoes`: the change that it takes back.

    Raises BadRequest.
    """
    wanted = tuple(sorted({tag(name) for name in names}))
    if len(wanted) > MOST_TAGS:
        raise wrong("tags", f"at most {MOST_TAGS} of them")
    had = (await tags.tags_of_models(change.connection, [model.id])).get(model.id, ())
    if set(had) == set(wanted):
        return wanted
    await tags.set_tags(change.connection, model.organisation_id, model.id, wanted)
    action, more = ("model.undo", {"undoes": undoes}) if undoes else ("model.tag", {})
    after = {"tags": wanted, **more}
    await change.audit(action, "model", model.id, model.public_name, before={"tags": had}, after=after)
    return wanted


def tag(text: str) -> str:
    """A tag as it is kept: one line without commas. Raises BadRequest."""
    name = line(text, "tags", LONGEST)
    if "," in name:
        raise wrong("tags", "a tag has no comma")
    return name
