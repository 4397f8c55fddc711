"""`modelhall master-key`: the key that seals all stored secrets."""

from typing import Annotated

from cyclopts import App, Parameter

from modelhall.cli.client import Object
from modelhall.cli.options import USUAL, Common, secret
from modelhall.cli.out import say, show_json
from modelhall.cli.reach import house

app = App(name="master-key", help="The key that seals all stored secrets.")


@app.command
def rotate(
    *,
    new_key: Annotated[
        str | None,
        Parameter(
            allow_leading_hyphen=True,
            help="Only where the key comes from MODELHALL_MASTER_KEY: the new one, or `-` to be asked for it.",
        ),
    ] = None,
    common: Common = USUAL,
) -> None:
    """Change the master key and seal everything anew. Broken off at any moment, it can be started again."""
    body: Object = {} if new_key is None else {"new_key": secret(new_key, "new master key")}
    with house(common) as client:
        told = client.send("POST", "/master-key/rotate", body)
    if common.json:
        show_json(told)
    else:
        say(f"The master key is changed; it is version {told['version']}. Backups made before need the old one.")
