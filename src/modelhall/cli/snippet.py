"""`modelhall snippet`: a configuration that points another program here."""

from typing import Annotated

from cyclopts import Parameter

from modelhall.cli.client import Client, Object, in_path
from modelhall.cli.options import USUAL, Common, wrong
from modelhall.cli.out import say, show_json, show_table, tell
from modelhall.cli.reach import house


def snippet(
    program: Annotated[
        str | None, Parameter(name="PROGRAM", help="One of the programs; left out, they are listed.")
    ] = None,
    /,
    *,
    models: Annotated[str | None, Parameter(help="With commas between; left out, all that may be called.")] = None,
    key: Annotated[str | None, Parameter(help="Offer what this key may call: its id or name.")] = None,
    address: Annotated[str | None, Parameter(help="Where the program reaches this server, if not as you do.")] = None,
    file: Annotated[str | None, Parameter(help="Print only the file of this name.")] = None,
    common: Common = USUAL,
) -> None:
    """Print a ready configuration for another program; it reads your key from the variable MODELHALL_KEY."""
    with house(common) as client:
        if program is None:
            show_programs(client.items("/snippets"), as_json=common.json)
            return
        where = address or usual_address(client)
        told = client.get(f"/snippets/{in_path(program)}", models=models, key=key, address=where)
    files = wanted_files(told, file)
    if common.json:
        show_json({**told, "files": files})
    else:
        show(told, files)


def show_programs(programs: list[Object], *, as_json: bool) -> None:
    """What there is."""
    if as_json:
        show_json({"items": programs})
        return
    show_table(("program", "what it is"), [(each["name"], each["title"]) for each in programs], empty="")
    tell("Then: modelhall snippet PROGRAM")


def show(told: Object, files: list[Object]) -> None:
    """The files on standard output; their names and what to do with them on standard error."""
    for each in files:
        tell(f"# {each['name']}")
        say(each["text"].rstrip("\n"))
    tell("\nThen:")
    for number, step in enumerate(told["steps"], 1):
        tell(f"{number}. {step}")


def wanted_files(told: Object, name: str | None) -> list[Object]:
    """All files, or the one of that name. Raises CycloptsError."""
    files: list[Object] = told["files"]
    found = [each for each in files if name is None or each["name"] == name]
    if not found:
        raise wrong(f"--file is {' or '.join(each['name'] for each in files)}, not {name!r}.")
    return found


def usual_address(client: Client) -> str | None:
    """Where programs will reach the house when its server runs; `None`: it runs, and knows."""
    if client.door.address:
        return None
    settings = {each["name"]: each["value"] for each in client.get("/settings")["items"]}
    return settings.get("public_url") or f"http://127.0.0.1:{settings['port']}"
