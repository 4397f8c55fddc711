"""Writes the configuration that points a program here."""

import re
from collections.abc import Sequence

from modelhall.domain.errors import NotFound
from modelhall.domain.people import Actor
from modelhall.gateway.routing import library_of
from modelhall.providers.addresses import parsed_base_url
from modelhall.services.calls.caller_for import caller_for
from modelhall.services.house import House
from modelhall.services.snippets.offer import Offer, offered
from modelhall.services.snippets.program import Program, Snippet
from modelhall.services.snippets.programs import PROGRAMS
from modelhall.services.words import wrong

# What needs no quotes in a shell, in YAML and in a file of variables.
_PLAIN = re.compile(r"[A-Za-z0-9:/._~%\[\]-]+")


async def write_snippet(
    house: House, actor: Actor, program: str, address: str, *, names: Sequence[str] = (), key: str | None = None
) -> Snippet:
    """The snippet for these models, or for all that the actor or the key of that id or name may call.

    `address`: where the program reaches this house. Raises NotFound, UnknownModel, Forbidden and below, BadRequest.
    """
    wanted = _program_named(program)
    caller = await caller_for(house, actor, key)
    library = library_of(caller, house.lookout.current())
    models = offered(house, library, caller, names)
    offer = Offer(_checked(address), models, chosen=bool(names))
    files = tuple(wanted.write(offer))
    return Snippet(
        wanted.name, wanted.title, offer.address, tuple(each.name for each in models), files, tuple(wanted.steps)
    )


def list_programs() -> Sequence[Program]:
    """Every program that a snippet can be written for."""
    return tuple(PROGRAMS.values())


def _program_named(name: str) -> Program:
    found = PROGRAMS.get(name.strip().lower())
    if found is None:
        raise NotFound(f"there is no snippet for {name[:60]!r}; there are {', '.join(PROGRAMS)}")
    return found


def _checked(address: str) -> str:
    """The address in its plain form, without the path of OpenAI's shape. Raises BadRequest."""
    parsed = parsed_base_url(address)
    plain = parsed.origin + parsed.path
    if not _PLAIN.fullmatch(plain):
        raise wrong("address", "it holds a sign that needs quotes; write it with %")
    return plain.removesuffix("/v1")
