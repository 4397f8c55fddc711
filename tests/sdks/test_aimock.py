"""A second opinion on both dialects: what clients get from others' mock server, they get through the house."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sdks.conftest import DIALECTS, ROOT
from tests.whole.server import Server, server_on

NODE = ROOT / "tests" / "sdks" / "node"


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    """The address of aimock."""
    with subprocess.Popen(
        ("node", str(NODE / "aimock_server.mjs")), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture(scope="module")
def told(mock: str, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What both SDKs for Node got, straight from aimock and through each profile."""
    with server_on(tmp_path_factory.mktemp("aimock") / "data") as server:
        server.start()
        for profile in DIALECTS:
            _set_up(server, profile, mock)
        key = server.json("key", "create", "one")["key"]
        places = {name: {"address": server.address, "key": key, "model": f"{name}/small"} for name in DIALECTS}
        places["direct"] = {"address": mock, "key": "any", "model": "small"}
        done = subprocess.run(
            ("node", str(NODE / "aimock_clients.mjs")),
            input=json.dumps(places), capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-4000:]
        return json.loads(done.stdout)


def _set_up(server: Server, profile: str, mock: str) -> None:
    provider, path = DIALECTS[profile]
    at = ("--provider", provider, "--base-url", mock + path, "--allow-private")
    server.run("profile", "add", profile, *at, "--key", "any")
    server.run("model", "sync", profile, "small-openai", "small-anthropic", "--activate")


@pytest.mark.full(only=True)
@pytest.mark.parametrize("profile", DIALECTS)
@pytest.mark.parametrize("sdk", ["openai", "anthropic"])
def test_what_comes_through_is_what_comes_directly(told: Any, sdk: str, profile: str) -> None:
    direct, through = told["direct"][sdk], told[profile][sdk]
    assert direct["whole"]["text"].startswith("Hello there")
    assert [call[2]["city"] for call in direct["streamed_tools"]["calls"]] == ["Paris", "Rome"]
    assert through == direct


def test_the_mock_is_pinned_without_the_place_it_comes_from() -> None:
    lock = json.loads(Path(NODE / "package-lock.json").read_text())
    assert "node_modules/@copilotkit/aimock" in lock["packages"]
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
