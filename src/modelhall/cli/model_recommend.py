"""`modelhall model recommend`: which model for which use, with the reasons."""

from typing import Annotated, Literal

from cyclopts import Parameter

from modelhall.cli.options import USUAL, Common
from modelhall.cli.out import say, show_json, tell
from modelhall.cli.reach import house

Use = Literal["general", "code", "fast", "vision", "long_context", "budget"]


def recommend(
    use: Annotated[Use, Parameter(name="USE", help="What the model is for.")] = "general",
    /,
    *,
    limit: Annotated[int, Parameter(help="How many to show.")] = 5,
    library: Annotated[bool, Parameter(negative="", help="Nothing that is not in the library yet.")] = False,
    common: Common = USUAL,
) -> None:
    """Recommend models for a use, computed from catalog, price, health and speed."""
    with house(common) as client:
        told = client.get("/recommendations", use=use, limit=limit, library_only=library)
    if common.json:
        show_json(told)
        return
    if not told["items"]:
        tell("No model comes into question. Add a provider with its key: modelhall profile add --provider NAME --key -")
    for place, item in enumerate(told["items"], 1):
        say(f"{place}. {item['model']} ({item['score']} points)")
        for reason in item["reasons"]:
            say(f"   {reason['points']:>+4}  {reason['words']}")
    if told["items"]:
        tell(f"Of {told['considered']} that come into question.")
