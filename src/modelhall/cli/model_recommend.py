"""`modelhall model recommend`: which model for which use, with the reasons."""

from typing import Annotated, Literal

from cyclopts import Parameter

from modelhall.cli.options import USUAL, Common
from modelhall.cli.out import say, show_json, tell
from modelhall.cli.reach import house

Use = Literal["general", "default", "code", "fast", "vision", "long_context", "budget"]
LATELY = 180
NOTHING = "No model comes into question. Add a provider with its key: modelhall profile add --provider NAME --key -"
NOTHING_NEW = "Nothing that came out lately is missing from your library; --new-days looks further back."


def recommend(
    use: Annotated[Use, Parameter(name="USE", help="What the model is for.")] = "general",
    /,
    *,
    limit: Annotated[int, Parameter(help="How many to show.")] = 5,
    library: Annotated[bool, Parameter(negative="", help="Nothing that is not in the library yet.")] = False,
    new: Annotated[
        bool, Parameter(negative="", help="Only what came out lately and is not in the library yet.")
    ] = False,
    new_days: Annotated[int, Parameter(help="What counts as lately, with --new.")] = LATELY,
    common: Common = USUAL,
) -> None:
    """Recommend models for a use, computed from catalog, price, health and speed."""
    with house(common) as client:
        lately = new_days if new else None
        told = client.get("/recommendations", use=use, limit=limit, library_only=library, new_days=lately)
    if common.json:
        show_json(told)
        return
    if not told["items"]:
        tell(NOTHING_NEW if new and told["considered"] else NOTHING)
    for item in told["items"]:
        say(f"{item['place']}. {item['model']} ({item['score']} points)")
        for reason in item["reasons"]:
            say(f"   {reason['points']:>+4}  {reason['words']}")
        if item["state"] == "listed":
            profile, _, model = item["model"].partition("/")
            say(f"         to take it: modelhall model sync {profile} {model}")
    if told["items"]:
        tell(f"Of {told['considered']} that come into question.")
    for board in told["leaderboards"]:
        tell(f"See also {board['name']}, {board['url']}: {board['measures']}.")
