"""`modelhall collection`: named sets of models."""

from shlex import join
from typing import Annotated

from cyclopts import App, Parameter

from modelhall.cli.client import Object, in_path
from modelhall.cli.options import USUAL, Common, wrong
from modelhall.cli.out import say, show_json, show_table, tell
from modelhall.cli.reach import house

app = App(name="collection", help="Named sets of models.")

Name = Annotated[str, Parameter(name="NAME", help="Its name: small letters, digits, dot, dash, underscore.")]
Models = Annotated[
    str, Parameter(name="MODELS", negative="", help="Their names: profile/model-id, or collection:NAME.")
]


@app.command(name="list")
def list_(*, common: Common = USUAL) -> None:
    """List the collections."""
    with house(common) as client:
        rows = client.items("/collections")
    if common.json:
        show_json({"items": rows})
        return
    show_table(
        ("collection", "models"),
        [(row["name"], row["models"]) for row in rows],
        empty="No collections. Make one: modelhall collection set NAME MODELS",
    )


@app.command
def show(name: Name, /, *, common: Common = USUAL) -> None:
    """Show a collection's models in their order."""
    with house(common) as client:
        found = client.get(path_of(name))
    if common.json:
        show_json(found)
        return
    for model in found["models"]:
        say(model)


@app.command(name="set")
def set_(name: Name, /, *models: Models, common: Common = USUAL) -> None:
    """Make a collection, or replace all that is in it. Its order is that of the names."""
    with house(common) as client:
        made = client.send("PUT", path_of(name), {"models": list(models)})
    told(made, common)
    before: Object | None = made["before"]
    if before is not None and before["models"] != made["models"] and not common.json:
        tell(f"Before, it was: {command_of(before)}")


@app.command
def add(name: Name, /, *models: Models, common: Common = USUAL) -> None:
    """Put further models at the end of a collection."""
    if not models:
        raise wrong("Name the models that are to be in it.")
    with house(common) as client:
        present = client.get(path_of(name))
        made = client.send("PUT", path_of(name), {"models": [*present["models"], *models]})
    told(made, common)


@app.command(name="take-out")
def take_out(name: Name, /, *models: Models, common: Common = USUAL) -> None:
    """Take models out of a collection; they stay in the library."""
    if not models:
        raise wrong("Name the models that are to leave it.")
    with house(common) as client:
        present = client.get(path_of(name))
        rest = [each for each in present["models"] if each not in models]
        made = client.send("PUT", path_of(name), {"models": rest})
    told(made, common)


@app.command
def delete(name: Name, /, *, common: Common = USUAL) -> None:
    """Delete a collection; its models stay in the library."""
    with house(common) as client:
        was = client.send("DELETE", path_of(name))
    if common.json:
        show_json(was)
        return
    say(f"Collection {name} is deleted.")
    tell(f"To have it again: {command_of(was)}")


def path_of(name: str) -> str:
    """Where a collection is in the control API."""
    return f"/collections/{in_path(name)}"


def told(made: Object, common: Common) -> None:
    """What it holds now."""
    if common.json:
        show_json(made)
    else:
        say(f"{made['name']} now holds {', '.join(made['models']) or 'nothing'}.")


def command_of(found: Object) -> str:
    """The command that makes a collection what it is here."""
    return join(("modelhall", "collection", "set", found["name"], *found["models"]))
