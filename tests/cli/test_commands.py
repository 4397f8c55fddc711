"""What each command asks of the control API, and what it shows of the answer."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command, FakeHouse

KEY = "mh_" + "a" * 49
MADE: dict[str, Any] = {
    "id": "0190", "name": "mine", "key": KEY, "shown": "mh_…aaaa", "role": None, "models": None, "budget": None,
    "owner": "owner", "expires_at": None, "created_at": "2026-11-01T00:00:00Z",
}  # fmt: skip
MODEL: dict[str, Any] = {
    "name": "groq/llama", "kind": "chat", "context_window": 131072, "active": True, "hidden": False, "default": True,
    "quarantined_because": None,
    "price": {"input_per_mtok": "0.5", "output_per_mtok": "10"}, "health": {"state": "no_data"},
    "capabilities": {"tools": True}, "sources": {},
}  # fmt: skip
KNOWN: dict[str, Any] = {
    "taken": True, "min": 0, "max": 1, "sent_as": None, "only_without_effort": True, "page": "https://a.example",
    "sources": [{"source": "person"}, {"source": "provider"}, {"source": "provider"}],
}  # fmt: skip
ROW: dict[str, Any] = {
    "call": "c1", "attempt": "a1", "at": "2026-11-01T10:00:00Z", "model": "groq/llama", "status": "ok", "error": None,
    "input": 10, "cache_read": 5, "output": 7, "cost": "0.000012", "charge": "0.000012", "unconfirmed": None,
}  # fmt: skip
TOTAL: dict[str, Any] = {
    "attempts": 1, "input": 10, "cache_read": 5, "output": 7, "cost": "0.000012", "charge": "0.000012",
    "unconfirmed": "0", "unpriced": 0,
}  # fmt: skip


def test_a_key_is_made_with_what_was_given_and_nothing_else(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("POST /api/v1/keys", MADE, 201)
    assert modelhall("key", "create", "mine", "--json").json == MADE
    modelhall(
        "key", "create", "mine", "--models", "a/b, c/d", "--budget-usd", "5.10", "--role", "viewer", "--owner", "o"
    )
    modelhall("key", "create", "mine", "--models", "")
    assert [body for _, _, body in fake.asked] == [
        {"name": "mine"},
        {"name": "mine", "models": ["a/b", "c/d"], "budget_usd": "5.10", "role": "viewer", "owner": "o"},
        {"name": "mine", "models": []},
    ]


def test_a_new_key_alone_is_on_standard_output_and_a_curl_line_that_works_beside_it(
    fake: FakeHouse, modelhall: Command
) -> None:
    fake.on("POST /api/v1/keys", MADE, 201)
    ended = modelhall("key", "create", "mine")
    assert ended.out == f"{KEY}\n"
    assert f"curl -N http://127.0.0.1:{fake.port}/v1/chat/completions" in ended.err
    assert f"Bearer {KEY}" in ended.err


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2027-01-31", "2027-01-31T00:00:00Z"),
        ("2027-01-31T12:30Z", "2027-01-31T12:30:00Z"),
        ("2027-01-31T12:30+02:00", "2027-01-31T10:30:00Z"),
    ],
)
def test_the_end_of_a_key_is_a_date_or_a_time(text: str, meant: str, fake: FakeHouse, modelhall: Command) -> None:
    fake.on("POST /api/v1/keys", MADE, 201)
    modelhall("key", "create", "mine", "--expires", text)
    assert fake.asked[0][2]["expires"] == meant


def test_the_end_of_a_key_can_be_a_distance(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("POST /api/v1/keys", MADE, 201)
    modelhall("key", "create", "mine", "--expires", "1d12h")
    ends = datetime.fromisoformat(fake.asked[0][2]["expires"])
    assert abs(ends - datetime.now(UTC) - timedelta(hours=36)) < timedelta(seconds=10)


def test_keys_are_listed_page_by_page(fake: FakeHouse, modelhall: Command) -> None:
    row = {**MADE, "budget": {"limit": "5", "spent": "0.1", "held": "0", "left": "4.9"}, "models": ["a/b"]}
    fake.on("GET /api/v1/keys?limit=500", {"items": [MADE], "next": "x"})
    fake.on("GET /api/v1/keys?after=x&limit=500", {"items": [row], "next": None})
    assert len(modelhall("key", "list", "--json").json["items"]) == 2
    shown = modelhall("key", "list").out
    assert "all active" in shown
    assert "$0.10" in shown
    assert "$5.00" in shown


def test_a_key_is_deleted_by_name_or_id(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("DELETE /api/v1/keys/my%2Fkey%201", None, 204)
    assert modelhall("key", "delete", "my/key 1").code == 0
    assert fake.asked == [("DELETE", "/api/v1/keys/my%2Fkey%201", None)]


def test_a_profile_is_added(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("POST /api/v1/profiles", {"id": "up"}, 201)
    ended = modelhall(
        *("profile", "add", "up", "--provider", "openai-compatible", "--base-url", "http://127.0.0.1:9/v1"),
        *("--key-env", "UP_KEY", "--allow-private", "--header", "X-A: 1", "--header", "X-B:2"),
    )
    assert fake.asked[0][2] == {
        "id": "up", "provider": "openai-compatible", "base_url": "http://127.0.0.1:9/v1", "key_env": "UP_KEY",
        "allow_private": True, "headers": {"X-A": "1", "X-B": "2"},
    }  # fmt: skip
    assert "modelhall model sync up --activate" in ended.out


def test_a_profiles_key_can_come_from_standard_input(
    fake: FakeHouse, modelhall: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.on("POST /api/v1/profiles", {"id": "up"}, 201)
    monkeypatch.setattr("sys.stdin", io.StringIO("sk-secret\n"))
    ended = modelhall("profile", "add", "up", "--provider", "openai", "--key", "-")
    assert fake.asked[0][2]["key"] == "sk-secret"
    assert "sk-secret" not in ended.out + ended.err
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    assert modelhall("profile", "add", "up", "--provider", "openai", "--key", "-").code == 2


def test_a_persons_word_on_parameters_is_sent_field_by_field(fake: FakeHouse, modelhall: Command) -> None:
    unknown = {**KNOWN, "taken": False, "min": None, "max": None, "page": None, "sources": []}
    fake.on("PATCH /api/v1/models/up/m", {**MODEL, "parameters": {"temperature": KNOWN, "seed": unknown}})
    ended = modelhall(
        *("model", "parameters", "up/m", "--set", "temperature.max=1", "--set", "temperature.min=unknown"),
        *("--set", "top_p.min=0.5", "--set", "seed.taken=no", "--set", "n.sent_as=m", "--forget", "top_k"),
    )
    assert fake.asked[0][2] == {
        "parameters": {
            "temperature": {"max": 1, "min": None}, "top_p": {"min": 0.5}, "seed": {"taken": False},
            "n": {"sent_as": "m"}, "top_k": None,
        },
    }  # fmt: skip
    assert "0…1, only without thinking" in ended.out
    assert "person, provider" in ended.out
    assert "not taken" in ended.out


def test_without_a_word_parameters_are_only_shown(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("GET /api/v1/models/up/m", {**MODEL, "parameters": {"temperature": KNOWN}})
    assert modelhall("model", "parameters", "up/m", "--json").json == {"temperature": KNOWN}
    assert "temperature: 0…1, only without thinking" in modelhall("model", "show", "up/m").out


@pytest.mark.parametrize("word", ["temperature", "t.high=1", "t.max=hot", "t.max=", "t.taken=maybe", ".max=1"])
def test_a_word_on_parameters_that_makes_no_sense_is_wrong_usage(
    word: str, fake: FakeHouse, modelhall: Command
) -> None:
    assert modelhall("model", "parameters", "up/m", "--set", word).code == 2
    assert fake.asked == []


def test_models_are_synced_by_name_or_all(fake: FakeHouse, modelhall: Command) -> None:
    done = {"results": [{"model": "up/m", "status": "synced"}], "created": 1, "skipped": 0, "errors": 0}
    fake.on("POST /api/v1/profiles/up/sync", done)
    assert modelhall("model", "sync", "up", "m", "org/n", "--activate", "--json").json == done
    assert "1 new" in modelhall("model", "sync", "up").out
    assert [body for *_, body in fake.asked] == [{"activate": True, "models": ["m", "org/n"]}, {}]


def test_a_sync_with_errors_ends_with_1(fake: FakeHouse, modelhall: Command) -> None:
    results = [{"model": "up/m", "status": "error", "reason": "too long"}]
    fake.on("POST /api/v1/profiles/up/sync", {"results": results, "created": 0, "skipped": 0, "errors": 1})
    ended = modelhall("model", "sync", "up", "m")
    assert ended.code == 1
    assert "too long" in ended.out


def test_a_price_goes_out_as_it_was_written(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("PUT /api/v1/prices/up/org/m", MODEL)
    modelhall("model", "price", "up/org/m", "--input-per-mtok", "0.100", "--output-per-mtok", "1e1")
    assert fake.asked == [("PUT", "/api/v1/prices/up/org/m", {"input_per_mtok": "0.100", "output_per_mtok": "10"})]


def test_models_are_listed_with_their_prices(fake: FakeHouse, modelhall: Command) -> None:
    unpriced = {**MODEL, "name": "groq/other", "price": None, "active": False, "default": False}
    fake.on("GET /api/v1/models", {"items": [MODEL, unpriced], "next": None})
    first, second = modelhall("model", "list", "--profile", "groq", "--search", "l m").out.splitlines()[1:]
    assert fake.asked[0][1] == "/api/v1/models?after=".replace("after=", "limit=500&profile=groq&q=l+m")
    assert first.split()[:2] == ["groq/llama", "active,"]
    assert "$0.50" in first
    assert "unknown" in second


def became(*statuses: str, **more: object) -> dict[str, Any]:
    """What a batch answers when its models became this."""
    rows = [
        {"model": f"a/{number}", "status": status, "reason": "no such model" if status == "refused" else None}
        for number, status in enumerate(statuses, 1)
    ]
    counts = {status: statuses.count(status) for status in ("done", "unchanged", "refused")}
    return {"results": rows, **counts, "dry_run": False, **more}


def test_one_model_that_refuses_does_not_keep_the_others(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("POST /api/v1/models/batch", became("done", "refused", "unchanged"))
    ended = modelhall("model", "activate", "a/1", "a/2", "a/3")
    assert (ended.code, ended.err) == (1, "a/2: no such model\n")
    assert ended.out == "a/1: switched on\na/3: is so already\n"
    assert fake.asked[0][2] == {"action": "activate", "models": ["a/1", "a/2", "a/3"], "dry_run": False}
    assert modelhall("model", "activate", "a/1", "--json", "--dry-run").json["refused"] == 1
    assert fake.asked[1][2]["dry_run"] is True


@pytest.mark.parametrize(
    ("command", "body"),
    [
        (("deactivate",), {"action": "deactivate"}),
        (("hide",), {"action": "hide"}),
        (("unhide",), {"action": "show"}),
        (("show-again",), {"action": "show"}),
        (("remove", "--successor", "a/c"), {"action": "remove", "successor": "a/c"}),
        (("remove", "--force"), {"action": "remove", "force": True}),
        (("restore",), {"action": "restore"}),
        (("quarantine", "--reason", "it leaks"), {"action": "quarantine", "reason": "it leaks"}),
        (("release",), {"action": "release"}),
        (("tag", "--tags", "fast, coding"), {"action": "tag", "tags": ["fast", "coding"]}),
        (("untag", "--tags", "fast"), {"action": "untag", "tags": ["fast"]}),
        (("categorize", "--category", "budget"), {"action": "categorize", "category": "budget"}),
        (("categorize", "--category", "none"), {"action": "categorize", "category": None}),
    ],
    ids=str,
)
def test_a_models_state_is_changed(
    command: tuple[str, ...], body: dict[str, object], fake: FakeHouse, modelhall: Command
) -> None:
    fake.on("POST /api/v1/models/batch", became("done"))
    assert modelhall("model", command[0], "a/b:c", *command[1:]).code == 0
    assert fake.asked == [("POST", "/api/v1/models/batch", body | {"models": ["a/b:c"], "dry_run": False})]


def test_the_default_is_shown_and_set(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("GET /api/v1/models", {"items": [{**MODEL, "default": False}, MODEL], "next": None})
    fake.on("PUT /api/v1/default-model", MODEL)
    assert modelhall("model", "default").out == "groq/llama\n"
    assert modelhall("model", "default", "groq/llama").out == "groq/llama is now the default.\n"
    assert fake.asked[-1][2] == {"model": "groq/llama"}


def test_usage_for_programs_is_every_row_and_the_total(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("GET /api/v1/usage?limit=500", {"rows": [ROW, {**ROW, "attempt": "a2"}], "total": TOTAL, "next": "a2"})
    fake.on("GET /api/v1/usage?before=a2&limit=500", {"rows": [{**ROW, "attempt": "a3"}], "total": TOTAL, "next": None})
    told = modelhall("usage", "--json").json
    assert set(told) == {"rows", "total"}
    assert [row["attempt"] for row in told["rows"]] == ["a1", "a2", "a3"]
    assert told["total"]["cost"] == "0.000012"


def test_usage_for_people_adds_up_the_classes(fake: FakeHouse, modelhall: Command) -> None:
    lost = {
        **ROW,
        "status": "unknown",
        "cost": None,
        "unconfirmed": "0.5",
        "input": None,
        "cache_read": None,
        "output": None,
    }
    fake.on("GET /api/v1/usage", {"rows": [ROW, lost], "total": {**TOTAL, "unconfirmed": "0.5"}, "next": "more"})
    told = modelhall("usage", "--limit", "2", "--model", "groq/llama")
    head, row, other, total = told.out.splitlines()
    assert row.split()[:7] == ["2026-11-01", "10:00:00", "groq/llama", "ok", "15", "5", "7"]
    assert "$0.000012" in row
    assert "up to $0.50" in other
    assert "15 tokens in" in total
    assert "unconfirmed" in total
    assert fake.asked[0][1] == "/api/v1/usage?model=groq%2Fllama&limit=2"
    assert head.startswith("at")


def test_one_call_is_shown(fake: FakeHouse, modelhall: Command) -> None:
    fake.on(
        "GET /api/v1/calls/c1",
        {"call": "c1", "attempts": [ROW], "cost": "0.000012", "charge": "0.000012", "receipt": {}},
    )
    assert "groq/llama" in modelhall("usage", "call", "c1").out


def test_status_shows_what_runs_and_makes_a_link_when_asked(fake: FakeHouse, modelhall: Command) -> None:
    status = {
        "version": "0.1.0", "ready": False, "parts": {"database": "ok", "journal": "folding"}, "database": "sqlite",
        "engine": {"state": "fetching", "fetched_bytes": 80_000_000, "total_bytes": 120_000_000},
        "counts": {"profiles": 1, "models": 4, "active_models": 2, "keys": 3},
        "profiles": [{"id": "local", "provider": "local", "key": "none"}], "warnings": ["look here"],
        "next": {"words": "no key for programs yet", "command": "modelhall key create NAME"},
    }  # fmt: skip
    fake.on("GET /api/v1/status", status)
    fake.on("POST /api/v1/links", {"link": "abc"}, 201)
    plain = modelhall("status")
    assert "80 of 120 MB" in plain.out
    assert "not ready (journal: folding)" in plain.out
    assert "look here" in plain.err
    assert "Next: no key for programs yet. modelhall key create NAME" in plain.out
    assert [path for _, path, _ in fake.asked] == ["/api/v1/status"]
    assert f"http://127.0.0.1:{fake.port}/#link=abc\n" in modelhall("status", "--link").out


def test_export_prints_the_text_or_writes_it(fake: FakeHouse, modelhall: Command, tmp_path: Path) -> None:
    fake.on("GET /api/v1/export", b"[profiles.local]\n")
    assert modelhall("export").out == "[profiles.local]\n"
    modelhall("export", "--output", str(tmp_path / "out.toml"))
    assert (tmp_path / "out.toml").read_text() == "[profiles.local]\n"


def test_the_master_key_is_rotated(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("POST /api/v1/master-key/rotate", {"version": 2})
    assert "version 2" in modelhall("master-key", "rotate").out


def test_what_strangers_named_cannot_steer_the_terminal(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("GET /api/v1/models", {"items": [{**MODEL, "name": "up/\x1b[2Jevil [bold]"}], "next": None})
    shown = modelhall("model", "list").out
    assert "\x1b" not in shown
    assert "evil [bold]" in shown
