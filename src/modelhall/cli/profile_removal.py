"""`modelhall profile remove`, what would break by it, and the way back."""

from typing import Annotated

from cyclopts import Parameter

from modelhall.cli.client import in_path
from modelhall.cli.options import USUAL, Common, agreed
from modelhall.cli.out import say, show_json, show_table, tell
from modelhall.cli.reach import house

Which = Annotated[str, Parameter(name="ID", help="The profile's id.")]


def remove(
    id_: Which,
    /,
    *,
    force: Annotated[bool, Parameter(negative="", help="Also when something names one of its models.")] = False,
    common: Common = USUAL,
) -> None:
    """Remove a profile with its key and its models; what they used stays in the ledger."""
    with house(common) as client:
        found = client.get(f"/profiles/{in_path(id_)}/uses")
        needed = ", ".join(map(_words, found["uses"]))
        breaks = f" It is needed by {needed}." if needed else ""
        if not agreed(f"Remove the profile {id_} with its key and its {len(found['models'])} models?{breaks}"):
            tell("Nothing was removed.")
            return
        client.send("DELETE", f"/profiles/{in_path(id_)}", force=force or None)
    if common.json:
        show_json({"id": id_, "removed": True})
    else:
        say(f"Profile {id_} is removed. To have it again: modelhall profile restore {id_}")


def restore(id_: Which, /, *, common: Common = USUAL) -> None:
    """Bring a removed profile back with its models. A key that was stored is forgotten: give it again."""
    with house(common) as client:
        profile = client.send("POST", f"/profiles/{in_path(id_)}/restore")
    if common.json:
        show_json(profile)
        return
    say(f"Profile {id_} is back with {profile['models']} models.")
    if profile["key"]["state"] in {"missing", "none"}:
        tell(f"It has no key. Give one, if it needs one: modelhall profile edit {id_} --key -")


def removed(*, common: Common = USUAL) -> None:
    """List the profiles that were removed and can be restored."""
    with house(common) as client:
        rows = client.items("/removed-profiles")
    if common.json:
        show_json({"items": rows})
        return
    show_table(
        ("profile", "provider", "name", "address", "removed"),
        [(row["id"], row["provider"], row["name"], row["base_url"], row["removed_at"]) for row in rows],
        empty="No profile was removed.",
    )


def uses(id_: Which, /, *, common: Common = USUAL) -> None:
    """Say what would break if a profile were removed."""
    with house(common) as client:
        found = client.get(f"/profiles/{in_path(id_)}/uses")
    if common.json:
        show_json(found)
        return
    show_table(
        ("kind", "name", "model"),
        [(use["kind"], use["name"], use["model"]) for use in found["uses"]],
        empty=f"Nothing needs the {len(found['models'])} models of {id_}.",
    )


def _words(use: dict[str, str]) -> str:
    whose, _, default = use["kind"].partition("_")
    return f"default of {whose} {use['name']}" if default else f"{use['kind']} {use['name']}"
