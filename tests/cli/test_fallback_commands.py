"""What the commands of aliases and of a profile's keys ask of the control API, and what they show."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tests.cli.conftest import Command, FakeHouse

FIRST: dict[str, Any] = {"model": "work/large", "input_per_mtok": "2", "output_per_mtok": "8", "unreachable": None}
SECOND: dict[str, Any] = {
    "model": "den/small", "input_per_mtok": None, "output_per_mtok": None, "unreachable": "its price is not known",
}  # fmt: skip
ALIAS: dict[str, Any] = {
    "name": "fast", "models": ["work/large", "den/small"], "ceiling_usd_per_mtok": "2.5", "targets": [FIRST, SECOND],
    "shadows": ["work/fast"],
}  # fmt: skip
KEY: dict[str, Any] = {
    "id": "0190", "position": 2, "shown": "…abcd", "reference": None, "address": "https://api.openai.com",
    "state": "refused", "refused_at": "2026-11-01T10:00:00Z", "refused_because": "401",
}  # fmt: skip


def test_an_alias_is_set_with_its_models_in_order(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("PUT /api/v1/aliases/fast", {**ALIAS, "before": None})
    ended = modelhall("alias", "set", "fast", "large", "den/small", "--ceiling-usd-per-mtok", "$2.50")
    modelhall("alias", "set", "fast", "large")
    assert [body for *_, body in fake.asked] == [
        {"models": ["large", "den/small"], "ceiling_usd_per_mtok": "2.50"},
        {"models": ["large"], "ceiling_usd_per_mtok": None},
    ]
    assert ended.out == "fast now means work/large, then den/small.\n"
    assert "den/small is never used as things are: its price is not known." in ended.err
    assert "By the name fast nobody reaches work/fast any more." in ended.err


def test_what_an_alias_was_is_told_as_the_command_that_brings_it_back(fake: FakeHouse, modelhall: Command) -> None:
    was = "modelhall alias set fast work/large den/small --ceiling-usd-per-mtok 2.5"
    fake.on("PUT /api/v1/aliases/fast", {**ALIAS, "models": ["work/large"], "before": ALIAS})
    fake.on("PUT /api/v1/aliases/fast", {**ALIAS, "before": ALIAS})
    fake.on("DELETE /api/v1/aliases/fast", ALIAS)
    assert f"Before, it was: {was}\n" in modelhall("alias", "set", "fast", "large").err
    assert "Before" not in modelhall("alias", "set", "fast", "large", "den/small").err, "nothing changed"
    assert modelhall("alias", "delete", "fast").err == f"To have it again: {was}\n"
    assert modelhall("alias", "delete", "fast", "--json").json == ALIAS


def test_aliases_are_listed_and_shown(fake: FakeHouse, modelhall: Command) -> None:
    plain = {**ALIAS, "name": "slow", "ceiling_usd_per_mtok": None, "targets": [FIRST]}
    fake.on("GET /api/v1/aliases", {"items": [ALIAS, plain], "next": None})
    fake.on("GET /api/v1/aliases/fast", ALIAS)
    _, first, second = modelhall("alias", "list").out.splitlines()
    assert "$2.50" in first
    assert first.endswith("den/small")
    assert "the first's price" in second
    shown = modelhall("alias", "show", "fast").out
    assert "its price is not known" in shown
    assert "$8.00" in shown
    assert modelhall("alias", "show", "fast", "--json").json == ALIAS


@pytest.mark.parametrize(
    "words",
    [
        ("alias", "set", "fast"),
        ("alias", "set", "fast", "large", "--ceiling-usd-per-mtok", "much"),
        ("profile", "key", "add", "work"),
        ("profile", "key", "add", "work", "--key", "sk-1", "--key-env", "X"),
        ("profile", "key", "add", "work", "--key-env", "X=sk-1"),
        ("profile", "key", "lst", "work"),
    ],
    ids=" ".join,
)
def test_a_command_line_that_makes_no_sense_asks_nobody(
    words: tuple[str, ...], fake: FakeHouse, modelhall: Command
) -> None:
    ended = modelhall(*words)
    assert ended.code == 2
    assert ended.err
    assert fake.asked == []


def test_a_further_key_comes_from_standard_input_or_a_variable(
    fake: FakeHouse, modelhall: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.on("POST /api/v1/profiles/work/keys", KEY, 201)
    fake.on("POST /api/v1/profiles/work/keys", {**KEY, "shown": None, "reference": "env:X", "state": "missing"}, 201)
    monkeypatch.setattr("sys.stdin", io.StringIO("sk-secret\n"))
    ended = modelhall("profile", "key", "add", "work", "--key", "-")
    assert "…abcd" in ended.out
    assert "sk-secret" not in ended.out + ended.err
    assert "env:X leads to nothing" in modelhall("profile", "key", "add", "work", "--key-env", "X").err
    assert [body for *_, body in fake.asked] == [{"key": "sk-secret"}, {"key_env": "X"}]


def test_keys_are_listed_with_who_refused_them_and_why(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("GET /api/v1/profiles/work/keys", {"items": [KEY], "next": None})
    row = modelhall("profile", "key", "list", "work").out.splitlines()[1]
    assert row.split() == ["2", "…abcd", "refused", "2026-11-01T10:00:00Z", "401", "0190"]
    assert modelhall("profile", "key", "list", "work", "--json").json == {"items": [KEY]}


def test_a_key_is_removed_or_used_again_by_what_is_shown_of_it(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("DELETE /api/v1/profiles/work/keys/%E2%80%A6abcd", None, 204)
    fake.on("POST /api/v1/profiles/work/keys/env%3AX/accept", {**KEY, "state": "ok"})
    assert modelhall("profile", "key", "remove", "work", "…abcd").code == 0
    assert (
        modelhall("profile", "key", "accept", "work", "env:X").out == "The key …abcd of profile work is used again.\n"
    )
