"""`modelhall evidence`: what is known of where a provider's or model's data goes, and on what that stands."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from cyclopts import App, Parameter

from modelhall.cli.client import Object, in_path
from modelhall.cli.options import USUAL, Common, agreed, listed, wrong
from modelhall.cli.out import say, show_json, show_table, tell, words
from modelhall.cli.reach import house

app = App(name="evidence", help="What is known of where data goes, and on what that stands.")

Fact = Literal["local", "zero_retention", "no_training", "regions"]
Which = Annotated[str, Parameter(name="NAME", help="A profile's id, or a model: profile/model-id.")]
FactName = Annotated[Fact, Parameter(name="FACT", help="What it is about.")]


@app.command
def show(name: Which, /, *, common: Common = USUAL) -> None:
    """Show what is known of a profile or of one model."""
    with house(common) as client:
        found = client.get(f"/evidence/{in_path(name)}")
    _tell(found, common)


@app.command
def enter(
    fact: FactName,
    name: Which,
    value: Annotated[str, Parameter(name="VALUE", help="yes or no; of regions all of them, with commas between.")],
    /,
    *,
    reference: Annotated[str, Parameter(help="By which it can be found again: a contract, a certificate, a mail.")],
    dated: Annotated[str | None, Parameter(help="From when it is, such as 2026-11-01; otherwise today.")] = None,
    address: Annotated[str | None, Parameter(help="The address of the page, where it is one.")] = None,
    valid_until: Annotated[str | None, Parameter(help="The last day on which it counts, such as 2027-10-31.")] = None,
    common: Common = USUAL,
) -> None:
    """Enter what is known, in the place of what was entered there before. A model's own comes before its profile's."""
    body: Object = {
        "value": value_of(fact, value),
        "reference": reference,
        "dated": dated or datetime.now(UTC).date().isoformat(),
        "address": address,
        "valid_until": valid_until,
    }
    with house(common) as client:
        found = client.send("PUT", f"/evidence/{in_path(fact)}/{in_path(name)}", body)
    _tell(found, common)


@app.command
def withdraw(fact: FactName, name: Which, /, *, common: Common = USUAL) -> None:
    """Take back what was entered. Models that kept the organisation's policy by it are held back at once."""
    if not agreed(f"Withdraw the evidence for {fact} of {name}? Models that need it are held back."):
        tell("Nothing was changed.")
        return
    with house(common) as client:
        found = client.send("DELETE", f"/evidence/{in_path(fact)}/{in_path(name)}")
    _tell(found, common)


def value_of(fact: str, text: str) -> object:
    """A fact's value as it was written. Raises CycloptsError."""
    if fact == "regions":
        return listed(text)
    plain = text.strip().lower()
    if plain not in {"yes", "no"}:
        raise wrong(f"{fact} is yes or no, not {text!r}.")
    return plain == "yes"


def _tell(found: Object, common: Common) -> None:
    if common.json:
        show_json(found)
        return
    say(f"{found['name']}: {found['says']}")
    say()
    show_table(
        ("fact", "value", "stands on", "from", "dated", "valid until", "entered by"),
        [row_of(each) for each in found["facts"]],
        empty="Nothing is known.",
    )


def row_of(fact: Object) -> tuple[object, ...]:
    """One fact on one line."""
    known, over = fact["evidence"], fact["over"]
    if known is None:
        ended = f"ended: {words(over['reference'])}" if over else None
        return (fact["fact"], "unknown", ended, None, None, over and over["valid_until"], None)
    columns = ("value", "reference", "layer", "dated", "valid_until", "entered_by")
    return (fact["fact"], *(known[name] for name in columns))
