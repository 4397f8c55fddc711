"""`modelhall admin`: a new way in for who cannot sign in any more."""

from typing import Annotated

from cyclopts import App, Parameter

from modelhall.cli.client import Object
from modelhall.cli.options import USUAL, Common, secret
from modelhall.cli.out import say, show_json, tell
from modelhall.cli.reach import house

app = App(name="admin", help="A new way in for who cannot sign in any more.")


@app.command
def reset(
    login: Annotated[str, Parameter(name="LOGIN", help="By what the person signs in.")],
    /,
    *,
    password: Annotated[
        str | None, Parameter(help="`-` asks for a new password, or reads it; without it a one-time link is made.")
    ] = None,
    common: Common = USUAL,
) -> None:
    """Give a person a new password or a link. They are signed out everywhere, and switched on if they were off."""
    body: Object = {"login": login}
    if password is not None:
        body["password"] = secret(password, "new password")
    with house(common) as client:
        told = client.send("POST", "/access/reset", body)
        address = client.door.address
    if common.json:
        show_json(told)
    elif told["link"] is None:
        say(f"{told['login']} signs in with the new password.")
    else:
        say(f"{address or 'http://127.0.0.1:8400'}/#link={told['link']}")
        tell(f"This link signs {told['login']} in once, within 15 minutes.")
