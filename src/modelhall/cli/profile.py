"""`modelhall profile`: accounts and servers of providers."""

from typing import Annotated

from cyclopts import App, Parameter

from modelhall.cli.client import Object, in_path
from modelhall.cli.options import USUAL, Common, wrong
from modelhall.cli.out import say, show_facts, show_json, show_table
from modelhall.cli.profile_key import app as key_app
from modelhall.cli.profile_removal import remove, removed, restore, uses
from modelhall.cli.profile_trial import try_
from modelhall.cli.profile_words import NOTHING, Provider, Words, given
from modelhall.cli.reach import house
from modelhall.cli.stored_values import shown_values

app = App(name="profile", help="Accounts and servers of providers.")
app.command(key_app)
app.command(try_, name="test")
for command in (remove, removed, restore, uses):
    app.command(command)

Which = Annotated[str, Parameter(name="ID", help="The profile's id.")]


@app.command
def add(
    id_: Annotated[
        str | None,
        Parameter(
            name="ID",
            help="Its id: small letters, digits, dot, dash, underscore. It never changes. Left out, it is made of the "
            "provider's name.",
        ),
    ] = None,
    /,
    *,
    provider: Provider,
    words: Words = NOTHING,
    common: Common = USUAL,
) -> None:
    """Add a profile. It is stored even when its server cannot be reached now."""
    body: Object = {"provider": provider, **({} if id_ is None else {"id": id_}), **given(words)}
    with house(common) as client:
        profile = client.send("POST", "/profiles", body)
    if common.json:
        show_json(profile)
    else:
        say(
            f"Profile {profile['id']} is there. Next: modelhall profile test {profile['id']}, "
            f"then modelhall model sync {profile['id']} --activate"
        )


@app.command
def edit(
    id_: Which,
    /,
    *,
    words: Words = NOTHING,
    position: Annotated[
        int | None, Parameter(help="Its place: of profiles with the same model, the lowest comes first.")
    ] = None,
    default_model: Annotated[
        str | None, Parameter(help="The one of its models that answers to PROFILE/default; `none` takes it back.")
    ] = None,
    common: Common = USUAL,
) -> None:
    """Change what is given of a profile. A new address asks for the key again, because a key belongs to its address."""
    body = given(words)
    if position is not None:
        body["position"] = position
    if default_model is not None:
        body["default_model"] = None if default_model == "none" else default_model
    if not body:
        raise wrong("Say what to change, for example --key - or --name NAME.")
    changed(id_, body, common, "is changed")


@app.command
def enable(id_: Which, /, *, common: Common = USUAL) -> None:
    """Switch a profile on again: its models may be called as before."""
    changed(id_, {"enabled": True}, common, "is switched on")


@app.command
def disable(id_: Which, /, *, common: Common = USUAL) -> None:
    """Switch a profile off: none of its models may be called, and nothing is forgotten."""
    changed(id_, {"enabled": False}, common, "is switched off")


@app.command(name="list")
def list_(*, common: Common = USUAL) -> None:
    """List the profiles."""
    with house(common) as client:
        profiles = client.items("/profiles")
    if common.json:
        show_json({"items": profiles})
        return
    show_table(
        ("profile", "provider", "name", "address", "key", "models", "labels", "on"),
        [
            (
                row["id"],
                row["provider"],
                row["name"],
                row["base_url"],
                row["key"]["state"],
                row["models"],
                [label for label in (row["purpose"], row["residency"]) if label],
                row["enabled"],
            )
            for row in profiles
        ],
        empty="No profiles yet. Add one: modelhall profile add ID --provider PROVIDER --key -",
    )


@app.command
def show(id_: Which, /, *, common: Common = USUAL) -> None:
    """Show one profile; its key is never shown in full."""
    with house(common) as client:
        profile = client.get(f"/profiles/{in_path(id_)}")
    if common.json:
        show_json(profile)
        return
    key: Object = profile["key"]
    told = {
        **profile,
        "key": " ".join(str(word) for word in (key.get("state"), key.get("shown"), key.get("reference")) if word),
        "parameters": shown_values(profile["parameters"]),
    }
    show_facts((name.replace("_", " "), value) for name, value in told.items() if not isinstance(value, dict))


@app.command
def providers(*, common: Common = USUAL) -> None:
    """List the providers that a profile can be of, and the environment variables that hold their keys."""
    with house(common) as client:
        rows = client.items("/providers")
    if common.json:
        show_json({"items": rows})
        return
    show_table(
        ("provider", "title", "address", "key variables"),
        [(row["name"], row["title"], row["origin"] or "your own", row["key_env"]) for row in rows],
        empty="No providers.",
    )


def changed(id_: str, body: Object, common: Common, done: str) -> None:
    """Have a profile changed, and say so."""
    with house(common) as client:
        profile = client.send("PATCH", f"/profiles/{in_path(id_)}", body)
    if common.json:
        show_json(profile)
    else:
        say(f"Profile {profile['id']} {done}.")
