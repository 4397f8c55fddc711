"""`modelhall session`: where the operator's own account is signed in."""

from typing import Annotated

from cyclopts import App, Parameter

from modelhall.cli.client import in_path
from modelhall.cli.options import USUAL, Common
from modelhall.cli.out import say, show_json, show_table
from modelhall.cli.reach import house

app = App(name="session", help="Where you are signed in.")


@app.command(name="list")
def list_(*, common: Common = USUAL) -> None:
    """List where people are signed in who came by a link of this machine."""
    with house(common) as client:
        found = client.get("/sessions")
    if common.json:
        show_json(found)
        return
    show_table(
        ("signed in", "last seen", "until", "browser", "id"),
        [(row["created_at"], row["seen_at"], row["until"], row["user_agent"], row["id"]) for row in found["items"]],
        empty="Nobody is signed in. A link: modelhall status --link",
    )


@app.command
def end(
    id_: Annotated[str | None, Parameter(name="ID", help="The session's id; without it, all of them.")] = None,
    /,
    *,
    common: Common = USUAL,
) -> None:
    """End a session, or all."""
    with house(common) as client:
        if id_ is None:
            ended = client.send("DELETE", "/sessions")["ended"]
        else:
            client.send("DELETE", f"/sessions/{in_path(id_)}")
            ended = 1
    if common.json:
        show_json({"ended": ended})
    else:
        say(f"Ended: {ended}.")
