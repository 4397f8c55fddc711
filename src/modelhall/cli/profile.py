"""`modelhall profile`: accounts and servers of providers."""

from typing import Annotated

from cyclopts import App, Parameter

from modelhall.cli.client import Object, in_path
from modelhall.cli.options import USUAL, Common, agreed, secret, wrong
from modelhall.cli.out import say, show_facts, show_json, show_table, tell
from modelhall.cli.profile_key import app as key_app
from modelhall.cli.reach import house

app = App(name="profile", help="Accounts and servers of providers.")
app.command(key_app)

BaseUrl = Annotated[str | None, Parameter(help="Its address, where it is not the provider's usual one.")]
Key = Annotated[
    str | None,
    Parameter(
        allow_leading_hyphen=True,
        help="The provider's key. Other users can see a command line: `--key -` asks for it, or reads standard input.",
    ),
]
KeyEnv = Annotated[str | None, Parameter(help="The environment variable of the server that holds the key.")]
AllowPrivate = Annotated[bool | None, Parameter(negative="", help="Yes, this address may lie in a private network.")]
Name = Annotated[str | None, Parameter(help="A name for people.")]
Header = Annotated[
    list[str] | None,
    Parameter(negative="", help="A header to send along, as 'Name: value'; may be given several times."),
]
Region = Annotated[str | None, Parameter(help="The region, for providers that have some.")]
OrganisationOption = Annotated[str | None, Parameter(help="Your organisation's id at the provider.")]
Notes = Annotated[str | None, Parameter(help="Notes for people.")]


@app.command
def add(
    id_: Annotated[
        str, Parameter(name="ID", help="Its id: small letters, digits, dot, dash, underscore. It never changes.")
    ],
    /,
    *,
    provider: Annotated[str, Parameter(help="The provider; `modelhall profile providers` lists them.")],
    base_url: BaseUrl = None,
    key: Key = None,
    key_env: KeyEnv = None,
    allow_private: AllowPrivate = None,
    name: Name = None,
    header: Header = None,
    region: Region = None,
    organisation: OrganisationOption = None,
    notes: Notes = None,
    common: Common = USUAL,
) -> None:
    """Add a profile. It is stored even when its server cannot be reached now."""
    body: Object = {
        "id": id_,
        "provider": provider,
        **given(base_url, key, key_env, allow_private, name, header, region, organisation, notes),
    }
    with house(common) as client:
        profile = client.send("POST", "/profiles", body)
    if common.json:
        show_json(profile)
    else:
        say(f"Profile {profile['id']} is there. Next: modelhall model sync {profile['id']} --activate")


@app.command
def edit(
    id_: Annotated[str, Parameter(name="ID", help="The profile's id.")],
    /,
    *,
    base_url: BaseUrl = None,
    key: Key = None,
    key_env: KeyEnv = None,
    allow_private: AllowPrivate = None,
    name: Name = None,
    header: Header = None,
    region: Region = None,
    organisation: OrganisationOption = None,
    notes: Notes = None,
    common: Common = USUAL,
) -> None:
    """Change what is given of a profile. A new address asks for the key again, because a key belongs to its address."""
    body = given(base_url, key, key_env, allow_private, name, header, region, organisation, notes)
    if not body:
        raise wrong("Say what to change, for example --key - or --name NAME.")
    with house(common) as client:
        profile = client.send("PATCH", f"/profiles/{in_path(id_)}", body)
    if common.json:
        show_json(profile)
    else:
        say(f"Profile {profile['id']} is changed.")


@app.command(name="list")
def list_(*, common: Common = USUAL) -> None:
    """List the profiles."""
    with house(common) as client:
        profiles = client.items("/profiles")
    if common.json:
        show_json({"items": profiles})
        return
    show_table(
        ("profile", "provider", "name", "address", "key", "models"),
        [
            (row["id"], row["provider"], row["name"], row["base_url"], row["key"]["state"], row["models"])
            for row in profiles
        ],
        empty="No profiles yet. Add one: modelhall profile add ID --provider PROVIDER --key -",
    )


@app.command
def show(id_: Annotated[str, Parameter(name="ID", help="The profile's id.")], /, *, common: Common = USUAL) -> None:
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
    }
    show_facts((name.replace("_", " "), value) for name, value in told.items() if not isinstance(value, dict))


@app.command
def remove(id_: Annotated[str, Parameter(name="ID", help="The profile's id.")], /, *, common: Common = USUAL) -> None:
    """Remove a profile with its key and its models; what they used stays in the ledger."""
    if not agreed(f"Remove the profile {id_} with its key and its models?"):
        tell("Nothing was removed.")
        return
    with house(common) as client:
        client.send("DELETE", f"/profiles/{in_path(id_)}")
    if common.json:
        show_json({"id": id_, "removed": True})
    else:
        say(f"Profile {id_} is removed.")


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


def given(
    base_url: str | None,
    key: str | None,
    key_env: str | None,
    allow_private: bool | None,
    name: str | None,
    header: list[str] | None,
    region: str | None,
    organisation: str | None,
    notes: str | None,
) -> Object:
    """What was given, as the control API takes it. Raises CycloptsError."""
    if key is not None and key_env is not None:
        raise wrong("Give --key or --key-env, not both.")
    if key_env is not None and "=" in key_env:
        raise wrong("--key-env takes the name of a variable, not its value.")
    told: Object = {
        "base_url": base_url,
        "key": secret(key, "key"),
        "key_env": key_env,
        "allow_private": allow_private,
        "name": name,
        "headers": None if header is None else dict(split_header(line) for line in header),
        "region": region,
        "organisation": organisation,
        "notes": notes,
    }
    return {name: value for name, value in told.items() if value is not None}


def split_header(line: str) -> tuple[str, str]:
    """Name and value of 'Name: value'. Raises CycloptsError."""
    name, colon, value = line.partition(":")
    if not colon or not name.strip():
        raise wrong(f"--header is written 'Name: value', not {line!r}.")
    return name.strip(), value.strip()
