"""`modelhall explain`: what would become of a call, without making it."""

import json
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from modelhall.cli.client import Object, object_in
from modelhall.cli.options import USUAL, Common, wrong
from modelhall.cli.out import Cell, say, show_facts, show_json, show_table, usd
from modelhall.cli.reach import house

HELLO: Object = {"messages": [{"role": "user", "content": "Hello."}]}


def explain(
    model: Annotated[str | None, Parameter(name="MODEL", help="What the call asks for; otherwise the default.")] = None,
    /,
    *,
    file: Annotated[
        str | None, Parameter(help="The request as it would be sent, in JSON; `-` reads standard input.")
    ] = None,
    dialect: Annotated[
        str | None, Parameter(help="The shape it is in, such as anthropic_messages; otherwise openai_chat.")
    ] = None,
    key: Annotated[str | None, Parameter(help="The key it would come with, by id or name.")] = None,
    common: Common = USUAL,
) -> int:
    """Say where a call would go and why, what would be changed and what it may cost; nothing is sent.

    Ends with 1 when it would be refused.
    """
    request = HELLO if file is None else body_in(file)
    if model is not None:
        request = {**request, "model": model}
    asked = {"request": request, "dialect": dialect, "key": key}
    with house(common) as client:
        told = client.send("POST", "/explain", {name: value for name, value in asked.items() if value is not None})
    if common.json:
        show_json(told)
    else:
        show(told)
    return 0 if told["admitted"] else 1


def body_in(file: str) -> Object:
    """The JSON object in a file, or on standard input. Raises CycloptsError."""
    try:
        body = object_in(json.loads(sys.stdin.read() if file == "-" else Path(file).read_bytes()))
    except (OSError, ValueError) as error:
        raise wrong(f"--file {file} cannot be read: {error}") from None
    if body is None:
        raise wrong(f"--file {file} holds no JSON object.")
    return body


def show(told: Object) -> None:
    """The verdict, the facts that are known, and what would be changed."""
    refusal: Object | None = told["refusal"]
    if refusal is None:
        say(f"{told['asked']} → {told['model']}: {told['why']}")
    else:
        say(f"{told['asked']} would be refused with {refusal['status']} {refusal['code']}: {refusal['message']}")
    facts = [fact for fact in facts_of(told) if fact[1]]
    if facts:
        say()
        show_facts(facts)
    changes: Object = {**told["changes"], **dict.fromkeys(told["dropped"], "dropped: the model does not take it")}
    if changes:
        say()
        show_table(("in the request", "becomes"), changes.items(), empty="")


def facts_of(told: Object) -> list[tuple[str, Cell]]:
    """What is known, by name; empty where it is not, or does not apply."""
    if told["model"] is None:
        return [("budget", told["budget_left"] and f"{usd(told['budget_left'])} left")]
    limit = told["output_limit"]
    return [
        ("falls back to", " → ".join(told["fallbacks"])),
        *(("not to", f"{each['model']}: {each['why']}") for each in told["passed"]),
        ("asked in", told["dialect"]),
        ("tokens", f"at most {told['most_input']:,} in, {told['most_output']:,} out"),
        ("cost", "not known: it has no price" if told["bound"] is None else f"at most {usd(told['bound'])}"),
        ("budget", "none" if told["budget_left"] is None else f"{usd(told['budget_left'])} left"),
        ("limit", limit and f"{limit:,} tokens out, so that it fits the budget"),
    ]
