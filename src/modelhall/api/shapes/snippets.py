"""Snippets for other programs, on the wire."""

from collections.abc import Sequence

from modelhall.api.shapes.base import PageShape, Shape
from modelhall.services.snippets.program import Program, Snippet


class ProgramShape(Shape):
    """A program that can be pointed here."""

    name: str
    title: str


class ProgramPage(PageShape):
    """All of them."""

    items: list[ProgramShape]


class SnippetFileShape(Shape):
    """A file in the program's own form; the key in it is the name of a variable."""

    name: str
    text: str


class SnippetShape(Shape):
    """What a program needs to call this house."""

    program: str
    title: str
    address: str
    models: list[str]
    files: list[SnippetFileShape]
    steps: list[str]


def program_page(found: Sequence[Program]) -> ProgramPage:
    """Programs as they go out."""
    return ProgramPage(items=[ProgramShape(name=each.name, title=each.title) for each in found], next=None)


def snippet_of(snippet: Snippet) -> SnippetShape:
    """A snippet as it goes out."""
    return SnippetShape(
        program=snippet.program,
        title=snippet.title,
        address=snippet.address,
        models=list(snippet.models),
        files=[SnippetFileShape(name=each.name, text=each.text) for each in snippet.files],
        steps=list(snippet.steps),
    )
