"""How a command line ends, what it says when it cannot go on, and how quickly it helps."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from modelhall import __version__
from tests.cli.conftest import TOKEN, Command, FakeHouse, said, write_run_file

PROGRAM = (sys.executable, "-c", "from modelhall.cli.main import main; main()")
HELP_SECONDS = 0.4
HEAVY = ("sqlalchemy", "httptools", "fastapi", "pydantic", "modelhall.bootstrap", "modelhall.settings")


def test_help_and_version_need_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, ["--help"])
    assert told.code == 0
    for command in ("serve", "status", "doctor", "profile", "model", "key", "chat", "usage", "local", "master-key"):
        assert command in told.out
    assert said(capsys, ["--version"]).out.strip() == f"modelhall {__version__}"


@pytest.mark.timed
def test_help_is_quick_and_loads_nothing_heavy() -> None:
    took: list[float] = []
    for _ in range(5):
        started = time.monotonic()
        done = subprocess.run([*PROGRAM, "--help"], capture_output=True, text=True, check=False)
        took.append(time.monotonic() - started)
        assert done.returncode == 0, done.stderr
    assert min(took) <= HELP_SECONDS
    assert heavy_modules_after(["--help"]) == "[]"


def test_a_command_that_asks_a_running_server_loads_nothing_heavy(fake: FakeHouse) -> None:
    fake.on("GET /api/v1/keys", {"items": [], "next": None})
    words = ["key", "list", "--data", str(fake.data)]
    assert heavy_modules_after(words) == "[]"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["statu"], "Did you mean status?"),
        (["profile", "ad"], "Did you mean add?"),
        (["key", "create"], "NAME"),
        (["key", "create", "x", "--budget-usd", "much"], "amount in US dollars"),
        (["key", "create", "x", "--budget-usd", "-1"], "0 or more"),
        (["key", "create", "x", "--budget-usd", "nan"], "0 or more"),
        (["key", "create", "x", "--role", "king"], "king"),
        (["key", "create", "x", "--expires", "soon"], "distance"),
        (["profile", "add", "x"], "--provider"),
        (["profile", "add", "x", "--provider", "p", "--key", "a", "--key-env", "B"], "not both"),
        (["profile", "add", "x", "--provider", "p", "--header", "nocolon"], "Name: value"),
        (["profile", "edit", "x"], "what to change"),
        (["model", "price", "a/b"], "Say the price"),
        (["model", "activate"], "Name one or more"),
        (["usage", "--limit", "0"], "1 or more"),
        (["usage", "--nonsense"], "--nonsense"),
        (["serve", "--workers", "two"], "workers"),
    ],
)
def test_a_wrong_command_line_ends_with_2_and_says_what_is_wrong(
    words: list[str], told: str, fake: FakeHouse, capsys: pytest.CaptureFixture[str]
) -> None:
    data = [] if len(words) == 1 else ["--data", str(fake.data)]
    ended = said(capsys, [*words, *data])
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err
    assert "Traceback" not in ended.err
    assert fake.asked == []


def test_a_refusal_ends_with_1_and_its_own_words(fake: FakeHouse, modelhall: Command) -> None:
    fake.refuse("POST /api/v1/keys", 404, "not_found", "there is no project 'p'")
    ended = modelhall("key", "create", "x", "--project", "p")
    assert (ended.code, ended.out, ended.err) == (1, "", "there is no project 'p'\n")


def test_each_fault_of_a_body_is_told(fake: FakeHouse, modelhall: Command) -> None:
    faults = [{"field": "name", "message": "too long"}, {"field": "models.0", "message": "no such model"}]
    fake.refuse("POST /api/v1/keys", 400, "bad_request", "the body is wrong", errors=faults)
    ended = modelhall("key", "create", "x")
    assert "name: too long" in ended.err
    assert "models.0: no such model" in ended.err


def test_a_database_that_does_not_answer_ends_with_3(fake: FakeHouse, modelhall: Command) -> None:
    fake.refuse("GET /api/v1/keys", 503, "database_unavailable", "the database does not answer")
    assert modelhall("key", "list").code == 3


def test_a_server_that_does_not_answer_ends_with_3_and_says_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_run_file(tmp_path, port=1)
    ended = said(capsys, ["key", "list", "--data", str(tmp_path)])
    assert ended.code == 3
    assert "http://127.0.0.1:1" in ended.err
    assert "modelhall doctor" in ended.err


def test_no_server_is_told_by_status_with_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ended = said(capsys, ["status", "--data", str(tmp_path), "--json"])
    assert ended.code == 3
    assert ended.json == {"running": False, "data": str(tmp_path)}
    assert "modelhall serve" in ended.err


def test_a_run_file_of_a_dead_server_counts_for_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        dead.wait()
    write_run_file(tmp_path, port=1, pid=dead.pid)
    assert said(capsys, ["status", "--data", str(tmp_path)]).code == 3


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"address": 1}', "\u0000"])
def test_a_run_file_that_makes_no_sense_counts_for_nothing(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "server.json").write_text(text)
    assert said(capsys, ["status", "--data", str(tmp_path)]).code == 3


def test_the_operator_token_goes_to_the_server_and_is_never_shown(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("GET /api/v1/keys", {"items": [], "next": None})
    ended = modelhall("key", "list")
    assert fake.tokens == {f"Bearer {TOKEN}"}
    assert TOKEN not in ended.out + ended.err


def test_the_data_directory_can_come_from_the_environment(
    fake: FakeHouse, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake.on("GET /api/v1/keys", {"items": [], "next": None})
    monkeypatch.setenv("MODELHALL_DATA", str(fake.data))
    assert said(capsys, ["key", "list"]).code == 0
    monkeypatch.delenv("MODELHALL_DATA")
    (tmp_path / "where").write_text(f"{fake.data}\n")
    monkeypatch.setenv("MODELHALL_DATA_FILE", str(tmp_path / "where"))
    assert said(capsys, ["key", "list"]).code == 0


def test_who_reads_no_further_makes_no_noise(fake: FakeHouse) -> None:
    many = [
        {"name": f"key-{number}", "shown": "mh_…", "models": None, "role": None, "owner": "owner"}
        for number in range(500)
    ]
    rows = [{**row, "expires_at": None, "id": "0" * 36} for row in many]
    fake.on("GET /api/v1/keys", {"items": rows, "next": None})
    with subprocess.Popen(
        [*PROGRAM, "key", "list", "--json", "--data", str(fake.data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.close()
        assert program.stderr.read() == b""


def heavy_modules_after(words: list[str]) -> str:
    """The heavy modules that this command line has loaded."""
    show = f"print([name for name in {HEAVY} if name in sys.modules])"
    program = f"import sys; from modelhall.cli.main import run; run({words}); {show}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1]


def test_completion_is_written_for_the_shell(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    words = [
        *PROGRAM[:2],
        "import sys; sys.argv[0] = 'modelhall'; " + PROGRAM[2],
        "--install-completion",
        "--shell",
        "bash",
    ]
    subprocess.run(words, env=environ, capture_output=True, check=True)
    written = "".join(file.read_text() for file in tmp_path.rglob("*") if file.is_file())
    assert "master-key" in written
    assert "--budget-usd" in written
