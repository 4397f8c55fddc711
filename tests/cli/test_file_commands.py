"""The commands for configuration files, and what they ask of the house."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.cli.conftest import Command, FakeHouse

TOLD = {
    "file": "hall.toml",
    "created": 1,
    "changed": 1,
    "deleted": 1,
    "profiles_with_key": ["own"],
    "warnings": ["give it by hand"],
    "steps": [
        {
            "kind": "alias",
            "name": "good",
            "action": "create",
            "source": "nobody",
            "last_changed": None,
            "fields": [{"field": "models", "old": None, "new": ["a/b"]}],
        },
        {
            "kind": "model",
            "name": "a/b",
            "action": "change",
            "source": "file hall.toml",
            "last_changed": {"by": "ann", "at": "2026-01-01T00:00:00Z", "action": "model.edit"},
            "fields": [{"field": "category", "old": "budget", "new": None}],
        },
        {"kind": "project", "name": "web", "action": "delete", "source": "person", "last_changed": None, "fields": []},
    ],
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file to plan and apply."""
    path = tmp_path / "hall.toml"
    path.write_text('[[alias]]\nname = "good"\n')
    return path


def test_a_plan_shows_what_was_and_will_be(fake: FakeHouse, modelhall: Command, file: Path) -> None:
    fake.on("POST /api/v1/configuration/plan", TOLD)
    told = modelhall("plan", "--prune", str(file))
    assert told.out.splitlines() == [
        "+ alias good",
        '    models: ["a/b"]',
        "~ model a/b  (file hall.toml, last changed by ann at 2026-01-01T00:00:00Z (model.edit))",
        "    category: budget → -",
        "- project web  (person)",
        "~ profile own: a key out of the sealed secrets",
    ]
    assert "hall.toml, if it is applied: 1 created, 1 changed, 1 deleted." in told.err
    assert "Note: give it by hand" in told.err
    (_, _, body) = fake.asked[-1]
    assert (body["name"], body["prune"], body["text"]) == ("hall.toml", True, file.read_text())


@pytest.mark.parametrize(("command", "more"), [("apply", {"prune": False}), ("import", {"keep": True})])
def test_apply_and_import_differ_in_what_may_go(
    fake: FakeHouse, modelhall: Command, file: Path, command: str, more: dict[str, bool]
) -> None:
    fake.on("POST /api/v1/configuration/apply", {**TOLD, "steps": [], "profiles_with_key": []})
    told = modelhall(command, str(file))
    assert (told.code, told.out) == (0, "")
    assert "nothing to change" in told.err
    assert more.items() <= fake.asked[-1][2].items()


def test_a_file_comes_by_standard_input(fake: FakeHouse, modelhall: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    fake.on("POST /api/v1/configuration/apply", TOLD)
    monkeypatch.setattr("sys.stdin", io.StringIO("[organisation]\n"))
    told = modelhall("apply", "-", "--format", "toml", "--json")
    assert (told.code, told.err) == (0, "")
    assert told.json == TOLD
    assert (fake.asked[-1][2]["text"], fake.asked[-1][2]["format"]) == ("[organisation]\n", "toml")


def test_the_passphrase_is_asked_for_and_never_an_argument(
    fake: FakeHouse, modelhall: Command, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.on("POST /api/v1/configuration/apply", TOLD)
    fake.on("POST /api/v1/export", b"x = 1\n")
    monkeypatch.setattr("sys.stdin", io.StringIO("a long passphrase\n"))
    assert modelhall("apply", str(file), "--with-secrets").code == 0
    assert fake.asked[-1][2]["passphrase"] == "a long passphrase"
    monkeypatch.setattr("sys.stdin", io.StringIO("a long passphrase\n"))
    out = file.parent / "out.yaml"
    assert modelhall("export", "--with-secrets", "--output", str(out)).code == 0
    assert fake.asked[-1][2] == {"format": "yaml", "passphrase": "a long passphrase"}
    assert out.read_text() == "x = 1\n"
    assert modelhall("apply", "-", "--with-secrets", "--format", "toml").code == 2


def test_drift_sources_and_undo_are_shown(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("GET /api/v1/configuration/drift", {"items": TOLD["steps"]})
    fake.on("GET /api/v1/configuration/drift", {"items": []})
    fake.on("GET /api/v1/configuration/sources", {"items": [{"kind": "alias", "name": "good", "source": "person"}]})
    fake.on("POST /api/v1/configuration/undo", TOLD)
    assert "category: budget → -" in modelhall("drift").out
    assert "as the applied files say" in modelhall("drift").err
    assert "alias  good  person" in modelhall("sources").out
    assert "1 created" in modelhall("undo-apply").err


def test_a_file_that_is_not_there_is_told(modelhall: Command, tmp_path: Path) -> None:
    told = modelhall("plan", str(tmp_path / "nothing.toml"))
    assert (told.code, "cannot be read" in told.err) == (2, True)
