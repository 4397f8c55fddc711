"""What the commands of policies and evidence ask of the control API, and what they show."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.conftest import Command, FakeHouse

OPEN: dict[str, Any] = {
    "local_only": False, "zero_retention": False, "no_training": False, "regions": None,
    "ceiling_usd_per_mtok": None, "purposes": None, "residencies": None,
}  # fmt: skip
POLICY: dict[str, Any] = {
    "whose": "key ci",
    "own": OPEN | {"regions": ["eu"]},
    "effective": OPEN | {"zero_retention": True, "regions": ["eu"], "ceiling_usd_per_mtok": "2.5"},
    "parents": [{"whose": "the organisation", "rules": OPEN | {"zero_retention": True, "ceiling_usd_per_mtok": "2.5"}}],
    "outdone": ["regions"],
}
EVIDENCE: dict[str, Any] = {
    "value": True, "reference": "DPA-7", "layer": "profile", "address": None, "dated": "2026-11-01",
    "valid_until": None, "entered_by": "ada",
}  # fmt: skip
KNOWN: dict[str, Any] = {
    "name": "work", "kind": "profile", "says": "What is sent goes to a third party: OpenAI.",
    "facts": [
        {"fact": "zero_retention", "evidence": EVIDENCE, "over": None},
        {"fact": "regions", "evidence": None, "over": EVIDENCE | {"valid_until": "2026-11-02"}},
        {"fact": "local", "evidence": None, "over": None},
    ],
}  # fmt: skip


def test_a_policy_is_shown_with_whose_each_rule_is(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("GET /api/v1/keys/ci/policy", POLICY)
    ended = modelhall("policy", "show", "--key", "ci")
    rows = [line.split() for line in ended.out.splitlines()]
    assert rows[1:] == [
        ["zero_retention", "yes", "-", "the", "organisation"],
        ["regions", "eu", "eu", "-"],
        ["ceiling_usd_per_mtok", "$2.50", "-", "the", "organisation"],
    ]
    assert "regions: more than its own was demanded above since" in ended.err
    fake.on("GET /api/v1/policy", POLICY | {"effective": OPEN, "outdone": []})
    assert "Nothing is demanded" in modelhall("policy", "show").err


def test_a_policy_is_set_and_cleared_where_it_is_meant(fake: FakeHouse, modelhall: Command) -> None:
    for place in ("policy", "projects/web/policy", "keys/my%20key/policy"):
        fake.on(f"PUT /api/v1/{place}", POLICY)
    set_ = modelhall("policy", "set", "--zero-retention", "--regions", "eu, us", "--ceiling-usd-per-mtok", "$2.50")
    modelhall("policy", "set", "--project", "web", "--purposes", "production", "--no-training", "--local-only")
    modelhall("policy", "clear", "--key", "my key")
    assert [(path.removeprefix("/api/v1/"), body) for _, path, body in fake.asked] == [
        ("policy", {"zero_retention": True, "regions": ["eu", "us"], "ceiling_usd_per_mtok": "2.50"}),
        ("projects/web/policy", {"local_only": True, "no_training": True, "purposes": ["production"]}),
        ("keys/my%20key/policy", {}),
    ]
    assert set_.out == "What holds for key ci: zero_retention yes; regions eu; ceiling_usd_per_mtok $2.50.\n"


def test_models_are_told_with_what_is_missing(fake: FakeHouse, modelhall: Command) -> None:
    met = {"rule": "zero_retention", "whose": "the organisation", "met": True, "words": "DPA-7", "evidence": EVIDENCE}
    missing = met | {"rule": "regions", "met": False, "words": "there is no evidence for regions"}
    fake.on(
        "GET /api/v1/policy/models",
        {"items": [
            {"model": "a/b", "allowed": True, "findings": [met]},
            {"model": "a/c", "allowed": False, "findings": [met, missing]},
        ]},
    )  # fmt: skip
    _, good, bad = modelhall("policy", "models", "--key", "ci").out.splitlines()
    assert fake.asked[0][1] == "/api/v1/policy/models?key=ci"
    assert good.split(maxsplit=2) == ["a/b", "yes", "zero_retention (the organisation): DPA-7"]
    assert bad.split(maxsplit=2) == ["a/c", "no", "regions (the organisation): there is no evidence for regions"]


def test_evidence_is_shown_entered_and_withdrawn(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("GET /api/v1/evidence/work", KNOWN)
    fake.on("PUT /api/v1/evidence/regions/work/gpt-4.1", KNOWN)
    fake.on("PUT /api/v1/evidence/local/work", KNOWN)
    fake.on("DELETE /api/v1/evidence/local/work", KNOWN)
    says, _, _, kept, ended, unknown = modelhall("evidence", "show", "work").out.splitlines()
    assert says == "work: What is sent goes to a third party: OpenAI."
    assert kept.split() == ["zero_retention", "yes", "DPA-7", "profile", "2026-11-01", "-", "ada"]
    assert ended.split() == ["regions", "unknown", "ended:", "DPA-7", "-", "-", "2026-11-02", "-"]
    assert unknown.split() == ["local", "unknown", "-", "-", "-", "-", "-"]
    fake.asked.clear()
    dated = ("--dated", "2026-11-01", "--valid-until", "2027-10-31")
    modelhall("evidence", "enter", "regions", "work/gpt-4.1", "eu,us", "--reference", "DPA-7", *dated)
    modelhall("evidence", "enter", "local", "work", "No", "--reference", "a mail", "--dated", "2026-11-01")
    modelhall("evidence", "withdraw", "local", "work")
    bodies = [body for *_, body in fake.asked]
    assert bodies[0] == {
        "value": ["eu", "us"], "reference": "DPA-7", "dated": "2026-11-01", "address": None,
        "valid_until": "2027-10-31",
    }  # fmt: skip
    assert (bodies[1]["value"], bodies[2]) == (False, None)


@pytest.mark.parametrize(
    "words",
    [
        ("policy", "set"),
        ("policy", "set", "--key", "ci", "--project", "web", "--zero-retention"),
        ("policy", "set", "--ceiling-usd-per-mtok", "cheap"),
        ("evidence", "enter", "local", "work", "perhaps", "--reference", "x"),
        ("evidence", "enter", "unheard", "work", "yes", "--reference", "x"),
        ("evidence", "enter", "local", "work", "yes"),
    ],
    ids=" ".join,
)
def test_a_command_line_that_makes_no_sense_asks_nobody(
    words: tuple[str, ...], fake: FakeHouse, modelhall: Command
) -> None:
    ended = modelhall(*words)
    assert ended.code == 2
    assert fake.asked == []
