"""`modelhall plan`, `apply`, `import`, `drift`, `sources`, `undo-apply`: the configuration as files."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from modelhall.cli.client import Client, Object, list_in, object_in
from modelhall.cli.options import USUAL, Common, agreed, secret, wrong
from modelhall.cli.out import say, show_json, show_table, tell
from modelhall.cli.reach import house

File = Annotated[
    Path, Parameter(name="FILE", allow_leading_hyphen=True, help="TOML, YAML or JSON; `-` reads standard input.")
]
Form = Annotated[Literal["toml", "yaml", "json"] | None, Parameter(help="Otherwise as the file's name ends.")]
Prune = Annotated[bool, Parameter(negative="", help="Also take away everything that is not in the file.")]
WithSecrets = Annotated[bool, Parameter(negative="", help="Ask for the passphrase of the secrets in it.")]
SIGNS = {"create": "+", "change": "~", "delete": "-"}
LONGEST = 200


def plan(
    file: File,
    /,
    *,
    format: Form = None,
    prune: Prune = False,
    with_secrets: WithSecrets = False,
    common: Common = USUAL,
) -> None:
    """Say what a file would change, object by object and field by field. Nothing is changed."""
    body = body_of(file, format, with_secrets) | {"prune": prune}
    with house(common) as client:
        show(client.send("POST", "/configuration/plan", body), common, ", if it is applied")


def apply(
    file: File,
    /,
    *,
    format: Form = None,
    prune: Prune = False,
    with_secrets: WithSecrets = False,
    yes: Annotated[bool, Parameter(negative="", help="Do not ask.")] = False,
    common: Common = USUAL,
) -> None:
    """Have the configuration be as a file says, all of it or nothing.

    What an earlier apply of the file made, and it no longer says, goes.
    """
    body = body_of(file, format, with_secrets) | {"prune": prune}
    with house(common) as client:
        change(client, body, common, yes=yes)


def import_(
    file: File,
    /,
    *,
    format: Form = None,
    with_secrets: WithSecrets = False,
    yes: Annotated[bool, Parameter(negative="", help="Do not ask.")] = False,
    common: Common = USUAL,
) -> None:
    """Add and change what a file says, and report it. Nothing is taken away."""
    body = body_of(file, format, with_secrets) | {"keep": True}
    with house(common) as client:
        change(client, body, common, yes=yes)


def drift(*, common: Common = USUAL) -> None:
    """Say where the configuration is no longer as the files say that were applied."""
    with house(common) as client:
        told = client.get("/configuration/drift")
    if common.json:
        show_json(told)
    elif not told["items"]:
        tell("Everything is as the applied files say.")
    else:
        steps(told["items"])


def sources(*, common: Common = USUAL) -> None:
    """Say of each object where it comes from: a file, a person, the environment, the house."""
    with house(common) as client:
        told = client.get("/configuration/sources")
    if common.json:
        show_json(told)
        return
    rows = [(each["kind"], each["name"], each["source"]) for each in told["items"]]
    show_table(("kind", "name", "source"), rows, empty="There is nothing yet.")


def undo_apply(*, common: Common = USUAL) -> None:
    """Take the last apply or import back. Refused when a later change would be lost."""
    with house(common) as client:
        told = client.send("POST", "/configuration/undo")
    show(told, common, " is taken back")


def change(client: Client, body: Object, common: Common, *, yes: bool) -> None:
    """Show the plan, ask at a terminal, and do it."""
    if not yes and not common.json and sys.stdin.isatty():
        planned = client.send("POST", "/configuration/plan", body)
        show(planned, common, ", if it is applied")
        if not (planned["steps"] or planned["profiles_with_key"]) or not agreed("Apply this?"):
            return
    show(client.send("POST", "/configuration/apply", body), common)


def body_of(file: Path, form: str | None, with_secrets: bool) -> Object:
    """The file as the control API takes it. Raises CycloptsError."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise wrong(f"{file} cannot be read: {error}.") from None
    if str(file) == "-" and with_secrets:
        raise wrong("Standard input is the file already; give the file by name to be asked for the passphrase.")
    passphrase = secret("-", "passphrase") if with_secrets else None
    name = "standard input" if str(file) == "-" else file.name
    return {"text": text, "name": name, "format": form, "passphrase": passphrase}


def show(told: Object, common: Common, when: str = "") -> None:
    """What a file does, for people or programs."""
    if common.json:
        show_json(told)
        return
    steps(told["steps"])
    for slug in told["profiles_with_key"]:
        say(f"~ profile {slug}: a key out of the sealed secrets")
    for warning in told["warnings"]:
        tell(f"Note: {warning}")
    if not told["steps"] and not told["profiles_with_key"]:
        tell(f"{told['file']}{when}: nothing to change.")
    else:
        counts = ", ".join(f"{told[name]} {name}" for name in ("created", "changed", "deleted"))
        tell(f"{told['file']}{when}: {counts}.")


def steps(items: Iterable[Object]) -> None:
    """Objects with their fields, as a difference is read."""
    for step in items:
        last = object_in(step["last_changed"])
        more = "" if last is None else f", last changed by {last['by']} at {last['at']} ({last['action']})"
        source = "" if step["action"] == "create" else f"  ({step['source']}{more})"
        say(f"{SIGNS[step['action']]} {step['kind']} {step['name']}{source}")
        for each in list_in(step["fields"]):
            field = object_in(each) or {}
            old = "" if step["action"] == "create" else f"{value_of(field['old'])} → "
            say(f"    {field['field']}: {old}{value_of(field['new'])}")


def value_of(value: object) -> str:
    """A field's value on one line."""
    if value is None:
        return "-"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = text.replace("\n", "\\n")
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
