"""`modelhall usage`: what was used and what it cost, from the ledger."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

from cyclopts import App, Parameter

from modelhall.cli.client import Client, Object, in_path
from modelhall.cli.options import USUAL, Common, moment, wrong
from modelhall.cli.out import say, show_facts, show_json, show_table, usd
from modelhall.cli.reach import house
from modelhall.domain.usage import INPUT_CLASSES, OUTPUT_CLASSES, PIECE_CLASSES

app = App(name="usage", help="What was used and what it cost.")

SHOWN = 50
"""Rows for people unless they ask for more; programs get all."""
PAGE = 500


@app.default
def usage(
    *,
    since: Annotated[
        str | None, Parameter(help="Only from then on: a date, a time, or a distance back such as 7d.")
    ] = None,
    until: Annotated[str | None, Parameter(help="Only before then, written the same way.")] = None,
    key: Annotated[str | None, Parameter(help="Only with this key (its id or name).")] = None,
    model: Annotated[str | None, Parameter(help="Only of this model.")] = None,
    limit: Annotated[
        int | None, Parameter(help=f"At most so many rows, the latest; otherwise {SHOWN}, with --json all.")
    ] = None,
    common: Common = USUAL,
) -> None:
    """List the latest attempts with their usage and cost, and the total of all that the filters let through."""
    if limit is not None and limit < 1:
        raise wrong("--limit is 1 or more.")
    now = datetime.now(UTC)
    filters: Object = {
        "since": moment(since, "--since", now, "back"),
        "until": moment(until, "--until", now, "back"),
        "key": key,
        "model": model,
    }
    most = limit if limit is not None or common.json else SHOWN
    with house(common) as client:
        rows, total = ledger(client, filters, most)
    if common.json:
        show_json({"rows": rows, "total": total})
    else:
        show_rows(rows)
        show_total(total)


@app.command
def call(
    id_: Annotated[str, Parameter(name="ID", help="The call's id, from x-modelhall-call or `modelhall usage`.")],
    /,
    *,
    common: Common = USUAL,
) -> None:
    """Show one call: its attempts, what each used and cost, and what the gateway changed in it."""
    with house(common) as client:
        found = client.get(f"/calls/{in_path(id_)}")
    if common.json:
        show_json(found)
        return
    receipt: Object = found.get("receipt") or {}
    show_facts(
        [("call", found["call"]), ("cost", usd(found["cost"])), ("charge", usd(found["charge"])), *receipt.items()]
    )
    show_rows(found["attempts"])


def ledger(client: Client, filters: Object, most: int | None) -> tuple[list[Object], Object]:
    """The latest rows, at most so many, and the total of all."""
    rows: list[Object] = []
    before: object = None
    total: Object | None = None
    while True:
        wanted = PAGE if most is None else min(PAGE, most - len(rows))
        page = client.get("/usage", **filters, before=before, limit=wanted)
        rows += page["rows"]
        total = page["total"] if total is None else total
        before = page.get("next")
        if not before or (most is not None and len(rows) >= most):
            return rows, total or {}


def show_rows(rows: Iterable[Object]) -> None:
    """Attempts for people."""
    show_table(
        ("at", "model", "status", "in", "of it cached", "out", "cost", "call"),
        [
            (
                str(row.get("at", ""))[:19].replace("T", " "),
                row["model"],
                status_words(row),
                tokens(row, INPUT_CLASSES),
                row.get("cache_read"),
                tokens(row, OUTPUT_CLASSES),
                cost_words(row),
                row["call"],
            )
            for row in rows
        ],
        empty="Nothing was used yet.",
    )


def show_total(total: Object) -> None:
    """The total for people."""
    parts = [
        f"{total.get('attempts', 0)} attempts",
        f"{tokens(total, INPUT_CLASSES) or 0:,} tokens in",
        f"{tokens(total, OUTPUT_CLASSES) or 0:,} tokens out",
        *(f"{total[name]:,} {name.replace('_', ' ')}" for name in PIECE_CLASSES if total.get(name)),
        f"cost {usd(total.get('cost') or 0)}",
    ]
    if total.get("charge") != total.get("cost"):
        parts.append(f"charge {usd(total.get('charge') or 0)}")
    if float(total.get("unconfirmed") or 0):
        parts.append(f"up to {usd(total['unconfirmed'])} more, unconfirmed")
    if total.get("unpriced"):
        parts.append(f"{total['unpriced']} without a known price")
    say("Total: " + " · ".join(parts))


def tokens(row: Object, classes: tuple[str, ...]) -> int | None:
    """The tokens of these classes together; `None` when none was told."""
    told = [row[name] for name in classes if row.get(name) is not None]
    return sum(told) if told else None


def status_words(row: Object) -> str:
    """How an attempt ended."""
    return f"{row['status']}: {row['error']}" if row.get("error") else str(row["status"])


def cost_words(row: Object) -> str:
    """What an attempt cost; what is not confirmed says so."""
    if row.get("cost") is None and row.get("unconfirmed"):
        return f"up to {usd(row['unconfirmed'])}"
    return usd(row.get("cost"))
