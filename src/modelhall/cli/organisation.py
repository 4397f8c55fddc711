"""`modelhall organisation`: who owns what, apart from each other."""

from typing import Annotated

from cyclopts import App, Parameter

from modelhall.cli.client import Object
from modelhall.cli.options import USUAL, Common
from modelhall.cli.out import say, show_json, show_table
from modelhall.cli.reach import house

app = App(name="organisation", help="Organisations: who owns what, apart from each other.")


@app.command(name="list")
def list_(*, common: Common = USUAL) -> None:
    """List the organisations."""
    with house(common) as client:
        rows = client.items("/organisations")
    if common.json:
        show_json({"items": rows})
        return
    show_table(("id", "name"), [(row["id"], row["name"]) for row in rows], empty="There is no organisation.")


@app.command
def create(
    id_: Annotated[
        str, Parameter(name="ID", help="Its id: small letters, digits, dot, dash, underscore. It never changes.")
    ],
    /,
    *,
    name: Annotated[str | None, Parameter(help="A name for people.")] = None,
    common: Common = USUAL,
) -> None:
    """Create an organisation. Who signs in with a link of this machine is its first admin."""
    body: Object = {"id": id_} | ({} if name is None else {"name": name})
    with house(common) as client:
        made = client.send("POST", "/organisations", body)
    if common.json:
        show_json(made)
    else:
        say(f"Organisation {made['id']} is there. Sign in with `modelhall status --link`, go there, and invite people.")


@app.command
def rename(
    name: Annotated[str, Parameter(name="NAME", help="The new name for people.")], /, *, common: Common = USUAL
) -> None:
    """Give your own organisation another name."""
    with house(common) as client:
        changed = client.send("PATCH", "/organisation", {"name": name})
    if common.json:
        show_json(changed)
    else:
        say(f"Organisation {changed['id']} is called {changed['name']} now.")
