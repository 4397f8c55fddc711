"""`modelhall project`: what groups keys, with models and parameters of their own."""

from typing import Annotated

from cyclopts import App, Parameter

from modelhall.cli.client import Object, in_path
from modelhall.cli.options import USUAL, Common, agreed, listed, wrong
from modelhall.cli.out import say, show_facts, show_json, show_table, tell
from modelhall.cli.reach import house
from modelhall.cli.stored_values import given_values, shown_values

app = App(name="project", help="What groups keys, with models and parameters of their own.")

Which = Annotated[str, Parameter(name="ID", help="The project's id.")]
Name = Annotated[str | None, Parameter(help="A name for people.")]
Default = Annotated[
    str | None, Parameter(help="The model that answers when a call of its keys names none; empty, none of its own.")
]
Models = Annotated[
    str | None,
    Parameter(help="What its keys may call at most, with commas between; `all`, every active one; empty, none."),
]
Parameters = Annotated[
    list[str] | None,
    Parameter(
        name="--parameter",
        negative="",
        help="What calls are sent with where they do not say otherwise, as temperature=0.2; temperature=none takes it "
        "away. May be given several times.",
    ),
]
Notes = Annotated[str | None, Parameter(help="Notes for people.")]


@app.command
def create(
    id_: Annotated[
        str, Parameter(name="ID", help="Its id: small letters, digits, dot, dash, underscore. It never changes.")
    ],
    /,
    *,
    name: Name = None,
    default_model: Default = None,
    models: Models = None,
    parameter: Parameters = None,
    notes: Notes = None,
    common: Common = USUAL,
) -> None:
    """Create a project. Then make keys in it: modelhall key create NAME --project ID."""
    body: Object = {"id": id_, **given(name, default_model, models, parameter, notes)}
    with house(common) as client:
        project = client.send("POST", "/projects", body)
    if common.json:
        show_json(project)
    else:
        say(f"Project {project['id']} is there. Next: modelhall key create NAME --project {project['id']}")


@app.command
def edit(
    id_: Which,
    /,
    *,
    name: Name = None,
    default_model: Default = None,
    models: Models = None,
    parameter: Parameters = None,
    notes: Notes = None,
    common: Common = USUAL,
) -> None:
    """Change what is given of a project. Its keys follow at once."""
    body = given(name, default_model, models, parameter, notes)
    if not body:
        raise wrong("Say what to change, for example --default-model MODEL.")
    with house(common) as client:
        project = client.send("PATCH", f"/projects/{in_path(id_)}", body)
    if common.json:
        show_json(project)
    else:
        say(f"Project {project['id']} is changed.")


@app.command(name="list")
def list_(*, common: Common = USUAL) -> None:
    """List the projects."""
    with house(common) as client:
        rows = client.items("/projects")
    if common.json:
        show_json({"items": rows})
        return
    show_table(
        ("project", "name", "default", "models", "parameters", "keys"),
        [
            (row["id"], row["name"], row["default_model"], models_of(row), shown_values(row["parameters"]), row["keys"])
            for row in rows
        ],
        empty="No projects yet. Create one: modelhall project create ID",
    )


@app.command
def show(id_: Which, /, *, common: Common = USUAL) -> None:
    """Show one project."""
    with house(common) as client:
        project = client.get(f"/projects/{in_path(id_)}")
    if common.json:
        show_json(project)
        return
    told: Object = {**project, "models": models_of(project), "parameters": shown_values(project["parameters"])}
    show_facts((name.replace("_", " "), value) for name, value in told.items())


@app.command
def delete(id_: Which, /, *, common: Common = USUAL) -> None:
    """Delete a project that has no keys any more. What was used in it stays in the ledger."""
    if not agreed(f"Delete the project {id_}?"):
        tell("Nothing was deleted.")
        return
    with house(common) as client:
        client.send("DELETE", f"/projects/{in_path(id_)}")
    if common.json:
        show_json({"id": id_, "deleted": True})
    else:
        say(f"Project {id_} is deleted.")


def given(
    name: str | None, default_model: str | None, models: str | None, parameter: list[str] | None, notes: str | None
) -> Object:
    """What was given, as the control API takes it. Raises CycloptsError."""
    told: Object = {"name": name, "notes": notes}
    told = {field: value for field, value in told.items() if value is not None}
    if default_model is not None:
        told["default_model"] = default_model or None
    if models is not None:
        told["models"] = None if models == "all" else listed(models)
    if parameter is not None:
        told["parameters"] = given_values(parameter, "--parameter")
    return told


def models_of(project: Object) -> object:
    """What its keys may call, for people."""
    return "all active" if project["models"] is None else project["models"]
