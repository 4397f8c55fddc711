"""Models that people describe, by commands and from programs; and the usual models of older programs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from tests.cli.conftest import Command, FakeHouse
from tests.whole.server import Server, server_on

ONE = {"profile": "work", "model_id": "mine"}
TAKEN = {
    "name": "work/mine",
    "active": False,
    "warnings": ["input: odd"],
    "price": {
        "rates": [
            {
                "usage_class": "input",
                "usd_per_million": "30",
                "usd_per_1k": "0.03",
                "usd_per_token": "0.00003",
                "context_over": 0,
                "service_tier": "standard",
                "utc_hours": None,
            }
        ]
    },
}


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A house with a server."""
    with server_on(tmp_path_factory.mktemp("serving") / "data") as server:
        server.start()
        yield server


def test_a_model_is_added_with_its_price_in_the_unit_that_was_meant(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("POST /api/v1/models", TAKEN, 201)
    done = modelhall(
        *("model", "add", "work", "mine", "--context-window", "16000", "--can", "vision", "--cannot", "tools"),
        *("--input-price", "0.03", "--unit", "thousand", "--activate"),
    )
    assert done.code == 0
    assert fake.asked[0][2] == {
        **ONE,
        "context_window": 16_000,
        "prices": {"input_per_1k": "0.03"},
        "capabilities": {"vision": True, "tools": False},
        "active": True,
        "hidden": False,
    }
    assert "input: $30.00 a million, $0.03 a thousand, $0.00003 a token" in done.out
    assert done.err == "Warning: input: odd\n"
    assert modelhall("model", "add", "work", "mine", "--input-price", "1", "--unit", "pound").code == 2


@pytest.mark.parametrize("content", [ONE, [ONE], {"models": [ONE]}], ids=["one", "a list", "models"])
def test_a_file_of_models_is_imported(fake: FakeHouse, modelhall: Command, tmp_path: Path, content: Any) -> None:
    fake.on("POST /api/v1/models", TAKEN, 201)
    file = tmp_path / "models.json"
    file.write_text(json.dumps(content))
    done = modelhall("model", "import", str(file))
    assert (done.code, fake.asked[0][2]) == (0, ONE)
    assert done.err == "Warning: work/mine: input: odd\n"


def test_a_model_that_is_refused_does_not_keep_the_others_back(
    fake: FakeHouse, modelhall: Command, tmp_path: Path
) -> None:
    fake.refuse("POST /api/v1/models", 409, "already_exists", "There already.")
    fake.on("POST /api/v1/models", TAKEN, 201)
    file = tmp_path / "models.json"
    file.write_text(json.dumps([{"modelId": "flat"}, ONE]))
    done = modelhall("model", "import", str(file), "--json")
    assert done.code == 1
    assert [(row["model"], row["status"]) for row in done.json["results"]] == [
        ("flat", "error"),
        ("work/mine", "added"),
    ]


@pytest.mark.parametrize("text", ["", "{", "3", "[3]", '{"models": 3}'])
def test_a_file_that_holds_no_models_is_refused(modelhall: Command, tmp_path: Path, text: str) -> None:
    file = tmp_path / "models.json"
    file.write_text(text)
    assert modelhall("model", "import", str(file)).code == 2
    assert modelhall("model", "import", str(tmp_path / "none.json")).code == 2


def test_the_usual_models_come_in_with_sql_bindings_and_progress(serving: Server) -> None:
    told = serving.run("model", "populate")
    assert [line for line in told.splitlines() if line.startswith("[")] == [
        "[1/3] claude-sonnet-4-20250514",
        "[2/3] gpt-4.1",
        "[3/3] gpt-4.1-nano",
    ]
    assert told.count("  SQL: SELECT id FROM models WHERE model_id = ?") == 3
    assert told.count("  SQL: INSERT INTO models (name, model_id, endpoint_type") == 3
    bound = [json.loads(line.partition(": ")[2]) for line in told.splitlines() if line.startswith("  Bindings:")]
    assert bound[3][:6] == ["GPT-4.1", "gpt-4.1", "openAI", False, 1_047_576, 32_768]
    assert bound[3][7:] == [2, 8, True]
    assert told.endswith("Model population completed: 3 created, 0 skipped, 3 in all.\n")
    again = serving.json("model", "populate")
    assert again["summary"] == {"created": 0, "skipped": 3, "total": 3}


def test_a_server_has_the_routes_of_older_programs_and_keeps_them_closed(serving: Server) -> None:
    with pytest.raises(HTTPError) as refused:
        serving.get("/api/models")
    assert refused.value.code == 401
    refused.value.close()
    with pytest.raises(HTTPError) as empty:
        serving.get("/api/models", serving.token)
    assert (empty.value.code, json.loads(empty.value.read())["error"]) == (503, "No models/endpoints available")
    status, listed = serving.get("/api/admin/models", serving.token)
    assert (status, len(listed["models"])) == (200, 3)


def test_programs_add_and_list_models(serving: Server) -> None:
    serving.run("profile", "add", "up", "--provider", "openai-compatible", "--base-url", "http://127.0.0.1:9/v1")
    program = (
        "import json, sys, pathlib\n"
        "from modelhall import add_model, list_models\n"
        "data = pathlib.Path(sys.argv[1])\n"
        "added = add_model({'profile': 'up', 'model_id': 'mine', 'context_window': 4096}, data=data)\n"
        "print(json.dumps([added['name'], [model['name'] for model in list_models(data=data)]]))\n"
    )
    words = (sys.executable, "-c", program, str(serving.data))
    done = subprocess.run(words, capture_output=True, text=True, env=dict(serving.environ), check=False)
    assert done.returncode == 0, done.stderr
    name, names = json.loads(done.stdout)
    assert name == "up/mine"
    assert "up/mine" in names


def test_importing_the_package_loads_nothing_of_it() -> None:
    program = "import sys, modelhall; print([name for name in sys.modules if name.startswith('modelhall.')])"
    done = subprocess.run((sys.executable, "-c", program), capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
