"""`modelhall profile test`: whether a profile's server can be used, and what to do when it cannot."""

from typing import Annotated

from cyclopts import Parameter

from modelhall.cli.client import Object, in_path
from modelhall.cli.options import USUAL, Common, wrong
from modelhall.cli.out import say, show_facts, show_json, tell
from modelhall.cli.profile_words import NOTHING, Words, given
from modelhall.cli.reach import house

FAILED = 1


def try_(
    id_: Annotated[str | None, Parameter(name="ID", help="The profile's id.")] = None,
    /,
    *,
    which: Annotated[
        str | None, Parameter(help="One of its keys, by id, shown form or variable; otherwise the first.")
    ] = None,
    provider: Annotated[
        str | None, Parameter(help="Instead of an id: a profile of this provider that is not stored.")
    ] = None,
    words: Words = NOTHING,
    common: Common = USUAL,
) -> int:
    """Ask a profile's server for its models: which key, what address, how quick; or what is wrong and what to do.

    With --provider and what `profile add` takes, a profile is tested that is not stored. Ends with 1 when it fails.
    """
    body = given(words)
    if (id_ is None) == (provider is None) or (id_ is not None and body):
        raise wrong("Give the id of a profile, or --provider and what makes up a new one.")
    with house(common) as client:
        if id_ is None:
            trial = client.send("POST", "/profiles/test", {"provider": provider, **body})
        else:
            trial = client.send("POST", f"/profiles/{in_path(id_)}/test", key=which)
    if common.json:
        show_json(trial)
    else:
        show(trial)
    return 0 if trial["ok"] else FAILED


def show(trial: Object) -> None:
    """A test for people."""
    say(str(trial["says"]))
    if trial["next"]:
        say(f"Next: {trial['next']}")
    if trial["provider_says"]:
        tell(f"The server itself says: {trial['provider_says']}")
    facts = {
        "address": trial["address"],
        "key": trial["key"],
        "cause": trial["cause"],
        "status": trial["status"],
        "time": None if trial["latency_ms"] is None else f"{trial['latency_ms']} ms",
        "models": trial["models"] or None,
    }
    show_facts((name, value) for name, value in facts.items() if value is not None)
