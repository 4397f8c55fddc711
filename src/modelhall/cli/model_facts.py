"""`modelhall model facts`: what is known of a model, who says so, and your own word on it."""

from typing import Annotated, Literal

from cyclopts import Parameter

from modelhall.cli.client import Object
from modelhall.cli.model import One, model_path
from modelhall.cli.options import USUAL, Common
from modelhall.cli.out import show_json, show_table
from modelhall.cli.reach import house

Fact = Literal["context_window", "max_input", "max_output", "knowledge_cutoff", "retires_on"]
FACTS: tuple[Fact, ...] = ("context_window", "max_input", "max_output", "knowledge_cutoff", "retires_on")


def facts(
    name: One,
    /,
    *,
    context_window: Annotated[int | None, Parameter(help="Tokens.")] = None,
    max_input: Annotated[int | None, Parameter(help="Tokens.")] = None,
    max_output: Annotated[int | None, Parameter(help="Tokens.")] = None,
    knowledge_cutoff: Annotated[str | None, Parameter(help="A month or a date.")] = None,
    retires_on: Annotated[str | None, Parameter(help="The date after which it is no longer served.")] = None,
    forget: Annotated[
        tuple[Fact, ...],
        Parameter(negative="", show_default=False, help="A fact of which your own word no longer counts."),
    ] = (),
    common: Common = USUAL,
) -> None:
    """Show what is known of a model and who says so, or say what you know better: your word stays."""
    given: Object = {
        "context_window": context_window,
        "max_input": max_input,
        "max_output": max_output,
        "knowledge_cutoff": knowledge_cutoff,
        "retires_on": retires_on,
    }
    wishes = {fact: value for fact, value in given.items() if value is not None} | dict.fromkeys(forget)
    with house(common) as client:
        path = model_path(name)
        model = client.send("PATCH", path, {"facts": wishes}) if wishes else client.get(path)
    if common.json:
        sources: Object = model["sources"]
        show_json({fact: {"value": model[fact], "told": sources.get(fact)} for fact in FACTS})
        return
    show_table(
        ("fact", "value", "who says so", "as of", "others"),
        [(fact, model[fact], *_source(model["sources"].get(fact))) for fact in FACTS],
        empty="Nothing is known of it.",
    )


def _source(told: Object | None) -> tuple[object, object, object]:
    return (told["source"], told["as_of"], told["disagreeing"]) if told else (None, None, None)
