"""The commands on a real house, with a server and without one: both ways do the same."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from modelhall.cli.place import data_directory
from modelhall.settings import load_settings
from tests.whole.server import COMMAND, Server, server_on


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class House:
    """A data directory, with a server or without, and commands on it."""

    server: Server

    def run(self, *words: str, given: str = "") -> Ended:
        """A command in a process of its own."""
        done = subprocess.run(
            (*COMMAND, *words, "--data", str(self.server.data)),
            input=given,
            capture_output=True,
            text=True,
            env=dict(self.server.environ),
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def json(self, *words: str, given: str = "") -> Any:
        """A command's answer for programs."""
        ended = self.run(*words, "--json", given=given)
        assert ended.code == 0, ended.err
        return json.loads(ended.out)


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house with a server, for tests that leave it as it was."""
    with server_on(tmp_path_factory.mktemp("serving") / "data") as server:
        server.start()
        yield House(server)


@pytest.fixture(params=["server", "in process"])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """A house each way."""
    with server_on(tmp_path / "data") as server:
        if request.param == "server":
            server.start()
        yield House(server)


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[House]:
    """A house without a server."""
    with server_on(tmp_path / "data") as server:
        yield House(server)


def test_the_whole_library_is_run_by_commands(serving: House) -> None:
    house = serving
    added = house.json(
        *("profile", "add", "up", "--provider", "openai-compatible", "--base-url", "http://127.0.0.1:9/v1"),
        *("--key", "-", "--allow-private"),
        given="sk-very-secret\n",
    )
    assert (added["id"], added["key"]["state"]) == ("up", "ok")
    assert "sk-very-secret" not in json.dumps(added)
    synced = house.json("model", "sync", "up", "m1", "org/m2", "--activate")
    assert [row["model"] for row in synced["results"]] == ["up/m1", "up/org/m2"]
    priced = house.json("model", "price", "up/org/m2", "--input-per-mtok", "2.5", "--output-per-mtok", "10")
    assert priced["price"]["input_per_mtok"] == "2.5"
    assert house.json("profile", "key", "add", "up", "--key", "-", given="sk-the-second-secret\n")["shown"] == "…cret"
    assert house.run("profile", "key", "accept", "up", "...cret").code == 0
    assert [row["state"] for row in house.json("profile", "key", "list", "up")["items"]] == ["ok", "ok"]
    assert house.run("profile", "key", "remove", "up", "…cret").code == 0
    alias = house.json("alias", "set", "quick", "org/m2", "up/m1", "--ceiling-usd-per-mtok", "10")
    assert (alias["models"], alias["before"]) == (["up/org/m2", "up/m1"], None)
    assert (
        "up/m1 is never used as things are: its price is not known."
        in house.run("alias", "set", "quick", "org/m2", "m1").err
    )
    assert "m1" in house.run("alias", "show", "quick").out
    undo = house.run("alias", "delete", "quick").err.removeprefix("To have it again: modelhall ").split()
    assert house.json(*undo)["models"] == ["up/org/m2", "up/m1"]
    assert [row["name"] for row in house.json("alias", "list")["items"]] == ["quick"]
    assert house.json("model", "tag", "up/m1", "up/org/m2", "--tags", "coding,fast")["done"] == 2
    assert house.json("collection", "set", "both", "up/org/m2", "up/m1")["models"] == ["up/org/m2", "up/m1"]
    assert house.run("model", "remove", "collection:both", "--dry-run").code == 1
    assert house.json("model", "remove", "up/m1", "--successor", "up/org/m2")["done"] == 1
    assert house.json("alias", "show", "quick")["models"] == ["up/org/m2"]
    assert [row["name"] for row in house.json("model", "deleted")["items"]] == ["up/m1"]
    assert house.json("model", "undo", "up/m1")["model"]["tags"] == ["coding", "fast"]
    assert house.json("alias", "show", "quick")["models"] == ["up/org/m2", "up/m1"]
    assert house.json("model", "history", "up/m1")["items"][0]["action"] == "model.undo"
    assert house.run("model", "hints").code == 0
    assert house.json("preferences", "--set", "temperature=0.5")["model_parameters"] == {"temperature": 0.5}
    assert house.json("profile", "edit", "up", "--default-model", "m1")["default_model"] == "up/m1"
    told = house.json("explain", "up/default")
    assert (told["model"], told["changes"]["temperature"]) == ("up/m1", "0.5: your own stored value")
    assert house.run("alias", "delete", "quick").code == 0
    assert house.json("model", "default", "up/m1")["default"] is True
    assert house.run("model", "default").out == "up/m1\n"
    key = house.json(
        "key", "create", "mine", "--models", "up/m1", "--budget-usd", "5", "--role", "viewer", "--expires", "30d"
    )
    assert key["key"].startswith("mh_")
    assert (key["models"], key["budget"]["limit"], key["role"]) == (["up/m1"], "5", "viewer")
    assert house.json("key", "create", "none", "--models", "")["models"] == []
    assert house.json("key", "show", "mine")["id"] == key["id"]
    assert house.run("key", "delete", "none").code == 0
    assert [row["name"] for row in house.json("key", "list")["items"]] == ["mine"]
    assert house.run("key", "delete", "mine").code == 0
    assert house.json("usage")["rows"] == []
    assert 'id = "up"' in house.run("export").out
    house.json("model", "default", "local/smollm2-135m-instruct")
    assert house.run("profile", "remove", "up").code == 0
    assert [row["id"] for row in house.json("profile", "list")["items"]] == ["local"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("key", "create", "x", "--project", "nowhere"), "nowhere"),
        (("key", "create", "x", "--owner", "nobody"), "nobody"),
        (("key", "create", "x", "--models", "no/model"), "no/model"),
        (("profile", "add", "x", "--provider", "opena"), "openai"),
        (("profile", "show", "nowhere"), "nowhere"),
        (("model", "activate", "no/model"), "no/model"),
        (("usage", "call", "00000000-0000-0000-0000-000000000000"), "00000000"),
    ],
)
def test_a_refusal_names_what_is_wrong(words: tuple[str, ...], told: str, serving: House) -> None:
    ended = serving.run(*words)
    assert (ended.code, ended.out) == (1, "")
    assert told in ended.err
    assert "Traceback" not in ended.err


def test_a_backup_comes_back_whole(house: House, tmp_path: Path) -> None:
    house.json("key", "create", "kept")
    house.json("backup", str(tmp_path / "backup"), "--with-key")
    with server_on(tmp_path / "other") as other:
        back = House(other)
        assert back.json("restore", str(tmp_path / "backup"))["with_key"] is True
        assert [row["name"] for row in back.json("key", "list")["items"]] == ["kept"]
        again = back.run("restore", str(tmp_path / "backup"))
        assert again.code == 1
        assert "empty" in again.err


def test_without_a_server_a_command_does_and_refuses_the_same(alone: House) -> None:
    key = alone.json("key", "create", "mine", "--models", "")
    assert (key["models"], key["owner"]) == ([], "owner")
    ended = alone.run("key", "create", "x", "--project", "nowhere")
    assert (ended.code, ended.out) == (1, "")
    assert "nowhere" in ended.err


def test_the_master_key_is_changed_and_all_stays_readable(house: House) -> None:
    before = (house.server.data / "master.key").read_text() if house.server.process else None
    house.json("profile", "add", "up", "--provider", "groq", "--key", "-", given="gsk-secret\n")
    assert house.json("master-key", "rotate") == {"version": 2}
    assert (house.server.data / "master.key").read_text() != before
    assert house.json("profile", "show", "up")["key"]["state"] == "ok"


def test_commands_without_a_server_take_turns(alone: House) -> None:
    with ThreadPoolExecutor(3) as at_once:
        made = list(at_once.map(lambda number: alone.json("key", "create", f"key-{number}"), range(3)))
    assert len({key["key"] for key in made}) == 3


def test_a_command_beside_a_server_that_starts_finds_it(alone: House) -> None:
    with ThreadPoolExecutor(1) as beside:
        started = beside.submit(alone.server.start)
        assert alone.run("key", "create", "early").code == 0
        started.result()
    assert [row["name"] for row in alone.json("key", "list")["items"]] == ["early"]


def test_a_second_server_on_the_same_data_is_refused_and_told_where_the_first_is(serving: House) -> None:
    second = serving.run("serve", "--port", "0")
    assert second.code == 1
    assert serving.server.address in second.err


def test_after_a_killed_server_commands_work_without_it(alone: House) -> None:
    alone.server.start()
    alone.server.kill()
    assert (alone.server.data / "run" / "server.json").exists()
    assert alone.run("key", "list").code == 0
    assert alone.run("status").code == 3


def test_doctor_finds_a_wrong_master_key(alone: House) -> None:
    alone.json("key", "create", "x")
    (alone.server.data / "master.key").write_text("0" * 64 + "\n")
    ended = alone.run("doctor", "--json")
    found = {finding["name"]: finding for finding in json.loads(ended.out)["findings"]}
    assert ended.code == 1
    assert found["master key"]["state"] == "bad"
    assert found["database"]["state"] == "ok"


def test_doctor_is_content_with_a_running_house(serving: House) -> None:
    ended = serving.run("doctor", "--json")
    assert [f for f in json.loads(ended.out)["findings"] if f["state"] == "bad"] == []
    assert ended.code == 0


def test_a_database_that_does_not_answer_ends_with_3(tmp_path: Path) -> None:
    with server_on(tmp_path / "data", "postgresql://nobody:secret-password@127.0.0.1:1/none") as server:
        ended = House(server).run("key", "list")
    assert ended.code == 3
    assert "database" in ended.err
    assert "secret-password" not in ended.err
    assert "Traceback" not in ended.err


def test_a_wrong_setting_ends_with_1_and_is_named(tmp_path: Path) -> None:
    with server_on(tmp_path / "data", MODELHALL_DURABILITY="hope") as server:
        ended = House(server).run("key", "list")
    assert ended.code == 1
    assert "durability" in ended.err


def test_an_interrupted_command_closes_the_house(alone: House) -> None:
    alone.json("key", "list")
    with subprocess.Popen(
        (*COMMAND, "chat", "--data", str(alone.server.data)),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(alone.server.environ),
    ) as program:
        time.sleep(0.5)
        program.send_signal(signal.SIGINT)
        assert program.wait(20) in {130, -signal.SIGINT}
    assert alone.run("key", "list").code == 0


Environ = dict[str, str]


@pytest.mark.parametrize(
    "environ",
    [
        lambda folder: {},
        lambda folder: {"XDG_DATA_HOME": str(folder / "xdg")},
        lambda folder: {"XDG_DATA_HOME": ""},
        lambda folder: {"MODELHALL_DATA": str(folder / "a"), "XDG_DATA_HOME": str(folder / "xdg")},
        lambda folder: {"MODELHALL_DATA": "~/house"},
        lambda folder: {"MODELHALL_DATA": ""},
        lambda folder: {"MODELHALL_DATA_FILE": str(folder / "where")},
    ],
)
@pytest.mark.parametrize("given", [None, Path("~/given"), Path("relative")])
def test_commands_and_server_mean_the_same_data_directory(
    given: Path | None, environ: Callable[[Path], Environ], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "where").write_text(f"{tmp_path / 'from-file'}\n")
    told = environ(tmp_path)
    for name in ("XDG_DATA_HOME", "MODELHALL_DATA", "MODELHALL_DATA_FILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    assert data_directory(given, os.environ) == load_settings(os.environ, data=given).data
