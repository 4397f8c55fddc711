"""Each trouble is found and comes with its mending; nothing is changed by looking."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from modelhall.cli.checks import folder, machine, server, store
from modelhall.services.inspection.inspect_journal import JournalReport
from modelhall.services.inspection.inspect_store import StoreReport
from modelhall.storage.datadir import lock_data_dir
from tests.cli.conftest import Command, FakeHouse, said

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def doctor(capsys: pytest.CaptureFixture[str], data: Path) -> tuple[int, dict[str, dict[str, str]]]:
    """Exit code and findings by name."""
    ended = said(capsys, ["doctor", "--json", "--data", str(data)])
    return ended.code, {finding["name"]: finding for finding in json.loads(ended.out)["findings"]}


def test_a_fresh_place_is_fine_and_stays_untouched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELHALL_PORT", "0")
    data = tmp_path / "data"
    code, found = doctor(capsys, data)
    assert code == 0, found
    assert not data.exists()
    assert [name for name, finding in found.items() if finding["state"] == "bad"] == []
    assert "0 wrong" in said(capsys, ["doctor", "--data", str(data)]).out


def test_a_port_in_use_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("MODELHALL_PORT", str(taken.getsockname()[1]))
        code, found = doctor(capsys, tmp_path)
    assert code == 1
    assert "--port" in found["port"]["mend"]


def test_a_wrong_setting_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELHALL_DURABILITY", "hope")
    code, found = doctor(capsys, tmp_path)
    assert code == 1
    assert "durability" in found["settings"]["what"]


def test_a_database_that_does_not_answer_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:secret-password@127.0.0.1:1/none")
    code, found = doctor(capsys, tmp_path)
    assert code == 1
    assert found["database"]["state"] == "bad"
    assert "secret-password" not in json.dumps(found)


def test_a_provider_key_in_the_environment_is_named_but_not_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", "gsk-very-secret")
    _, found = doctor(capsys, tmp_path)
    assert "GROQ_API_KEY" in found["provider keys"]["what"]
    assert "gsk-very-secret" not in json.dumps(found)


def test_a_running_server_is_asked(fake: FakeHouse, modelhall: Command) -> None:
    status = {
        "parts": {"database": "ok", "journal": "3 segments to fold"}, "warnings": ["on tmpfs"],
        "engine": {"state": "ready"},
        "profiles": [{"id": "a", "provider": "x", "key": "ok"}, {"id": "b", "provider": "x", "key": "missing"}],
    }  # fmt: skip
    fake.on("GET /api/v1/status", status)
    ended = modelhall("doctor", "--json")
    found = {finding["name"]: finding for finding in ended.json["findings"]}
    assert ended.code == 1
    assert found["journal"]["state"] == "bad"
    assert found["database"]["state"] == "ok"
    assert "modelhall profile edit b --key -" in found["profile b"]["mend"]
    assert "profile a" not in found


def test_a_server_that_hangs_is_told(tmp_path: Path, fake: FakeHouse, modelhall: Command) -> None:
    fake.refuse("GET /api/v1/status", 503, "not_ready", "starting")
    assert modelhall("doctor").code == 1


def test_who_holds_the_directory_without_listening_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with lock_data_dir(tmp_path):
        _, found = doctor(capsys, tmp_path)
    assert "holds the data directory" in found["server"]["what"]


def test_others_are_kept_out_of_the_data(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    finding = folder.permissions(tmp_path)
    assert finding.state == "warn"
    assert finding.mend == f"chmod go-rwx {tmp_path}"
    tmp_path.chmod(0o700)
    assert folder.permissions(tmp_path).state == "ok"


def test_a_file_in_the_place_of_the_directory_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert folder.data_directory(tmp_path / "file").state == "bad"


@pytest.mark.parametrize(("free", "state"), [(50_000_000, "bad"), (500_000_000, "warn"), (5_000_000_000, "ok")])
def test_room_runs_out_by_degrees(free: int, state: str, tmp_path: Path) -> None:
    assert folder.room(tmp_path, free).state == state


def test_a_temporary_file_system_is_told(tmp_path: Path) -> None:
    assert folder.lasting(tmp_path, "tmpfs").state == "warn"


@pytest.mark.parametrize(
    ("now", "newest", "state"),
    [
        (NOW, None, "ok"),
        (NOW, NOW - timedelta(days=400), "ok"),
        (NOW, NOW + timedelta(hours=2), "bad"),
        (datetime(1970, 1, 2, tzinfo=UTC), None, "bad"),
    ],
)
def test_a_clock_that_cannot_be_right_is_wrong(now: datetime, newest: datetime | None, state: str) -> None:
    assert machine.clock(now, newest).state == state


def test_old_parts_of_the_machine_are_told(tmp_path: Path) -> None:
    assert machine.python_version((3, 10, 1)).state == "bad"
    assert machine.sqlite_library("3.40.1", safe=False).state == "warn"
    mine, other = tmp_path / "venv" / "bin" / "modelhall", tmp_path / "modelhall"
    mine.parent.mkdir(parents=True)
    mine.touch()
    other.touch()
    assert machine.command_on_path(str(other), str(tmp_path / "venv")).state == "warn"
    assert machine.command_on_path(str(mine), str(tmp_path / "venv")).state == "ok"


@pytest.mark.parametrize("key", ["missing", "other", "unreadable"])
def test_a_master_key_that_does_not_fit_is_wrong(key: str) -> None:
    finding = store.master_key(StoreReport("sqlite", None, revision="0001", master_key=key))  # pyright: ignore[reportArgumentType]
    assert finding.state == "bad"
    assert "MODELHALL_MASTER_KEY" in finding.mend


@pytest.mark.parametrize(("revision", "state"), [(None, "ok"), ("0000", "ok"), ("0001", "ok"), ("0009", "bad")])
def test_a_database_of_a_newer_version_is_wrong(revision: str | None, state: str) -> None:
    assert store.database(StoreReport("sqlite", None, revision=revision, wanted_revision="0001")).state == state


def test_what_dead_processes_left_is_told() -> None:
    assert store.journal(JournalReport(2, 1, 4096)).state == "warn"
    assert store.journal(JournalReport(1, 0, 0)).state == "ok"


def test_a_host_that_is_not_this_machines_is_wrong() -> None:
    assert server.port_free("203.0.113.1", 8400).state == "bad"
