"""`modelhall alias`: your own names for models, with what to fall back to."""

from shlex import join
from typing import Annotated

from cyclopts import App, Parameter

from modelhall.cli.client import Object, in_path
from modelhall.cli.options import USUAL, Common, agreed, dollars, wrong
from modelhall.cli.out import say, show_facts, show_json, show_table, tell, usd
from modelhall.cli.reach import house

app = App(name="alias", help="Your own names for models, with what to fall back to.")

Name = Annotated[
    str, Parameter(name="NAME", help="The alias: small letters, digits, dot, dash, underscore; not `default`.")
]
CEILING = "--ceiling-usd-per-mtok"


@app.command(name="set")
def set_(
    name: Name,
    /,
    *models: Annotated[
        str, Parameter(name="MODELS", negative="", help="The models in their order, the preferred first.")
    ],
    ceiling_usd_per_mtok: Annotated[
        str | None,
        Parameter(
            name=CEILING,
            help="Fall back to what costs at most this, in US dollars per million tokens; otherwise the first's price.",
        ),
    ] = None,
    common: Common = USUAL,
) -> None:
    """Make an alias, or replace all that it says: its models in their order, and its ceiling."""
    if not models:
        raise wrong("Name the models that it is to mean, the preferred first.")
    body: Object = {"models": list(models), "ceiling_usd_per_mtok": dollars(ceiling_usd_per_mtok, CEILING)}
    with house(common) as client:
        made = client.send("PUT", alias_path(name), body)
    if common.json:
        show_json(made)
        return
    say(f"{made['name']} now means {then(made)}.")
    for line in advice(made):
        tell(line)
    if (before := made["before"]) is not None and said(before) != said(made):
        tell(f"Before, it was: {command_of(before)}")


@app.command(name="list")
def list_(*, common: Common = USUAL) -> None:
    """List the aliases."""
    with house(common) as client:
        aliases = client.items("/aliases")
    if common.json:
        show_json({"items": aliases})
        return
    show_table(
        ("alias", "models", "ceiling $/M", "never used"),
        [
            (row["name"], row["models"], ceiling_words(row), [each["model"] for each in unreachable(row)])
            for row in aliases
        ],
        empty="No aliases yet. Make one: modelhall alias set NAME MODEL MODEL",
    )


@app.command
def show(name: Name, /, *, common: Common = USUAL) -> None:
    """Show one alias: its models in order, their prices, and why one is never used."""
    with house(common) as client:
        found = client.get(alias_path(name))
    if common.json:
        show_json(found)
        return
    show_facts((("name", found["name"]), ("ceiling $/M", ceiling_words(found)), ("shadows", found["shadows"])))
    say()
    show_table(
        ("model", "input $/M", "output $/M", "never used, because"),
        [
            (each["model"], usd(each["input_per_mtok"]), usd(each["output_per_mtok"]), each["unreachable"] or "")
            for each in found["targets"]
        ],
        empty="None of its models is in the library any more.",
    )


@app.command
def delete(name: Name, /, *, common: Common = USUAL) -> None:
    """Delete an alias. Its models stay."""
    if not agreed(f"Delete the alias {name}? Programs that ask for it will be refused."):
        tell("Nothing was deleted.")
        return
    with house(common) as client:
        was = client.send("DELETE", alias_path(name))
    if common.json:
        show_json(was)
    else:
        say(f"Alias {name} is deleted.")
        tell(f"To have it again: {command_of(was)}")


def alias_path(name: str) -> str:
    """Where an alias is in the control API."""
    return f"/aliases/{in_path(name)}"


def then(alias: Object) -> str:
    """Its models in words."""
    return ", then ".join(alias["models"])


def advice(alias: Object) -> list[str]:
    """What a person should know of an alias that they just set."""
    told = [f"{each['model']} is never used as things are: {each['unreachable']}." for each in unreachable(alias)]
    if alias["shadows"]:
        told.append(f"By the name {alias['name']} nobody reaches {', '.join(alias['shadows'])} any more.")
    return told


def unreachable(alias: Object) -> list[Object]:
    """Those of its targets that no call goes to."""
    return [each for each in alias["targets"] if each["unreachable"]]


def ceiling_words(alias: Object) -> str:
    """The ceiling, as a table shows it."""
    ceiling = alias["ceiling_usd_per_mtok"]
    return "the first's price" if ceiling is None else usd(ceiling)


def said(alias: Object) -> tuple[object, object]:
    """What it says: models and ceiling."""
    return alias["models"], alias["ceiling_usd_per_mtok"]


def command_of(alias: Object) -> str:
    """The command that makes an alias what it is here."""
    ceiling = alias["ceiling_usd_per_mtok"]
    options = () if ceiling is None else (CEILING, ceiling)
    return join(("modelhall", "alias", "set", alias["name"], *alias["models"], *options))
