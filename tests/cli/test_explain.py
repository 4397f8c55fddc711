"""What `modelhall explain` asks, and what it shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command, FakeHouse

TOLD: dict[str, Any] = {
    "admitted": True, "refusal": None, "asked": "default", "model": "up/m", "why": "the member's default",
    "fallbacks": ["up/n", "up/o"], "passed": [{"model": "up/p", "why": "it is dearer"}], "dialect": "openai_chat",
    "changes": {"temperature": "0.2: your own stored value"}, "dropped": ["seed"], "most_input": 1050,
    "most_output": 4096, "bound": "0.0125", "budget_left": "3", "output_limit": 512,
}  # fmt: skip
REFUSED: dict[str, Any] = {
    **TOLD, "admitted": False, "refusal": {"code": "unknown_model", "status": 404, "message": "no such model"},
    "asked": "up/x", "model": None, "why": None, "fallbacks": [], "passed": [], "dialect": None, "changes": {},
    "dropped": [], "most_input": None, "most_output": None, "bound": None, "budget_left": None, "output_limit": None,
}  # fmt: skip


def test_it_says_where_a_call_goes_and_why_what_changes_and_what_it_costs(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("POST /api/v1/explain", TOLD)
    ended = modelhall("explain")
    assert ended.code == 0
    assert ended.out.splitlines() == [
        "default → up/m: the member's default",
        "",
        "falls back to  up/n → up/o",
        "not to         up/p: it is dearer",
        "asked in       openai_chat",
        "tokens         at most 1,050 in, 4,096 out",
        "cost           at most $0.0125",
        "budget         $3.00 left",
        "limit          512 tokens out, so that it fits the budget",
        "",
        "in the request  becomes",
        "temperature     0.2: your own stored value",
        "seed            dropped: the model does not take it",
    ]
    assert "model" not in fake.asked[0][2]["request"]
    assert modelhall("explain", "--json").json == TOLD


def test_a_call_that_would_be_refused_ends_with_1_and_says_why(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("POST /api/v1/explain", REFUSED)
    ended = modelhall("explain", "up/x")
    assert (ended.code, ended.out) == (1, "up/x would be refused with 404 unknown_model: no such model\n")
    assert fake.asked[0][2]["request"]["model"] == "up/x"


def test_a_request_in_a_file_is_asked_about_as_it_is(fake: FakeHouse, modelhall: Command, tmp_path: Path) -> None:
    fake.on("POST /api/v1/explain", TOLD)
    body = {"model": "up/m", "max_tokens": 5, "messages": []}
    (tmp_path / "body.json").write_text(json.dumps(body))
    modelhall("explain", "--file", str(tmp_path / "body.json"), "--dialect", "anthropic_messages", "--key", "web")
    assert fake.asked[0][2] == {"request": body, "dialect": "anthropic_messages", "key": "web"}


@pytest.mark.parametrize("text", ["[1]", "{", None])
def test_what_is_no_request_is_wrong_usage(
    text: str | None, fake: FakeHouse, modelhall: Command, tmp_path: Path
) -> None:
    file = tmp_path / "body.json"
    if text is not None:
        file.write_text(text)
    assert modelhall("explain", "--file", str(file)).code == 2
    assert fake.asked == []
