"""Imports of other programs' configurations, on the wire."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from modelhall.api.shapes.base import Body, PageShape, Shape, storable
from modelhall.api.shapes.configuration import FileName, OutcomeShape, outcome_of
from modelhall.services.importers.import_configuration import ForeignFile, Imported, Wanted
from modelhall.services.importers.programs import MOST_BYTES, Program

WholeFile = Annotated[str, StringConstraints(max_length=MOST_BYTES), AfterValidator(storable)]
MOST_FILES = 8


class ForeignFileBody(Body):
    """A file of another program."""

    name: Annotated[FileName, Field(description="By which it is remembered.")]
    text: WholeFile


class ImportBody(Body):
    """What is to be imported, and how far."""

    files: Annotated[list[ForeignFileBody], Field(min_length=1, max_length=MOST_FILES)]
    variables: Annotated[
        WholeFile | None, Field(description="The file of variables that the program is started with: NAME=VALUE.")
    ] = None
    take_keys: Annotated[bool, Field(description="Seal and keep the keys that stand in the files.")] = False
    allow_private: Annotated[bool, Field(description="Allow the private addresses that stand in the files.")] = False
    plan: Annotated[bool, Field(description="Only say what would be done.")] = False


class ForeignProgramShape(Shape):
    """A program whose configuration is read."""

    name: str
    title: str


class ForeignProgramPage(PageShape):
    """All of them."""

    items: list[ForeignProgramShape]


class FindingShape(Shape):
    """One thing of the foreign file: carried over, left behind with the reason, or for a person to do."""

    outcome: Literal["carried", "left", "person"]
    place: str
    line: int | None
    words: str


class ImportShape(Shape):
    """What an import did, or with `plan` would do."""

    program: str
    plan: bool
    outcome: OutcomeShape
    findings: list[FindingShape]


def wanted_import(program: str, body: ImportBody) -> Wanted:
    """What was asked for."""
    return Wanted(
        program=program,
        files=[ForeignFile(name=each.name, data=each.text.encode()) for each in body.files],
        variables=None if body.variables is None else ForeignFile(name=".env", data=body.variables.encode()),
        take_keys=body.take_keys,
        allow_private=body.allow_private,
    )


def import_of(imported: Imported, *, plan: bool) -> ImportShape:
    """What came of it, as it goes out."""
    return ImportShape(
        program=imported.program,
        plan=plan,
        outcome=outcome_of(imported.outcome),
        findings=[
            FindingShape(outcome=each.outcome.value, place=each.place, line=each.line, words=each.words)
            for each in imported.findings
        ],
    )


def foreign_programs(found: Sequence[Program]) -> ForeignProgramPage:
    """Programs as they go out."""
    return ForeignProgramPage(
        items=[ForeignProgramShape(name=each.name, title=each.title) for each in found], next=None
    )
