"""`modelhall preferences`: your own default model and parameters."""

from typing import Annotated

from cyclopts import Parameter

from modelhall.cli.client import Object
from modelhall.cli.options import USUAL, Common
from modelhall.cli.out import show_facts, show_json, tell
from modelhall.cli.reach import house
from modelhall.cli.stored_values import given_values, shown_values


def preferences(
    *,
    default_model: Annotated[
        str | None, Parameter(help="The model that answers when your calls name none; `none` takes it back.")
    ] = None,
    set_: Annotated[
        tuple[str, ...],
        Parameter(
            name="--set",
            negative="",
            show_default=False,
            help="What your calls send where they name none, such as temperature=0.2; =none takes it away.",
        ),
    ] = (),
    common: Common = USUAL,
) -> None:
    """Show or change what holds for all your keys: your own default model, and values for parameters."""
    body: Object = {}
    if default_model is not None:
        body["default_model"] = None if default_model == "none" else default_model
    if set_:
        body["model_parameters"] = given_values(set_, "--set")
    with house(common) as client:
        stored = client.send("PATCH", "/preferences", body) if body else client.get("/preferences")
    if common.json:
        show_json(stored)
        return
    show_facts((("default model", stored["default_model"]), ("parameters", shown_values(stored["model_parameters"]))))
    for warning in stored["warnings"]:
        tell(warning)
