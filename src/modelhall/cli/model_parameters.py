"""`modelhall model parameters`: what a model takes, and your own word on it."""

import re
from typing import Annotated, Any

from cyclopts import Parameter

from modelhall.cli.client import Object
from modelhall.cli.model import One, model_path, parameter_words
from modelhall.cli.options import USUAL, Common, wrong
from modelhall.cli.out import say, show_json, show_table
from modelhall.cli.reach import house
from modelhall.cli.stored_values import given_values, shown_values

_SET = re.compile(r"(?P<name>[A-Za-z0-9_]+)\.(?P<field>taken|min|max|sent_as)=(?P<value>.*)")
_NUMBER = re.compile(r"-?[0-9]+(?P<fraction>\.[0-9]+)?")


def parameters(
    name: One,
    /,
    *,
    set_: Annotated[
        tuple[str, ...],
        Parameter(
            name="--set",
            negative="",
            show_default=False,
            help="Such as temperature.max=1, seed.taken=no; =unknown takes it back.",
        ),
    ] = (),
    default: Annotated[
        tuple[str, ...],
        Parameter(
            negative="",
            show_default=False,
            help="What is sent where a caller sends none, such as temperature=0.2; =none takes it away.",
        ),
    ] = (),
    forget: Annotated[
        tuple[str, ...],
        Parameter(negative="", show_default=False, help="A parameter of which your own word no longer counts."),
    ] = (),
    common: Common = USUAL,
) -> None:
    """Show what is known of a model's parameters, say what you know better, or store values to be sent."""
    wishes: Object = {}
    for text in set_:
        found = _SET.fullmatch(text)
        if found is None:
            raise wrong(f"--set is PARAMETER.FIELD=VALUE with taken, min, max or sent_as as field, not {text!r}.")
        wishes.setdefault(found["name"], {})[found["field"]] = _value(found["field"], found["value"])
    wishes |= dict.fromkeys(forget)
    path, body = model_path(name), ({"parameters": wishes} if wishes else {})
    if default:
        body["defaults"] = given_values(default, "--default")
    with house(common) as client:
        model = client.send("PATCH", path, body) if body else client.get(path)
    if common.json:
        show_json(model["parameters"])
        return
    show_table(
        ("parameter", "what the model takes", "who says so", "page"),
        [
            (each, parameter_words(known), ", ".join(_sources(known)), known["page"] or "")
            for each, known in model["parameters"].items()
        ],
        empty="Nothing is known: every parameter goes as it was written.",
    )
    if stored := model.get("defaults"):
        say(f"Sent where a caller sends none: {shown_values(stored)}")


def _value(field: str, text: str) -> Any:
    """What was written, as its field wants it. Raises CycloptsError."""
    if text == "unknown":
        return None
    if field == "sent_as":
        return text
    if field == "taken":
        if text not in ("yes", "no"):
            raise wrong(f"--set …taken is yes, no or unknown, not {text!r}.")
        return text == "yes"
    number = _NUMBER.fullmatch(text)
    if number is None:
        raise wrong(f"--set …{field} is a number or unknown, not {text!r}.")
    return float(text) if number["fraction"] else int(text)


def _sources(known: Object) -> list[str]:
    return list(dict.fromkeys(str(told["source"]) for told in known["sources"]))
