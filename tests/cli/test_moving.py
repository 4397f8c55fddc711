"""Configurations for other programs: the text on standard output, everything else beside it."""

from __future__ import annotations

from pathlib import Path
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


def test_an_import_reports_in_three_parts(fake: FakeHouse, modelhall: Command, tmp_path: Path) -> None:
    told: dict[str, Any] = {
        "program": "litellm",
        "plan": False,
        "outcome": {"steps": [], "created": 2, "changed": 0},
        "findings": [
            {"outcome": "left", "place": "guardrails", "line": 7, "words": "LiteLLM's own"},
            {"outcome": "person", "place": "model_list[0]", "line": None, "words": "give a key"},
            {"outcome": "carried", "place": "model_list[0]", "line": 2, "words": "profile openai"},
        ],
    }
    fake.on("POST /api/v1/imports/litellm", told)
    file, env = tmp_path / "config.yaml", tmp_path / ".env"
    file.write_text("model_list: []\n")
    env.write_text("A=1\n")
    done = modelhall("import", "--from", "litellm", str(file), "--env-file", str(env), "--take-keys", "--plan")
    assert fake.asked[0][2] == {
        "files": [{"name": "config.yaml", "text": "model_list: []\n"}],
        "variables": "A=1\n",
        "take_keys": True,
        "allow_private": False,
        "plan": True,
    }
    assert done.out.splitlines() == [
        "Carried over:",
        "  profile openai",
        "Left behind:",
        "  guardrails, line 7: LiteLLM's own",
        "For you to do:",
        "  model_list[0]: give a key",
    ]
    assert "2 created" in done.err


def test_an_import_needs_a_file_that_can_be_read(fake: FakeHouse, modelhall: Command, tmp_path: Path) -> None:
    fake.on("GET /api/v1/imports", {"items": [{"name": "litellm", "title": "LiteLLM's config.yaml"}], "next": None})
    assert "litellm" in modelhall("import").out
    assert modelhall("import", str(tmp_path / "hall.toml"), "--plan").code == 2
    assert modelhall("import", "--from", "litellm", str(tmp_path / "none")).code == 2
