"""`modelhall profile key`: the provider keys of a profile, tried in their order."""

from typing import Annotated
from urllib.parse import quote

from cyclopts import App, Parameter

from modelhall.cli.client import Object, in_path
from modelhall.cli.options import USUAL, Common, agreed, secret, wrong
from modelhall.cli.out import say, show_json, show_table, tell
from modelhall.cli.reach import house

app = App(name="key", help="The provider keys of a profile: several, tried in their order.")

Profile = Annotated[str, Parameter(name="PROFILE", help="The profile's id.")]
Which = Annotated[
    str, Parameter(name="KEY", help="Its id, its last four signs as they are shown, or the variable that holds it.")
]


@app.command
def add(
    profile: Profile,
    /,
    *,
    key: Annotated[
        str | None,
        Parameter(
            allow_leading_hyphen=True,
            help="The key, or where it is: `env:NAME`, `file:PATH`. Other users can see a command line: `--key -` asks "
            "for it, or reads standard input.",
        ),
    ] = None,
    key_env: Annotated[str | None, Parameter(help="The environment variable of the server that holds the key.")] = None,
    common: Common = USUAL,
) -> None:
    """Give a profile one more key; it is tried after those that are there."""
    if (key is None) == (key_env is None):
        raise wrong("Give --key or --key-env, one of them.")
    if key_env is not None and "=" in key_env:
        raise wrong("--key-env takes the name of a variable, not its value.")
    body: Object = {"key_env": key_env} if key is None else {"key": secret(key, "key")}
    with house(common) as client:
        made = client.send("POST", keys_path(profile), body)
    if common.json:
        show_json(made)
    else:
        say(f"Profile {profile} has the key {called(made)} too.")
        if made["state"] == "missing":
            tell(f"{called(made)} leads to nothing in the server; a variable is read when the server starts.")


@app.command(name="list")
def list_(profile: Profile, /, *, common: Common = USUAL) -> None:
    """List a profile's keys in the order in which they are tried; they are never shown in full."""
    with house(common) as client:
        keys = client.items(keys_path(profile))
    if common.json:
        show_json({"items": keys})
        return
    show_table(
        ("position", "key", "state", "refused since", "because", "id"),
        [
            (row["position"], called(row), row["state"], row["refused_at"], row["refused_because"], row["id"])
            for row in keys
        ],
        empty=f"No keys. Add one: modelhall profile key add {profile} --key -",
    )


@app.command
def remove(profile: Profile, key: Which, /, *, common: Common = USUAL) -> None:
    """Remove one key from a profile. It is forgotten for good."""
    if not agreed(f"Remove the key {key} from the profile {profile}? It cannot be brought back."):
        tell("Nothing was removed.")
        return
    with house(common) as client:
        client.send("DELETE", key_path(profile, key))
    if common.json:
        show_json({"profile": profile, "key": key, "removed": True})
    else:
        say(f"The key {key} of profile {profile} is removed.")


@app.command
def accept(profile: Profile, key: Which, /, *, common: Common = USUAL) -> None:
    """Use a key again that the provider had refused."""
    with house(common) as client:
        found = client.send("POST", f"{key_path(profile, key)}/accept")
    if common.json:
        show_json(found)
    else:
        say(f"The key {called(found)} of profile {profile} is used again.")


def keys_path(profile: str) -> str:
    """Where a profile's keys are in the control API."""
    return f"/profiles/{in_path(profile)}/keys"


def key_path(profile: str, key: str) -> str:
    """Where one of them is."""
    return f"{keys_path(profile)}/{quote(key, safe='')}"


def called(key: Object) -> str:
    """What people see of a key."""
    return str(key["reference"] or key["shown"])
