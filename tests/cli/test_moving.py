"""Configurations for other programs: the text on standard output, everything else beside it."""

from __future__ import annotations

from typing import Any

from tests.cli.conftest import Command, FakeHouse

AIDER: dict[str, Any] = {
    "program": "aider",
    "title": "aider",
    "address": "http://127.0.0.1:8400",
    "models": ["up/small"],
    "files": [{"name": ".aider.conf.yml", "text": 'model: "up/small"\n'}, {"name": ".env", "text": "A=1\n"}],
    "steps": ["Set MODELHALL_KEY to your key in the shell."],
}


def test_the_files_are_on_standard_output_and_the_steps_beside_them(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("GET /api/v1/snippets/aider", AIDER)
    done = modelhall("snippet", "aider", "--models", "up/small,fast", "--key", "editor")
    assert fake.asked[0][1] == "/api/v1/snippets/aider?models=up%2Fsmall%2Cfast&key=editor"
    assert (done.code, done.out) == (0, 'model: "up/small"\nA=1\n')
    assert done.err.splitlines() == [
        "# .aider.conf.yml",
        "# .env",
        "",
        "Then:",
        "1. Set MODELHALL_KEY to your key in the shell.",
    ]


def test_one_of_several_files_is_printed_by_its_name(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("GET /api/v1/snippets/aider", AIDER)
    assert modelhall("snippet", "aider", "--file", ".env").out == "A=1\n"
    wrong = modelhall("snippet", "aider", "--file", "x")
    assert (wrong.code, ".aider.conf.yml or .env" in wrong.err) == (2, True)


def test_without_a_program_they_are_listed(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("GET /api/v1/snippets", {"items": [{"name": "aider", "title": "aider"}], "next": None})
    done = modelhall("snippet")
    assert "aider" in done.out
    assert modelhall("snippet", "--json").json == {"items": [{"name": "aider", "title": "aider"}]}
