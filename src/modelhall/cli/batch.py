"""The same done to many models in one request, with what became of each."""

from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter

from modelhall.cli.client import Object
from modelhall.cli.main import REFUSED
from modelhall.cli.options import Common, wrong
from modelhall.cli.out import say, show_json, tell
from modelhall.cli.reach import house

DryRun = Annotated[bool, Parameter(negative="", help="Change nothing, only say what would become of each.")]


def act(names: Sequence[str], body: Object, done: str, common: Common, *, dry_run: bool = False) -> int:
    """Do it to each model; one that refuses does not keep the others from it. Exit code 1 when one was refused."""
    needed(names)
    with house(common) as client:
        told = client.send("POST", "/models/batch", body | {"models": list(names), "dry_run": dry_run})
    if common.json:
        show_json(told)
        return REFUSED if told["refused"] else 0
    would = "would be " if dry_run else ""
    words = {"done": f"{would}{done}", "unchanged": "is so already"}
    for row in told["results"]:
        if row["status"] == "refused":
            tell(f"{row['model']}: {row['reason']}")
        else:
            say(f"{row['model']}: {words[row['status']]}")
    return REFUSED if told["refused"] else 0


def needed(names: Sequence[str]) -> None:
    """Raises CycloptsError without a name."""
    if not names:
        raise wrong("Name one or more models, as `modelhall model list` shows them.")
