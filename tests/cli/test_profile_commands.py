"""What the commands of profiles and projects ask of the control API, and what they show."""

from __future__ import annotations

from typing import Any

from tests.cli.conftest import Command, FakeHouse

TRIAL: dict[str, Any] = {
    "ok": True, "cause": None, "says": "It answers with 2 models, in 31 ms.", "next": None,
    "address": "http://den:8080/v1/models", "key": "…cdef", "latency_ms": 31, "status": 200, "models": ["one", "two"],
    "model_count": 2, "retry_after_s": None, "provider_says": None,
}  # fmt: skip
FAILED: dict[str, Any] = {
    **TRIAL, "ok": False, "cause": "key_refused", "says": "OpenAI does not take this key (status 401).",
    "next": "Give a new one.", "status": 401, "models": [], "model_count": None, "provider_says": "who are you?",
}  # fmt: skip
PROJECT: dict[str, Any] = {
    "id": "web", "name": "Web", "default_model": "den/a", "models": None, "parameters": {"temperature": 0.2},
    "notes": None, "keys": 2, "revision": 1,
}  # fmt: skip
PROFILE: dict[str, Any] = {
    "id": "den", "models": 2, "key": {"state": "none"}, "default_model": "den/a", "parameters": {"temperature": 0.2},
}  # fmt: skip


def test_a_connection_test_shows_what_was_found(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("POST /api/v1/profiles/den/test", TRIAL)
    ended = modelhall("profile", "test", "den", "--which", "env:X")
    assert (ended.code, fake.asked[0][1]) == (0, "/api/v1/profiles/den/test?key=env%3AX")
    for word in ("It answers with 2 models", "…cdef", "31 ms", "one, two", "http://den:8080/v1/models"):
        assert word in ended.out
    assert modelhall("profile", "test", "den", "--json").json == TRIAL


def test_a_failed_test_says_what_to_do_and_ends_with_1(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("POST /api/v1/profiles/test", FAILED)
    ended = modelhall("profile", "test", "--provider", "openai", "--key", "sk-x", "--allow-private")
    assert (ended.code, fake.asked[0][2]) == (1, {"provider": "openai", "key": "sk-x", "allow_private": True})
    assert ended.out.startswith("OpenAI does not take this key (status 401).\nNext: Give a new one.\n")
    assert "The server itself says: who are you?" in ended.err
    assert modelhall("profile", "test", "--provider", "openai", "--json").code == 1


def test_a_test_is_of_a_stored_profile_or_of_a_new_one(fake: FakeHouse, modelhall: Command) -> None:
    assert modelhall("profile", "test").code == 2
    assert modelhall("profile", "test", "den", "--provider", "openai").code == 2
    assert modelhall("profile", "test", "den", "--base-url", "http://x").code == 2
    assert fake.asked == []


def test_a_profile_gets_labels_a_place_and_a_switch(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("POST /api/v1/profiles", PROFILE, 201)
    fake.on("PATCH /api/v1/profiles/den", PROFILE)
    modelhall("profile", "add", "--provider", "openai", "--purpose", "production", "--key", "file:openai")
    modelhall("profile", "edit", "den", "--residency", "eu", "--position", "0")
    assert modelhall("profile", "disable", "den").out == "Profile den is switched off.\n"
    assert modelhall("profile", "enable", "den").out == "Profile den is switched on.\n"
    assert [body for *_, body in fake.asked] == [
        {"provider": "openai", "purpose": "production", "key": "file:openai"},
        {"residency": "eu", "position": 0},
        {"enabled": False},
        {"enabled": True},
    ]


def test_a_profile_gets_a_default_model_and_parameters(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("PATCH /api/v1/profiles/den", PROFILE)
    fake.on("GET /api/v1/profiles/den", PROFILE)
    modelhall("profile", "edit", "den", "--default-model", "a", "--parameter", "temperature=0.2")
    modelhall("profile", "edit", "den", "--default-model", "none", "--parameter", "temperature=none")
    assert [body for *_, body in fake.asked] == [
        {"default_model": "a", "parameters": {"temperature": 0.2}},
        {"default_model": None, "parameters": {"temperature": None}},
    ]
    shown = modelhall("profile", "show", "den").out
    assert "den/a" in shown
    assert "temperature=0.2" in shown


def test_a_removal_says_what_it_breaks_and_how_to_take_it_back(fake: FakeHouse, modelhall: Command) -> None:
    uses = [{"kind": "alias", "name": "fast", "model": "den/a"}]
    fake.on("GET /api/v1/profiles/den/uses", {"models": ["den/a"], "uses": uses})
    fake.on("DELETE /api/v1/profiles/den", None, 204)
    fake.on("POST /api/v1/profiles/den/restore", PROFILE)
    fake.on("GET /api/v1/removed-profiles", {"items": [], "next": None})
    assert "modelhall profile restore den" in modelhall("profile", "remove", "den", "--force").out
    assert fake.asked[-1][1] == "/api/v1/profiles/den?force=true"
    back = modelhall("profile", "restore", "den")
    assert back.out == "Profile den is back with 2 models.\n"
    assert "--key -" in back.err
    assert "fast" in modelhall("profile", "uses", "den").out
    assert "No profile was removed." in modelhall("profile", "removed").out + modelhall("profile", "removed").err


def test_a_project_is_created_edited_listed_shown_and_deleted(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("POST /api/v1/projects", PROJECT, 201)
    fake.on("PATCH /api/v1/projects/web", PROJECT)
    fake.on("GET /api/v1/projects", {"items": [PROJECT], "next": None})
    fake.on("GET /api/v1/projects/web", PROJECT)
    fake.on("DELETE /api/v1/projects/web", None, 204)
    made = modelhall(
        *("project", "create", "web", "--models", "den/a, den/b", "--default-model", "den/a"),
        *("--parameter", "temperature=0.2", "--parameter", 'stop=["END"]', "--parameter", "reasoning_effort=low"),
    )
    assert "modelhall key create NAME --project web" in made.out
    modelhall("project", "edit", "web", "--models", "all", "--parameter", "temperature=", "--default-model", "")
    assert [body for *_, body in fake.asked] == [
        {
            "id": "web", "models": ["den/a", "den/b"], "default_model": "den/a",
            "parameters": {"temperature": 0.2, "stop": ["END"], "reasoning_effort": "low"},
        },
        {"models": None, "parameters": {"temperature": None}, "default_model": None},
    ]  # fmt: skip
    assert "temperature=0.2" in modelhall("project", "list").out
    assert "all active" in modelhall("project", "show", "web").out
    assert modelhall("project", "show", "web", "--json").json == PROJECT
    assert modelhall("project", "delete", "web").out == "Project web is deleted.\n"
    assert modelhall("project", "edit", "web").code == 2
    assert modelhall("project", "edit", "web", "--parameter", "temperature").code == 2
