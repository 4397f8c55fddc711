"""`modelhall model search`: the library, what providers list, and the catalog, in one."""

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from cyclopts import Parameter

from modelhall.cli.client import Object
from modelhall.cli.model_lists import tell_trouble
from modelhall.cli.options import USUAL, Common, dollars, wrong
from modelhall.cli.out import say, show_json, show_table, usd
from modelhall.cli.reach import house

Several = Annotated[tuple[str, ...], Parameter(negative="", consume_multiple=False)]
Usd = Annotated[str | None, Parameter(help="US dollars per million tokens.")]
MOST = 500


@Parameter(name="*")
@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What it has to be; a filter may be given several times."""

    profile: Annotated[Several, Parameter(help="Of one of these profiles.")] = ()
    provider: Annotated[Several, Parameter(help="Of one of these providers.")] = ()
    status: Annotated[
        Several,
        Parameter(help="active, inactive, hidden, quarantined, discovered, catalog, listed or unlisted."),
    ] = ()
    maker: Annotated[Several, Parameter(help="Made by one of these companies.")] = ()
    kind: Annotated[Several, Parameter(help="chat, embedding, image, …")] = ()
    capability: Annotated[Several, Parameter(help="Can do this, such as vision, tools or reasoning; all of them.")] = ()
    input: Annotated[Several, Parameter(help="Takes this in: text, image, audio, video, document; all of them.")] = ()
    output: Annotated[Several, Parameter(help="Puts this out; all of them.")] = ()
    tag: Annotated[Several, Parameter(help="Carries this tag; all of them.")] = ()
    region: Annotated[Several, Parameter(help="In one of these regions.")] = ()
    zero_retention: Annotated[Several, Parameter(help="Nothing is kept of a call: yes, no or unknown.")] = ()
    health: Annotated[Several, Parameter(help="operational, degraded, down or no_data.")] = ()
    min_context: Annotated[int | None, Parameter(help="Takes at least so many tokens.")] = None
    min_input_price: Usd = None
    max_input_price: Usd = None
    min_output_price: Usd = None
    max_output_price: Usd = None
    min_blended_price: Usd = None
    max_blended_price: Usd = None
    min_uptime: Annotated[str | None, Parameter(help="Of the last 30 minutes, between 0 and 1.")] = None
    retires_before: Annotated[str | None, Parameter(help="Goes before this date.")] = None

    def pairs(self) -> list[tuple[str, str]]:
        """As the control API takes them."""
        told: list[tuple[str, str]] = []
        for name in SEVERAL:
            told += [(name, value) for value in getattr(self, name)]
        for end in ("min", "max"):
            for side in ("input", "output", "blended"):
                amount = dollars(getattr(self, f"{end}_{side}_price"), f"--{end}-{side}-price")
                told += [] if amount is None else [(f"{end}_price_{side}", amount)]
        single = {name: getattr(self, name) for name in ("min_context", "min_uptime", "retires_before")}
        return told + [(name, str(value)) for name, value in single.items() if value is not None]


SEVERAL = (
    *("profile", "provider", "status", "maker", "kind", "capability", "input", "output", "tag", "region"),
    *("zero_retention", "health"),
)
EVERYTHING = Filters()


def search(
    *words: Annotated[str, Parameter(name="WORDS", help="All of them must be in name, alias, provider, maker or tag.")],
    filters: Filters = EVERYTHING,
    sort: Annotated[str, Parameter(help="The column to sort by. What is unknown comes last.")] = "name",
    descending: Annotated[bool, Parameter(negative="", help="The greatest first.")] = False,
    limit: Annotated[int, Parameter(help="At most so many; 0: all.")] = 50,
    common: Common = USUAL,
) -> None:
    """Search your models, what providers list, and the catalog."""
    if limit < 0:
        raise wrong("--limit is 0 or more.")
    asked = [("q", " ".join(words)), *filters.pairs(), ("sort", f"-{sort}" if descending else sort)]
    found = _found(asked, limit, common)
    if common.json:
        show_json(found)
        return
    show_table(
        ("model", "status", "kind", "context", "input $/M", "output $/M", "blended $/M", "retires"),
        [_row(entry) for entry in found["items"]],
        empty="Nothing was found. Fewer words or filters find more.",
    )
    if found["total"] > len(found["items"]):
        say(f"{len(found['items'])} of {found['total']:,}; `--limit 0` shows all.")
    tell_trouble(found["troubled"])


def _found(asked: list[tuple[str, str]], limit: int, common: Common) -> Object:
    """The first page with what comes after it, up to the limit."""
    with house(common) as client:
        size = min(limit, MOST) or MOST
        page = client.get("/library?" + urlencode([*asked, ("limit", str(size))]))
        items = list(page["items"])
        while page["next"] and (limit == 0 or len(items) < limit):
            more = [("after", page["next"]), ("facets", "false"), ("limit", str(MOST))]
            following = client.get("/library?" + urlencode([*asked, *more]))
            items += following["items"]
            page = page | {"next": following["next"]}
    return page | {"items": items[:limit] if limit else items}


def _row(entry: Object) -> tuple[object, ...]:
    status = ", ".join([entry["status"], *(["hidden"] if entry["hidden"] else [])])
    prices = (usd(entry[f"price_{side}"]) for side in ("input", "output", "blended"))
    return (entry["name"], status, entry["kind"], entry["context_window"], *prices, entry["retires_on"])
