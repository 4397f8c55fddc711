"""`modelhall model populate`: the usual models of older programs, with SQL, bindings and progress."""

import json

from modelhall.cli.client import Client, Object
from modelhall.cli.main import REFUSED
from modelhall.cli.options import USUAL, Common
from modelhall.cli.out import say, show_json
from modelhall.cli.reach import house

ADMIN = "/api/admin/models"
COLUMNS = {
    "name": "name",
    "model_id": "modelId",
    "endpoint_type": "endpointType",
    "thinking": "thinking",
    "context_window": "contextWindow",
    "max_output": "maxOutput",
    "knowledge_cutoff": "knowledgeCutoff",
    "input_price_per_mtok": "inputPricePerMtok",
    "output_price_per_mtok": "outputPricePerMtok",
    "is_active": "isActive",
}
LOOK = "SELECT id FROM models WHERE model_id = ?"
INSERT = f"INSERT INTO models ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608 - shown only


def populate(*, common: Common = USUAL) -> int:
    """Add Sonnet 4, GPT-4.1 and GPT-4.1 Nano; those that are there are passed over.

    Shown as SQL on the table `models`, which is how older programs see the library; the work is done by the house.
    """
    with house(common) as client:
        done = asked(client, "POST", f"{ADMIN}/populate")
        if common.json:
            show_json(done)
        else:
            for number, result in enumerate(done["results"], 1):
                show(client, result, f"[{number}/{done['summary']['total']}]")
            summary = done["summary"]
            counts = f"{summary['created']} created, {summary['skipped']} skipped, {summary['total']} in all"
            say(f"\n{done['message']}: {counts}.")
    return REFUSED if any(result["status"] == "error" for result in done["results"]) else 0


def show(client: Client, result: Object, place: str) -> None:
    """One model: what was looked for, and what was written."""
    say(f"{place} {result['modelId']}")
    sql(LOOK, [result["modelId"]])
    if result["status"] == "created":
        model = asked(client, "GET", f"{ADMIN}/{result['id']}")
        sql(INSERT, [model[field] for field in COLUMNS.values()])
        say(f"  created with id {result['id']}")
    else:
        say(f"  {result['status']}: {result['reason']}")


def sql(statement: str, bindings: list[object]) -> None:
    """A statement with what is bound to it."""
    say(f"  SQL: {statement}\n  Bindings: {json.dumps(bindings, ensure_ascii=False)}")


def asked(client: Client, method: str, target: str) -> Object:
    """The answer of a route of older programs."""
    with client.stream(method, target) as reply:
        return json.loads(b"".join(reply.chunks))
