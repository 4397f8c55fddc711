"""`modelhall sign-in`: OpenID Connect providers that people sign in by."""

from typing import Annotated
from urllib.parse import quote

from cyclopts import App, Parameter

from modelhall.cli.options import USUAL, Common
from modelhall.cli.out import say, show_facts, show_json, show_table
from modelhall.cli.reach import house

app = App(name="sign-in", help="Providers that people sign in by, and who of them is who here.")
Provider = Annotated[str, Parameter(name="PROVIDER", help="The provider's id.")]
Subject = Annotated[str, Parameter(name="SUBJECT", help="Its claim `sub`; the log tells it of whoever was not let in.")]


@app.command(name="list")
def list_(*, common: Common = USUAL) -> None:
    """List the providers, in the order of `modelhall.toml`."""
    with house(common) as client:
        found = client.get("/sign-in")
    if common.json:
        show_json(found)
        return
    rows = [[each["id"], each["name"]] for each in found["items"]]
    show_table(("id", "name"), rows, empty="No provider yet: write `[[sign_in]]` into modelhall.toml.")


@app.command(name="test")
def try_(provider: Provider, /, *, common: Common = USUAL) -> None:
    """Ask a provider for its addresses and keys, and say what is wrong."""
    with house(common) as client:
        told = client.send("POST", f"/sign-in/{quote(provider, safe='')}/test")
    if common.json:
        show_json(told)
        return
    show_facts([("issuer", told["issuer"]), ("redirect URI", told["redirect_uri"]), ("audience", told["audience"])])
    say("It answers as it must. Enter the redirect URI there, letter by letter.")


@app.command
def people(provider: Provider, /, *, common: Common = USUAL) -> None:
    """List everybody of a provider who has an account here."""
    with house(common) as client:
        found = client.get(f"/sign-in/{quote(provider, safe='')}/people")
    if common.json:
        show_json(found)
        return
    rows = [[each["login"], each["subject"], each["since"]] for each in found["items"]]
    show_table(("login", "subject", "since"), rows, empty="Nobody of this provider has signed in yet.")


@app.command
def link(
    provider: Provider,
    subject: Subject,
    login: Annotated[str, Parameter(name="LOGIN", help="The account's login here.")],
    /,
    *,
    common: Common = USUAL,
) -> None:
    """Give a person of a provider an account that was there before."""
    with house(common) as client:
        client.send("POST", f"/sign-in/{quote(provider, safe='')}/people", {"subject": subject, "login": login})
    say(f"{subject} of {provider} signs in as {login} from now on.")


@app.command
def unlink(provider: Provider, subject: Subject, /, *, common: Common = USUAL) -> None:
    """Have a person of a provider mean nobody here any more; the account stays."""
    with house(common) as client:
        client.send("DELETE", f"/sign-in/{quote(provider, safe='')}/people/{quote(subject, safe='')}")
    say(f"{subject} of {provider} is nobody here any more.")
