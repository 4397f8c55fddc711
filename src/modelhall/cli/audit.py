"""`modelhall audit`: who changed what, and whether nobody touched the record of it."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from modelhall.cli.client import CONTROL, query_of
from modelhall.cli.options import USUAL, Common, moment
from modelhall.cli.out import say, show_json, show_table, tell
from modelhall.cli.reach import house

app = App(name="audit", help="Who changed what, and whether nobody touched the record of it.")
SHOWN = 50
NOT_WHOLE = 1


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Asked:
    """Which changes are wanted."""

    kind: Annotated[str | None, Parameter(help="Of this kind of object, such as `model` or `key`.")] = None
    object_id: Annotated[str | None, Parameter(name="--object", help="Of the object of this id.")] = None
    action: Annotated[str | None, Parameter(help="In full (`model.edit`), or what stands before the dot.")] = None
    actor: Annotated[str | None, Parameter(help="A login, a member's id, or a door such as `operator`.")] = None
    since: Annotated[str | None, Parameter(help="A date, a time, or a distance such as 7d.")] = None
    until: Annotated[str | None, Parameter(help="A date, a time, or a distance such as 7d.")] = None

    def query(self) -> Mapping[str, object]:
        """As the control API asks."""
        now = datetime.now(UTC)
        return {
            "kind": self.kind,
            "object_id": self.object_id,
            "action": self.action,
            "actor": self.actor,
            "since": moment(self.since, "--since", now, "back"),
            "until": moment(self.until, "--until", now, "back"),
        }


ALL = Asked()


@app.command(name="list")
def list_(
    *,
    asked: Asked = ALL,
    limit: Annotated[int, Parameter(help="How many, the newest first; at most 500.")] = SHOWN,
    common: Common = USUAL,
) -> None:
    """List changes, the newest first."""
    with house(common) as client:
        found = client.get("/audit", limit=limit, **asked.query())
    if common.json:
        show_json(found)
        return
    rows = [
        [str(each["sequence"]), each["at"], each["actor"], each["action"], each["kind"], each["name"]]
        for each in found["items"]
    ]
    show_table(("change", "at", "by", "action", "of", "named"), rows, empty="No change is like that.")
    if found.get("next"):
        tell("There are more: ask with --limit, --since, --until, or `modelhall audit export`.")


@app.command
def export(
    *,
    asked: Asked = ALL,
    format: Annotated[Literal["ndjson", "csv"], Parameter(help="JSON objects on lines, or CSV.")] = "ndjson",
    output: Annotated[Path | None, Parameter(help="The file to write; otherwise it is printed.")] = None,
    common: Common = USUAL,
) -> None:
    """Write changes out, the oldest first."""
    target = f"{CONTROL}/audit/export{query_of({'format': format, **asked.query()})}"
    with house(common) as client, client.stream("GET", target) as reply:
        if output is None:
            for chunk in reply.chunks:
                sys.stdout.buffer.write(chunk)
            return
        with output.open("wb") as out:
            for chunk in reply.chunks:
                out.write(chunk)
    tell(f"Written to {output}.")


@app.command
def verify(
    *,
    noted: Annotated[str | None, Parameter(help="An end that an earlier check told.")] = None,
    common: Common = USUAL,
) -> int:
    """Check that nobody changed, cut, moved or added to the record; ends with 1 when somebody did."""
    with house(common) as client:
        found = client.get("/audit/verify", noted=noted)
    if common.json:
        show_json(found)
    else:
        for each in found["items"]:
            say(f"{each['organisation']}: {each['words']}.")
            say(f"  Its end, to be noted elsewhere: {each['end']}")
    return 0 if all(each["whole"] for each in found["items"]) else NOT_WHOLE
