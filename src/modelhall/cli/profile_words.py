"""What can be said of a profile on the command line, the same when it is added, edited and tested."""

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from modelhall.cli.client import Object
from modelhall.cli.options import secret, wrong
from modelhall.cli.stored_values import given_values

Provider = Annotated[str, Parameter(help="The provider; `modelhall profile providers` lists them.")]


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class ProfileWords:
    """What is said of a profile; what is not said stays as it is."""

    base_url: Annotated[str | None, Parameter(help="Its address, where it is not the provider's usual one.")] = None
    key: Annotated[
        str | None,
        Parameter(
            allow_leading_hyphen=True,
            help="The provider's key, or where it is: `env:NAME`, `file:PATH`. Other users can see a command line: "
            "`--key -` asks for it, or reads standard input.",
        ),
    ] = None
    key_env: Annotated[str | None, Parameter(help="The environment variable of the server that holds the key.")] = None
    allow_private: Annotated[
        bool | None, Parameter(negative="", help="Yes, this address may lie in a private network.")
    ] = None
    name: Annotated[str | None, Parameter(help="A name for people.")] = None
    header: Annotated[
        list[str] | None,
        Parameter(negative="", help="A header to send along, as 'Name: value'; may be given several times."),
    ] = None
    region: Annotated[str | None, Parameter(help="The region, for providers that have some.")] = None
    organisation: Annotated[str | None, Parameter(help="Your organisation's id at the provider.")] = None
    notes: Annotated[str | None, Parameter(help="Notes for people.")] = None
    purpose: Annotated[
        str | None, Parameter(help="What it is for, such as development, production, research or compliance.")
    ] = None
    residency: Annotated[str | None, Parameter(help="Where what is sent there stays, such as eu, us or asia.")] = None
    parameter: Annotated[
        list[str] | None,
        Parameter(
            negative="",
            help="What calls to its models are sent with where nobody else says otherwise, as temperature=0.2; "
            "temperature=none takes it away. May be given several times.",
        ),
    ] = None


NOTHING = ProfileWords()
Words = ProfileWords


def given(words: ProfileWords) -> Object:
    """What was given, as the control API takes it. Raises CycloptsError."""
    if words.key is not None and words.key_env is not None:
        raise wrong("Give --key or --key-env, not both.")
    if words.key_env is not None and "=" in words.key_env:
        raise wrong("--key-env takes the name of a variable, not its value.")
    told: Object = {
        "base_url": words.base_url,
        "key": secret(words.key, "key"),
        "key_env": words.key_env,
        "allow_private": words.allow_private,
        "name": words.name,
        "headers": None if words.header is None else dict(split_header(line) for line in words.header),
        "region": words.region,
        "organisation": words.organisation,
        "notes": words.notes,
        "purpose": words.purpose,
        "residency": words.residency,
        "parameters": None if words.parameter is None else given_values(words.parameter, "--parameter"),
    }
    return {name: value for name, value in told.items() if value is not None}


def split_header(line: str) -> tuple[str, str]:
    """Name and value of 'Name: value'. Raises CycloptsError."""
    name, colon, value = line.partition(":")
    if not colon or not name.strip():
        raise wrong(f"--header is written 'Name: value', not {line!r}.")
    return name.strip(), value.strip()
