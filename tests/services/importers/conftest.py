"""Foreign files are read with everything around them but a database."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from modelhall.domain.people import Actor, Role
from modelhall.gateway.credentials import Credentials
from modelhall.providers.registry import providers
from modelhall.services.files.document import AliasEntry, ModelEntry, ProfileEntry
from modelhall.services.importers.gathering import Gathering
from modelhall.services.importers.programs import PROGRAMS
from modelhall.services.importers.surroundings import Surroundings
from tests.support.house import catalog


@dataclass(slots=True)
class Read:
    """What came of a foreign file."""

    into: Gathering
    findings: dict[str, set[str]] = field(default_factory=dict)
    """`outcome: place` with the words."""

    @property
    def profiles(self) -> dict[str, ProfileEntry]:
        return {each.id: each for each in self.into.document().profiles}

    @property
    def models(self) -> dict[str, ModelEntry]:
        return {each.name: each for each in self.into.document().models}

    @property
    def aliases(self) -> dict[str, tuple[str, ...]]:
        aliases: tuple[AliasEntry, ...] = self.into.document().aliases
        return {each.name: each.models for each in aliases}

    def says(self, outcome: str, place: str, words: str) -> bool:
        """Whether the report has such a line."""
        return any(words in told for told in self.findings.get(f"{outcome}: {place}", ()))


Reader = Callable[..., Read]


@pytest.fixture
def read() -> Reader:
    """`read(program, text)`: as the operator, unless it says otherwise."""

    def reader(
        program: str,
        text: str,
        *,
        environment: Mapping[str, str] | None = None,
        via: str = "operator",
        **more: object,
    ) -> Read:
        around = Surroundings(
            actor=Actor("organisation", "member", Role.ADMIN, via),
            providers=providers(),
            catalog=catalog(),
            credentials=Credentials(lambda _: "", environment or {}),
            **more,  # pyright: ignore[reportArgumentType]
        )
        wanted = PROGRAMS[program]
        into = Gathering(around, wanted.read(textwrap.dedent(text).encode(), f"config of {program}"))
        wanted.gather(into)
        told = Read(into)
        for each in into.findings:
            told.findings.setdefault(f"{each.outcome}: {each.place}", set()).add(each.words)
        return told

    return reader
