"""Collections, history, undo, hints, labels, settings and preferences from the command line."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.conftest import Command, FakeHouse

CHANGE: dict[str, Any] = {
    "id": "c2", "at": "2026-11-01T10:00:00Z", "member": "ada", "via": "session", "action": "model.edit",
    "before": {"hidden": False, "successor": None}, "after": {"hidden": True, "successor": "a/c"},
    "fields": ["hidden", "successor_id"], "undoes": None, "undone": False,
}  # fmt: skip
CAME: dict[str, Any] = CHANGE | {"id": "c1", "action": "model.sync", "before": None, "after": {}, "fields": []}
GONE: dict[str, Any] = CHANGE | {
    "id": "c3", "action": "model.remove", "after": {"deleted": True}, "fields": [], "undone": True,
}  # fmt: skip
BACK: dict[str, Any] = CHANGE | {"id": "c4", "action": "model.undo", "before": None, "fields": [], "undoes": "c3"}


def test_the_history_of_a_model_is_a_table(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("GET /api/v1/model-history/a/b", {"model": "a/b", "deleted": False, "items": [BACK, GONE, CHANGE, CAME]})
    back, gone, edit, came = modelhall("model", "history", "a/b", "--limit", "9").out.splitlines()[1:]
    assert fake.asked[0][1] == "/api/v1/model-history/a/b?limit=9"
    assert "takes back c3" in back
    assert "removed" in gone
    assert gone.endswith("taken back")
    assert "hidden: no, successor: -" in edit
    assert "hidden: yes, successor: a/c" in edit
    assert came.split()[-4:] == ["-", "in", "the", "library"]


def test_the_last_change_or_a_named_one_is_taken_back(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("POST /api/v1/model-undo/a/b", {"change": "c3", "action": "model.remove", "model": {}, "kept": ["alias q"]})
    ended = modelhall("model", "undo", "a/b")
    assert ended.out.startswith("model.remove is taken back.")
    assert "alias q was changed since" in ended.err
    modelhall("model", "undo", "a/b", "--change", "c3", "--json")
    assert [body for *_, body in fake.asked] == [{}, {"change": "c3"}]


def test_removed_models_are_listed(fake: FakeHouse, modelhall: Command) -> None:
    row = {"name": "a/b", "number": 7, "title": "B", "deleted_at": "2026-11-01T10:00:00Z", "restorable": False}
    fake.on("GET /api/v1/deleted-models", {"items": [row], "next": None})
    assert modelhall("model", "deleted").out.splitlines()[1].split() == ["a/b", "7", "2026-11-01T10:00:00Z", "no"]


def test_a_successor_is_named_and_taken_back(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("PATCH /api/v1/models/a/b", {"name": "a/b", "successor": "a/c"})
    assert modelhall("model", "successor", "a/b", "a/c").out == "a/b is followed by a/c.\n"
    modelhall("model", "successor", "a/b", "none")
    assert [body for *_, body in fake.asked] == [{"successor": "a/c"}, {"successor": None}]


def test_hints_say_what_to_do(fake: FakeHouse, modelhall: Command) -> None:
    hint = {"model": "a/b", "kind": "retires_soon", "words": "ends", "to_do": "modelhall model remove a/b"}
    fake.on("GET /api/v1/models/hints", {"items": [hint]})
    shown = modelhall("model", "hints", "--unused-days", "30").out
    assert fake.asked[0][1] == "/api/v1/models/hints?unused_days=30"
    assert "retires soon" in shown
    assert "modelhall model remove a/b" in shown


def test_labels_are_listed(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("GET /api/v1/labels", {"tags": [{"name": "fast", "models": 2}], "categories": [{"name": "c", "models": 1}]})
    assert [line.split() for line in modelhall("model", "labels").out.splitlines()[1:]] == [
        ["tag", "fast", "2"],
        ["category", "c", "1"],
    ]


def test_the_librarys_settings_are_shown_and_changed(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("GET /api/v1/library-settings", {"activate_on_sync": False})
    fake.on("PATCH /api/v1/library-settings", {"activate_on_sync": True})
    assert "switched off" in modelhall("model", "settings").out
    assert "switched on" in modelhall("model", "settings", "--activate-on-sync").out
    modelhall("model", "settings", "--no-activate-on-sync")
    assert [body for *_, body in fake.asked[1:]] == [{"activate_on_sync": True}, {"activate_on_sync": False}]


def test_collections_are_set_added_to_taken_from_and_deleted(fake: FakeHouse, modelhall: Command) -> None:
    held = {"name": "c", "models": ["a/1", "a/2"]}
    fake.on("GET /api/v1/collections", {"items": [held], "next": None})
    fake.on("GET /api/v1/collections/c", held)
    fake.on("PUT /api/v1/collections/c", {"name": "c", "models": ["a/3"], "before": held})
    fake.on("DELETE /api/v1/collections/c", held)
    ended = modelhall("collection", "set", "c", "a/3")
    assert (ended.out, ended.err) == ("c now holds a/3.\n", "Before, it was: modelhall collection set c a/1 a/2\n")
    modelhall("collection", "add", "c", "a/3")
    modelhall("collection", "take-out", "c", "a/1")
    sent = [body["models"] for method, _, body in fake.asked if method == "PUT"]
    assert sent == [["a/3"], ["a/1", "a/2", "a/3"], ["a/2"]]
    assert modelhall("collection", "show", "c").out == "a/1\na/2\n"
    assert "a/1, a/2" in modelhall("collection", "list").out
    assert "modelhall collection set c a/1 a/2" in modelhall("collection", "delete", "c").err


def test_preferences_are_shown_and_changed(fake: FakeHouse, modelhall: Command) -> None:
    stored = {"default_model": "a/b", "model_parameters": {"temperature": 0.2}, "warnings": ["not yet"]}
    fake.on("GET /api/v1/preferences", stored)
    fake.on("PATCH /api/v1/preferences", stored)
    shown = modelhall("preferences")
    assert "temperature=0.2" in shown.out
    assert shown.err == "not yet\n"
    modelhall("preferences", "--default-model", "a/b", "--set", "temperature=0.2", "--set", "max_tokens=none")
    modelhall("preferences", "--default-model", "none")
    assert [body for *_, body in fake.asked[1:]] == [
        {"default_model": "a/b", "model_parameters": {"temperature": 0.2, "max_tokens": None}},
        {"default_model": None},
    ]


def test_values_to_be_sent_are_stored_for_a_model(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("PATCH /api/v1/models/a/b", {"parameters": {}, "defaults": {"temperature": 0.2}})
    ended = modelhall("model", "parameters", "a/b", "--default", "temperature=0.2", "--default", "max_tokens=9")
    assert fake.asked[0][2] == {"defaults": {"temperature": 0.2, "max_tokens": 9}}
    assert ended.out == "Sent where a caller sends none: temperature=0.2\n"


@pytest.mark.parametrize(
    "words",
    [
        ("model", "parameters", "a/b", "--default", "temperature"),
        ("preferences", "--set", "=1"),
        ("model", "tag", "a/b", "--tags", " , "),
        ("model", "quarantine", "a/b"),
        ("model", "restore"),
        ("collection", "add", "c"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_wrong_usage(words: tuple[str, ...], fake: FakeHouse, modelhall: Command) -> None:
    assert modelhall(*words).code == 2
    assert fake.asked == []


STATE: dict[str, Any] = {
    "model": "a/b", "at": "2026-11-01T00:00:00Z", "synced": True, "default": True, "successor": None,
    "fields": {"active": True, "notes": None, "context_window": 8192}, "changes_since": 3,
    "price": {"input_per_mtok": "2", "output_per_mtok": "8"},
}  # fmt: skip


def test_a_model_is_shown_as_it_was(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("GET /api/v1/model-state/a/b", STATE)
    shown = modelhall("model", "history", "a/b", "--at", "2026-11-01T00:00:00Z").out.splitlines()
    assert fake.asked[0][1] == "/api/v1/model-state/a/b?at=2026-11-01T00%3A00%3A00%2B00%3A00"
    assert [line.split() for line in shown[1:-1]] == [
        ["active", "yes"],
        ["context_window", "8,192"],
        ["input_per_mtok", "2"],
        ["output_per_mtok", "8"],
    ]
    assert shown[-1] == "a/b was in the library, the default; 3 changes since."
    assert modelhall("model", "history", "a/b", "--at", "soon").code == 2


def test_facts_are_shown_with_who_says_so_and_a_persons_word_is_sent(fake: FakeHouse, modelhall: Command) -> None:
    known = {"context_window": 8192, "max_input": None, "max_output": 1000, "knowledge_cutoff": None}
    told = {"source": "provider", "as_of": "2026-11-01", "disagreeing": ["catalog: 9000"]}
    model = {**known, "retires_on": None, "sources": {"context_window": told}}
    fake.on("GET /api/v1/models/a/b", model)
    fake.on("PATCH /api/v1/models/a/b", model)
    shown = modelhall("model", "facts", "a/b").out.splitlines()
    assert shown[1].split() == ["context_window", "8,192", "provider", "2026-11-01", "catalog:", "9000"]
    modelhall("model", "facts", "a/b", "--max-output", "500", "--forget", "context_window", "--json")
    assert fake.asked[1][2] == {"facts": {"max_output": 500, "context_window": None}}
