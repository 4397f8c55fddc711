"""What `modelhall audit` asks of the control API, and what it shows."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Command, FakeHouse

ROW = {
    "sequence": 7, "at": "2027-01-01T00:00:00Z", "actor": "operator", "action": "model.edit", "kind": "model",
    "name": "den/a",
}  # fmt: skip
VERDICT = {"organisation": "default", "whole": True, "words": "whole: 7 changes, none was touched", "end": "7:abc"}


def test_changes_are_listed_as_asked(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("GET /api/v1/audit", {"items": [ROW], "next": "7"})
    ended = modelhall("audit", "list", "--kind", "model", "--actor", "ada", "--since", "2027-01-01", "--object", "x")
    assert (ended.code, "model.edit" in ended.out, "modelhall audit export" in ended.err) == (0, True, True)
    asked = fake.asked[0][1]
    for part in ("kind=model", "actor=ada", "object_id=x", "since=2027-01-01T00%3A00%3A00Z", "limit=50"):
        assert part in asked
    assert modelhall("audit", "list", "--json").json["items"] == [ROW]


def test_changes_are_written_to_a_file(fake: FakeHouse, modelhall: Command, tmp_path: Path) -> None:
    fake.on("GET /api/v1/audit/export", b'{"sequence":7}\n')
    ended = modelhall("audit", "export", "--format", "csv", "--output", str(tmp_path / "out"))
    assert (ended.code, (tmp_path / "out").read_bytes()) == (0, b'{"sequence":7}\n')
    assert "format=csv" in fake.asked[0][1]


def test_a_check_ends_with_1_when_somebody_touched_it(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("GET /api/v1/audit/verify", {"items": [VERDICT]})
    touched = VERDICT | {"whole": False, "words": "the change 3 is gone"}
    fake.on("GET /api/v1/audit/verify", {"items": [VERDICT, touched]})
    whole = modelhall("audit", "verify", "--noted", "7:abc")
    assert (whole.code, "7:abc" in whole.out) == (0, True)
    ended = modelhall("audit", "verify")
    assert (ended.code, "the change 3 is gone" in ended.out) == (1, True)
