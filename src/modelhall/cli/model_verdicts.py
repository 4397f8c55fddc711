"""`modelhall model rate` and `verdicts`: what people say of a model's answers, kept with the times."""

from typing import Annotated

from cyclopts import Parameter

from modelhall.cli.client import Object, in_path
from modelhall.cli.model import One
from modelhall.cli.options import USUAL, Common
from modelhall.cli.out import say, show_json, show_table
from modelhall.cli.reach import house


def rate(
    call: Annotated[str, Parameter(name="CALL", help="The call's id, as `modelhall model test` shows it.")],
    rating: Annotated[int, Parameter(name="RATING", help="1, of no use, to 5, just right.")],
    /,
    *,
    note: Annotated[str | None, Parameter(help="Why.")] = None,
    common: Common = USUAL,
) -> None:
    """Say what you think of an answer. It is kept with the model and the times; the answer itself is not."""
    with house(common) as client:
        told = client.send("PUT", f"/calls/{in_path(call)}/verdict", {"rating": rating, "note": note})
    if common.json:
        show_json(told)
    else:
        say(_sum(told))


def verdicts(
    name: One, /, *, limit: Annotated[int, Parameter(help="At most so many.")] = 50, common: Common = USUAL
) -> None:
    """Show what people said of a model's answers, the newest first."""
    with house(common) as client:
        told = client.get(f"/model-verdicts/{in_path(name)}", limit=limit)
    if common.json:
        show_json(told)
        return
    show_table(
        ("when", "who", "rating", "first token ms", "total ms", "note"),
        [
            (row["at"], row["member"], row["rating"], row["first_token_ms"], row["total_ms"], row["note"])
            for row in told["items"]
        ],
        empty="Nobody said anything yet. After a test: modelhall model rate CALL RATING",
    )
    if told["count"]:
        say(_sum(told))


def _sum(told: Object) -> str:
    return f"{told['model']}: {told['mean_rating']} of 5 in {told['count']} verdicts."
