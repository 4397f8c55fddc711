"""`modelhall model test` and `modelhall model probe`: small calls that show how a model does."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from modelhall.cli.client import Object
from modelhall.cli.main import REFUSED
from modelhall.cli.model_add import described, warn
from modelhall.cli.options import USUAL, Common, agreed, listed, wrong
from modelhall.cli.out import say, show_json, show_table, tell, usd
from modelhall.cli.reach import house

PROMPT = "Say hello in one short sentence."


def try_(
    name: Annotated[str | None, Parameter(name="MODEL", help="A model of the library, active or not.")] = None,
    /,
    *,
    file: Annotated[Path | None, Parameter(help="Instead: JSON of one model that is not saved yet.")] = None,
    prompt: Annotated[str, Parameter(help="What to ask.")] = PROMPT,
    max_tokens: Annotated[int, Parameter(help="The longest answer, in tokens.")] = 1024,
    common: Common = USUAL,
) -> int:
    """Try a model with a prompt: its answer, how quickly, and what that cost. It is a real call with its row."""
    if (name is None) == (file is None):
        raise wrong("Name a model of the library, or give --file with one that is not saved yet.")
    body: Object = {"prompt": prompt, "max_tokens": max_tokens}
    if file is None:
        body["model"] = name
    else:
        models = described(file)
        if len(models) != 1:
            raise wrong(f"{file} describes {len(models)} models; one can be tried at a time.")
        body["new_model"] = models[0]
    with house(common) as client:
        trial = client.send("POST", "/models/test", body)
    if common.json:
        show_json(trial)
    else:
        show(trial)
    return 0 if trial["ok"] else REFUSED


def probe(
    name: Annotated[str, Parameter(name="MODEL", help="A model of the library, active or not.")],
    /,
    *,
    only: Annotated[
        str | None, Parameter(help="With commas: streaming, tools, json_schema, vision, reasoning.")
    ] = None,
    dry_run: Annotated[bool, Parameter(negative="", help="Only say what it can cost at most.")] = False,
    common: Common = USUAL,
) -> int:
    """See what a model can do, with up to five small calls. What was seen stays with the model, with its date."""
    body: Object = {"model": name} | ({"only": listed(only)} if only else {})
    with house(common) as client:
        told = client.send("POST", "/models/probe", {**body, "dry_run": True})
        if not dry_run:
            if not agreed(f"{len(told['results'])} calls, which cost at most {usd(told['bound'])}. Go on?"):
                tell("Nothing was sent.")
                return 0
            told = client.send("POST", "/models/probe", body)
    if common.json:
        show_json(told)
        return 0
    show_table(
        ("capability", "claimed", "seen", "why", "cost"),
        [(row["capability"], row["claimed"], row["seen"], row["words"], usd(row["cost"])) for row in told["results"]],
        empty="Nothing can be tried.",
    )
    spent = "nothing was sent" if dry_run else f"cost {usd(told['cost'])}"
    say(f"{told['model']}: {spent}; at most {usd(told['bound'])}.")
    return 0


def show(trial: Object) -> None:
    """A trial for people: the answer on standard output, the figures and what went wrong beside it."""
    if trial["answer"]:
        say(str(trial["answer"]))
    if trial["error"]:
        tell(f"{trial['error']['code']}: {trial['error']['message']}")
    first = "no answer" if trial["first_token_ms"] is None else f"first token after {trial['first_token_ms']:,} ms"
    parts = [
        str(trial["model"]),
        first,
        f"{trial['total_ms']:,} ms in all",
        f"{_count(trial['input_tokens'])} tokens in",
        f"{_count(trial['output_tokens'])} out",
        f"{usd(trial['cost'])} (at most {usd(trial['bound'])})",
    ]
    tell(" · ".join(parts if trial["saved"] else [*parts, "not saved"]))
    for field, change in trial["receipt"].items():
        tell(f"  {field}: {change}")
    if trial["call"] and trial["answer"]:
        tell(f"Say what you think of it: modelhall model rate {trial['call']} 1…5")
    warn(trial)


def _count(tokens: int | None) -> str:
    return "?" if tokens is None else f"{tokens:,}"
