"""The audit over the control API: searched, exported, and checked."""

from __future__ import annotations

import csv
import io
import json

import sqlalchemy as sa

from modelhall.domain.people import Role
from modelhall.storage.tables.system import audit
from tests.api.test_policy import client_of
from tests.support.asgi import Client
from tests.support.house import ON_SQLITE, OpenHouse


async def test_the_audit_is_searched_by_whom_what_and_when(operator: Client, house: OpenHouse) -> None:
    admin = await client_of(operator, house, Role.ADMIN)
    made = await admin.post("/projects", {"id": "web", "name": "Web"})
    assert made.status == 201
    row = (await operator.get("/audit?action=project.create")).json["items"][0]
    at = row["at"].replace("+", "%2B")
    for query, count in (
        ("action=project", 1),
        ("action=project.delete", 0),
        ("kind=project&actor=admin", 1),
        (f"kind=project&actor={row['actor_id']}", 1),
        (f"kind=project&actor={row['actor']}", 1),
        ("kind=project&actor=operator", 0),
        (f"kind=project&since={at}", 1),
        (f"kind=project&until={at}", 0),
        (f"object_id={row['object_id']}", 1),
    ):
        assert len((await operator.get(f"/audit?{query}")).json["items"]) == count, query
    assert (await operator.get("/audit?since=2027-01-01T00:00:00")).status == 400
    assert (await operator.get("/audit?since=yesterday")).status == 400


async def test_the_audit_is_exported_whole_and_a_spreadsheet_finds_no_formula_in_it(operator: Client) -> None:
    for name in ("=1+1", "+x", "-x", "@x", 'quote"d'):
        assert (await operator.post("/projects", {"id": f"p{ord(name[0])}", "name": name})).status == 201
    listed = (await operator.get("/audit?limit=500")).json["items"]
    exported = await operator.get("/audit/export")
    assert exported.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in exported.body.decode().splitlines()]
    assert [(line["sequence"], line["hash"]) for line in lines] == [
        (row["sequence"], row["hash"]) for row in reversed(listed)
    ]
    assert [line["previous_hash"] for line in lines[1:]] == [line["hash"] for line in lines[:-1]]
    table = await operator.get("/audit/export?format=csv&kind=project")
    rows = list(csv.reader(io.StringIO(table.body.decode())))
    assert rows[0][:5] == ["sequence", "at", "actor", "actor_id", "action"]
    assert len(rows) == 6
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert '"name": "=1+1"' in rows[1][9]
    assert (await operator.get("/audit/export?format=xml")).status == 400


async def test_a_check_of_the_audit_says_who_touched_what(operator: Client, house: OpenHouse) -> None:
    await operator.post("/projects", {"id": "web", "name": "Web"})
    await house.member("far", Role.ADMIN, "elsewhere")
    whole = (await operator.get("/audit/verify")).json["items"]
    assert [(each["organisation"], each["whole"]) for each in whole] == [("default", True), ("elsewhere", True)]
    noted = whole[0]["end"]
    assert (await operator.get(f"/audit/verify?noted={noted}")).json["items"][0]["whole"]
    admin = await client_of(operator, house, Role.ADMIN)
    assert [each["organisation"] for each in (await admin.get("/audit/verify")).json["items"]] == ["default"]
    async with house.database.write() as connection:
        await connection.execute(sa.update(audit).where(audit.c.action == "project.create").values(actor="system"))
    found = (await operator.get("/audit/verify")).json["items"][0]
    assert (found["whole"], found["fault"]) == (False, "changed")
    assert f"the change {found['sequence']} was altered afterwards" in found["words"]


@ON_SQLITE
async def test_a_note_of_an_end_that_makes_no_sense_is_refused(operator: Client) -> None:
    for wrong in ("x", "1", "0:" + "0" * 64, "1:abc"):
        assert (await operator.get(f"/audit/verify?noted={wrong}")).status == 400
