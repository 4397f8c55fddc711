"""Models are tried and probed by commands: what it cost is beside the answer, a bound comes first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.cli.conftest import Command, FakeHouse

TRIAL: dict[str, Any] = {
    "ok": True,
    "model": "up/small",
    "saved": True,
    "answer": "Hello.",
    "finish_reason": "stop",
    "first_token_ms": 120,
    "total_ms": 1500,
    "input_tokens": 10,
    "output_tokens": None,
    "usage": {"input": 10},
    "cost": "0.00002",
    "bound": "0.01",
    "receipt": {"model": "small"},
    "call": "c1",
    "error": None,
    "warnings": [],
}
ROW = {"capability": "vision", "claimed": True, "seen": None, "words": "not tried", "bound": "0.01", "cost": None}
PLAN = {"model": "up/small", "results": [ROW], "bound": "0.01", "cost": "0"}
DONE = {**PLAN, "results": [{**ROW, "seen": True, "words": "named the colour", "cost": "0.002"}], "cost": "0.002"}


def test_the_answer_is_on_standard_output_and_its_figures_beside_it(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("POST /api/v1/models/test", TRIAL)
    done = modelhall("model", "test", "up/small", "--prompt", "Hi.", "--max-tokens", "9")
    assert fake.asked[0][2] == {"model": "up/small", "prompt": "Hi.", "max_tokens": 9}
    assert (done.code, done.out) == (0, "Hello.\n")
    assert done.err.splitlines() == [
        "up/small · first token after 120 ms · 1,500 ms in all · 10 tokens in · ? out · $0.00002 (at most $0.01)",
        "  model: small",
        "Say what you think of it: modelhall model rate c1 1…5",
    ]


def test_a_trial_that_fails_ends_with_one(fake: FakeHouse, modelhall: Command) -> None:
    error = {"code": "provider_broke", "status": 502, "message": "It broke."}
    fake.on("POST /api/v1/models/test", {**TRIAL, "ok": False, "answer": "", "error": error, "first_token_ms": None})
    done = modelhall("model", "test", "up/small")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("provider_broke: It broke.\n")


def test_a_model_that_is_not_saved_is_tried_from_a_file(fake: FakeHouse, modelhall: Command, tmp_path: Path) -> None:
    fake.on("POST /api/v1/models/test", {**TRIAL, "saved": False, "warnings": ["input: odd"]})
    file = tmp_path / "model.json"
    file.write_text(json.dumps({"profile": "up", "model_id": "small"}))
    done = modelhall("model", "test", "--file", str(file))
    assert fake.asked[0][2]["new_model"] == {"profile": "up", "model_id": "small"}
    assert "not saved" in done.err
    assert "Warning: input: odd" in done.err
    assert modelhall("model", "test").code == 2
    assert modelhall("model", "test", "up/small", "--file", str(file)).code == 2
    file.write_text("[]")
    assert modelhall("model", "test", "--file", str(file)).code == 2


def test_a_probe_asks_for_the_bound_before_it_sends_anything(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("POST /api/v1/models/probe", PLAN)
    fake.on("POST /api/v1/models/probe", DONE)
    done = modelhall("model", "probe", "up/small", "--only", "vision")
    body = {"model": "up/small", "only": ["vision"]}
    assert [asked[2] for asked in fake.asked] == [{**body, "dry_run": True}, body]
    assert done.code == 0
    assert "vision      yes      yes   named the colour  $0.002" in done.out
    assert done.out.endswith("up/small: cost $0.002; at most $0.01.\n")


def test_a_dry_run_sends_nothing(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("POST /api/v1/models/probe", PLAN)
    done = modelhall("model", "probe", "up/small", "--dry-run")
    assert len(fake.asked) == 1
    assert done.out.endswith("up/small: nothing was sent; at most $0.01.\n")


SAID: dict[str, Any] = {
    "model": "up/small", "call": "c1", "rating": 4, "note": "good", "member": "ada", "first_token_ms": 120,
    "total_ms": 1500, "at": "2026-11-01T10:00:00Z",
}  # fmt: skip
VERDICTS: dict[str, Any] = {"model": "up/small", "count": 1, "mean_rating": "4.00", "items": [SAID]}


def test_an_answer_is_rated_and_verdicts_are_listed(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("PUT /api/v1/calls/c1/verdict", VERDICTS)
    fake.on("GET /api/v1/model-verdicts/up/small", VERDICTS)
    assert modelhall("model", "rate", "c1", "4", "--note", "good").out == "up/small: 4.00 of 5 in 1 verdicts.\n"
    assert fake.asked[0][2] == {"rating": 4, "note": "good"}
    shown = modelhall("model", "verdicts", "up/small").out.splitlines()
    assert shown[1].split() == ["2026-11-01T10:00:00Z", "ada", "4", "120", "1,500", "good"]


def test_new_models_that_rank_well_are_recommended_with_how_to_take_them(fake: FakeHouse, modelhall: Command) -> None:
    item = {
        "model": "openai/new",
        "state": "listed",
        "place": 3,
        "score": 40,
        "reasons": [{"points": 40, "words": "x"}],
    }
    board = {"name": "LM Arena", "url": "https://lmarena.ai/leaderboard/", "measures": "votes"}
    fake.on("GET /api/v1/recommendations", {"items": [item], "considered": 9, "leaderboards": [board]})
    done = modelhall("model", "recommend", "code", "--new", "--new-days", "90")
    assert fake.asked[0][1] == "/api/v1/recommendations?use=code&limit=5&library_only=false&new_days=90"
    assert done.out.startswith("3. openai/new (40 points)")
    assert "to take it: modelhall model sync openai new" in done.out
    assert "See also LM Arena, https://lmarena.ai/leaderboard/: votes." in done.err
