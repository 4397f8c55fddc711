"""Imports the configuration of another program, all of it or nothing; a plan is the same, taken back at the end."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from secrets import token_urlsafe

from msgspec import UNSET
from msgspec.structs import replace

from modelhall.domain.errors import BadRequest, NotFound
from modelhall.domain.people import Actor, Role
from modelhall.services.files.apply_file import apply_document
from modelhall.services.files.document import Document
from modelhall.services.files.foreign_text import Said
from modelhall.services.files.intent import GivenFile
from modelhall.services.files.outcome import Outcome
from modelhall.services.files.secrets import Key, ProfileSecrets, sealed
from modelhall.services.house import House
from modelhall.services.importers.dotenv import read_variables
from modelhall.services.importers.findings import Finding
from modelhall.services.importers.gathering import Gathering
from modelhall.services.importers.programs import PROGRAMS, Program
from modelhall.services.importers.surroundings import Surroundings, surroundings
from modelhall.services.profiles.profile_key import address_of
from modelhall.services.rights import require


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignFile:
    """A file of another program."""

    name: str
    """By which it is told and remembered; without folders."""
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be imported, and how far."""

    program: str
    files: Sequence[ForeignFile]
    variables: ForeignFile | None = None
    """The file of variables that the program is started with."""
    take_keys: bool = False
    """Whether keys that stand in the files are sealed and kept."""
    allow_private: bool = False
    """Whether profiles at private addresses may be called at once."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of it."""

    program: str
    findings: tuple[Finding, ...]
    outcome: Outcome
    """What was done, or would be."""


async def import_configuration(house: House, actor: Actor, wanted: Wanted, *, plan: bool = False) -> Imported:
    """Read the files, and apply what can be carried over. Imported again, they change nothing.

    Raises RoleTooLow, NotFound, BadRequest with file and line, TooLarge, and what the services of the objects raise.
    """
    require(actor, Role.ADMIN)
    program = _program_named(wanted.program)
    variables = {} if wanted.variables is None else read_variables(wanted.variables.data, wanted.variables.name)
    around = await surroundings(house, actor, variables, take_keys=wanted.take_keys, allow_private=wanted.allow_private)
    # A large file takes a while to read, in which other calls go on.
    into = await asyncio.to_thread(_gathered, program, wanted.files, around)
    document, passphrase = _with_keys(into.document(), into.keys, around)
    given = GivenFile(text=b"", name=wanted.files[0].name, keep=True, passphrase=passphrase)
    outcome = await apply_document(house, actor, document, into.said, given, plan=plan)
    return Imported(program.name, tuple(into.findings), outcome)


def list_programs() -> Sequence[Program]:
    """Every program whose configuration is read."""
    return tuple(PROGRAMS.values())


def _program_named(name: str) -> Program:
    found = PROGRAMS.get(name.strip().lower())
    if found is None:
        raise NotFound(f"configurations of {name[:60]!r} are not read; those of {', '.join(PROGRAMS)} are")
    return found


def _gathered(program: Program, files: Sequence[ForeignFile], around: Surroundings) -> Gathering:
    """All that the files say. Raises BadRequest, TooLarge."""
    if not files or (len(files) > 1 and not program.several):
        raise BadRequest(f"give {'at least ' if program.several else ''}one file of {program.title}")
    first, *rest = [program.read(each.data, each.name) for each in files]
    said = first if not rest else Said({name: value for each in (first, *rest) for name, value in each.value.items()})
    into = Gathering(around, said)
    program.gather(into)
    return into


def _with_keys(document: Document, keys: Mapping[str, str], around: Surroundings) -> tuple[Document, str | None]:
    """The keys go the way of every document's: sealed, here with a passphrase that nobody else has."""
    if not keys:
        return document, None
    passphrase = token_urlsafe(24)
    secrets: dict[str, ProfileSecrets] = {}
    for profile in document.profiles:
        provider = around.providers.get(str(profile.provider))
        address = (
            None if provider is None else address_of(provider, None if profile.base_url is UNSET else profile.base_url)
        )
        if profile.id in keys and address is not None:
            headers = {} if profile.headers is UNSET else profile.headers
            secrets[profile.id] = ProfileSecrets((Key(address, keys[profile.id]),), headers)
    return replace(document, secrets=sealed(secrets, passphrase)), passphrase
