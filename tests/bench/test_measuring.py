"""How candidates are started, counted and stopped, and what the load generator's words mean."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench import instruments, machine
from bench.instruments import Target
from bench.main import main
from bench.measure import cost, first_answer
from bench.processes import BenchError, running

CORE = machine.split_cores().gateway


def test_work_that_is_put_off_counts_and_others_do_not() -> None:
    before, at_end, after = machine.Usage(1.0, 10.0, 0.0), machine.Usage(2.0, 12.0, 4.0), machine.Usage(2.5, 13.0, 5.0)
    told = cost(before, at_end, after)
    assert told.cpu_s == 1.5
    assert told.others == 0.25


def test_a_command_with_brackets_and_spaces_in_its_name_is_still_read(tmp_path: Path) -> None:
    odd = tmp_path / "a) b"
    odd.symlink_to(sys.executable)
    with subprocess.Popen([odd, "-c", "import time; time.sleep(30)"], start_new_session=True) as process:
        try:
            assert machine.session_of(process.pid) == process.pid
        finally:
            process.kill()


def test_the_time_of_children_counts_as_the_gateways(tmp_path: Path) -> None:
    burn = "import time; end = time.process_time() + 0.3\nwhile time.process_time() < end: pass"
    script = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {burn!r}]); print('x'); input()"
    cores = machine.split_cores()
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            assert machine.usage_of(process.pid, cores).own >= 0.3
            assert machine.memory_mb(process.pid) > 1
        finally:
            process.kill()


def test_a_program_that_was_started_is_gone_afterwards(tmp_path: Path) -> None:
    with running([sys.executable, "-c", "import time; time.sleep(60)"], CORE, tmp_path / "log", {}) as process:
        assert machine.processes_of(process.pid) == [process.pid]
    assert machine.processes_of(process.pid) == []


def test_a_program_is_started_with_nothing_of_this_machines_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    log = tmp_path / "log"
    with running([sys.executable, "-c", "import os; print(sorted(os.environ))"], CORE, log, {"MINE": "1"}) as process:
        process.wait(20)
    assert "'MINE'" in log.read_text()
    assert "OPENAI_API_KEY" not in log.read_text()


def test_a_gateway_that_does_not_start_is_named_with_its_last_words(tmp_path: Path) -> None:
    log = tmp_path / "broken" / "log"
    log.parent.mkdir()
    body = tmp_path / "body"
    body.write_text("{}")
    command = [sys.executable, "-c", "raise SystemExit('no such port')"]
    with (
        running(command, CORE, log, {}) as process,
        pytest.raises(BenchError, match="broken ended .*\n.*no such port"),
    ):
        first_answer(Target(1, (), "m"), process, body, log)


def test_a_body_names_the_model_as_the_candidate_calls_it(tmp_path: Path) -> None:
    text = instruments.body("json", "bench/mock-model", tmp_path).read_text()
    assert '"model": "bench/mock-model"' in text


def test_what_the_generator_could_not_do_is_trouble() -> None:
    told = instruments.told([sys.executable, "-c", 'print(\'{"error": "connect"}\')'], 1)
    assert "connect" in told.trouble


def test_an_unknown_candidate_is_refused_with_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "direct,apache"]) == 1
    assert "direct, nginx, modelhall, litellm; not apache" in capsys.readouterr().err
