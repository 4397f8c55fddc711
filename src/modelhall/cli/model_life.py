"""`modelhall model …`: history and undo, removed models, quarantine, successors, labels, hints, settings."""

from datetime import UTC, datetime
from typing import Annotated

from cyclopts import Parameter

from modelhall.cli.batch import DryRun, act
from modelhall.cli.client import Object, in_path
from modelhall.cli.model import Many, One, model_path
from modelhall.cli.options import USUAL, Common, listed, wrong
from modelhall.cli.out import say, show_json, show_table, tell, words
from modelhall.cli.reach import house

Tags = Annotated[str, Parameter(help="Tags, separated by commas.")]


def history(
    name: One,
    /,
    *,
    limit: Annotated[int, Parameter(help="At most so many changes.")] = 50,
    at: Annotated[str | None, Parameter(help="Instead: the model as it was then, such as 2026-11-01.")] = None,
    common: Common = USUAL,
) -> None:
    """Show who changed what of a model, living or removed, the newest first; or how it was at a former moment."""
    with house(common) as client:
        if at is not None:
            show_former(client.get(f"/model-state/{in_path(name)}", at=moment(at)), common)
            return
        told = client.get(f"/model-history/{in_path(name)}", limit=limit)
    if common.json:
        show_json(told)
        return
    show_table(
        ("change", "when", "who", "what", "from", "to", ""),
        [
            (row["id"], row["at"], row["member"] or row["via"], row["action"], *sides(row), mark(row))
            for row in told["items"]
        ],
        empty="No change is written down.",
    )


def undo(
    name: One,
    /,
    *,
    change: Annotated[str | None, Parameter(help="Its id in the history; otherwise the last.")] = None,
    common: Common = USUAL,
) -> None:
    """Take a change of a model back. Done again, it takes back the one before. Refused where something needs it."""
    with house(common) as client:
        told = client.send("POST", f"/model-undo/{in_path(name)}", {} if change is None else {"change": change})
    if common.json:
        show_json(told)
        return
    say(f"{told['action']} is taken back." + ("" if told["model"] else f" {name} is no longer in the library."))
    for place in told["kept"]:
        tell(f"{place} was changed since and stays as it is.")


def deleted(*, common: Common = USUAL) -> None:
    """List the models that were removed, those that came last first."""
    with house(common) as client:
        rows = client.items("/deleted-models")
    if common.json:
        show_json({"items": rows})
        return
    show_table(
        ("model", "number", "removed", "can come back"),
        [(row["name"], row["number"], row["deleted_at"], row["restorable"]) for row in rows],
        empty="No model was removed.",
    )


def restore(
    *names: Annotated[str, Parameter(name="MODELS", negative="", help="Names or numbers of removed models.")],
    dry_run: DryRun = False,
    common: Common = USUAL,
) -> int:
    """Take removed models back into the library, switched off, with their prices, tags and collections."""
    return act(names, {"action": "restore"}, "restored, switched off", common, dry_run=dry_run)


def quarantine(
    *names: Many,
    reason: Annotated[str, Parameter(help="Why; callers are told.")],
    dry_run: DryRun = False,
    common: Common = USUAL,
) -> int:
    """Hold models back: no call goes to them until they are released. A default makes room for its successor."""
    return act(names, {"action": "quarantine", "reason": reason}, "held back", common, dry_run=dry_run)


def release(*names: Many, dry_run: DryRun = False, common: Common = USUAL) -> int:
    """Let models go that were held back."""
    return act(names, {"action": "release"}, "released", common, dry_run=dry_run)


def successor(
    name: One,
    next_: Annotated[str, Parameter(name="NEXT", help="The model that is to follow; `none` takes it back.")],
    /,
    *,
    common: Common = USUAL,
) -> None:
    """Say which model is to follow another. It becomes the default when that default is held back."""
    with house(common) as client:
        model = client.send("PATCH", model_path(name), {"successor": None if next_ == "none" else next_})
    if common.json:
        show_json(model)
    else:
        say(f"{model['name']} is followed by {model['successor'] or 'nothing'}.")


def tag(*names: Many, tags: Tags, dry_run: DryRun = False, common: Common = USUAL) -> int:
    """Put tags on models, beside those they have."""
    return act(names, {"action": "tag", "tags": some(tags)}, "tagged", common, dry_run=dry_run)


def untag(*names: Many, tags: Tags, dry_run: DryRun = False, common: Common = USUAL) -> int:
    """Take tags off models."""
    return act(names, {"action": "untag", "tags": some(tags)}, "untagged", common, dry_run=dry_run)


def categorize(
    *names: Many,
    category: Annotated[str, Parameter(help="Your own word, such as budget or coding; `none` takes it away.")],
    dry_run: DryRun = False,
    common: Common = USUAL,
) -> int:
    """Put models into a category."""
    word = None if category == "none" else category
    return act(names, {"action": "categorize", "category": word}, "categorized", common, dry_run=dry_run)


def labels(*, common: Common = USUAL) -> None:
    """List tags and categories, each with how many models carry it."""
    with house(common) as client:
        told = client.get("/labels")
    if common.json:
        show_json(told)
        return
    rows = [("tag", row) for row in told["tags"]] + [("category", row) for row in told["categories"]]
    show_table(
        ("kind", "name", "models"),
        [(kind, row["name"], row["models"]) for kind, row in rows],
        empty="No model has a tag or category. Put one: modelhall model tag MODEL --tags TAG",
    )


def hints(
    *,
    unused_days: Annotated[int, Parameter(help="After how many days without a call a model counts as unused.")] = 90,
    common: Common = USUAL,
) -> None:
    """Say which models deserve a look: unused, retiring, followed by newer ones, down, with another price."""
    with house(common) as client:
        told = client.get("/models/hints", unused_days=unused_days)
    if common.json:
        show_json(told)
        return
    show_table(
        ("model", "hint", "why", "what to do"),
        [(row["model"], row["kind"].replace("_", " "), row["words"], row["to_do"]) for row in told["items"]],
        empty="Nothing: every model is in use, up and priced as before.",
    )


def settings(
    *,
    activate_on_sync: Annotated[bool | None, Parameter(help="Whether new models are switched on at once.")] = None,
    common: Common = USUAL,
) -> None:
    """Show how the library is kept, or change it."""
    with house(common) as client:
        body: Object = {"activate_on_sync": activate_on_sync}
        told = (
            client.get("/library-settings")
            if activate_on_sync is None
            else client.send("PATCH", "/library-settings", body)
        )
    if common.json:
        show_json(told)
    else:
        say(f"New models are {'switched on' if told['activate_on_sync'] else 'switched off'} when they are synced.")


def show_former(state: Object, common: Common) -> None:
    """A model as it was."""
    if common.json:
        show_json(state)
        return
    price: Object = state["price"] or {}
    rows = [(name, value) for name, value in state["fields"].items() if value not in (None, [], {})]
    rows += [(name, price.get(name)) for name in ("input_per_mtok", "output_per_mtok")]
    show_table(("field", "was"), rows, empty="Nothing was known of it.")
    there = "in the library" if state["synced"] else "not in the library"
    default = ", the default" if state["default"] else ""
    say(f"{state['model']} was {there}{default}; {state['changes_since']} changes since.")


def moment(text: str) -> str:
    """A date or time as it is sent; without a zone it is this machine's. Raises CycloptsError."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC).isoformat()
    except ValueError:
        raise wrong(f"--at is a date or a time such as 2026-11-01 or 2026-11-01T09:30, not {text!r}.") from None


def some(text: str) -> list[str]:
    """Tags as they are sent. Raises CycloptsError without one."""
    found = listed(text)
    if not found:
        raise wrong("Name one or more tags: --tags coding,fast")
    return found


def sides(row: Object) -> tuple[str, str]:
    """What differs, before and after, in words."""
    before, after = row["before"], row["after"]
    if before is None or after is None or not row["fields"]:
        return ("-" if before is None else "in the library", "-" if after is None else state(after))
    return fields(before, row["fields"]), fields(after, row["fields"])


def state(after: Object) -> str:
    """What became of it, where no field tells."""
    return "removed" if after.get("deleted") else "in the library"


def fields(side: Object, names: list[str]) -> str:
    """Some fields with their values."""
    plain = {"successor_id": "successor"}
    return ", ".join(f"{name}: {words(side.get(name))}" for name in (plain.get(each, each) for each in names))


def mark(row: Object) -> str:
    """Whether it was taken back, or takes something back."""
    return "taken back" if row["undone"] else "takes back " + row["undoes"] if row["undoes"] else ""
