"""One server and one vendor for all clients; each client's program runs once, and every test reads what it told."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.sdks.vendor import BUSY, FRAGILE, MODELS, Vendor, running_vendor
from tests.whole.server import Server, server_on

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-sdks" / "bin" / "python"
DIALECTS = {"gpt": ("openai-compatible", "/v1"), "claude": ("anthropic-compatible", "")}
"""Profiles that speak one dialect only: the provider and the path of its address."""
CLIENTS = (
    *("openai_sdk", "anthropic_sdk", "langchain_openai_chat", "langchain_anthropic_chat", "llm_command"),
    *("openai_node", "anthropic_node", "litellm_client-openai", "litellm_client-anthropic"),
)
OWN_MODELS = tuple(f"{name}.{client}" for name in FRAGILE for client in CLIENTS)
BUSY_MODELS = tuple(f"{BUSY}{client}" for client in ("openai", "anthropic"))


@dataclass(frozen=True, slots=True)
class Place:
    """What a client's program is told, and who is behind it."""

    server: Server
    vendor: Vendor
    key: str
    poor_key: str
    folder: Path

    @property
    def environ(self) -> dict[str, str]:
        """An environment without anything of this machine's owner."""
        # LiteLLM fetches its list of prices at each start, unless it is told to take its own.
        told = {"MODELHALL_KEY": self.key, "LITELLM_LOCAL_MODEL_COST_MAP": "True"}
        return {"PATH": f"{PYTHON.parent}:{os.environ['PATH']}", "HOME": str(self.folder), **told}

    def run(self, *words: str, told: str = "") -> str:
        """What a program of the clients' environment says."""
        done = subprocess.run(
            words, input=told, env=self.environ, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, f"{' '.join(words)[:200]}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
        return done.stdout

    def facts(self, client: str, python: Path = PYTHON) -> Any:
        """What a client's program tells, run by the Python of its environment."""
        return json.loads(self.run(str(python), "-m", f"tests.sdks.clients.{client}", told=self._told(client)))

    def facts_of_node(self, client: str) -> Any:
        """What a client's program for Node tells."""
        return json.loads(self.run("node", f"tests/sdks/node/{client}.mjs", told=self._told(client)))

    def _told(self, client: str) -> str:
        keys = {"key": self.key, "poor_key": self.poor_key}
        return json.dumps({"address": self.server.address, "client": client, **keys})


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("sdks")
    with running_vendor() as vendor, server_on(folder / "data", MODELHALL_ENGINE="true") as server:
        server.start()
        for profile in DIALECTS:
            _set_up(server, vendor, profile)
        key = server.json("key", "create", "sdks")["key"]
        poor = server.json("key", "create", "poor", "--budget-usd", "0.000001")["key"]
        yield Place(server, vendor, key, poor, folder)


def _set_up(server: Server, vendor: Vendor, profile: str) -> None:
    provider, path = DIALECTS[profile]
    at = ("--provider", provider, "--base-url", vendor.origin + path, "--allow-private")
    server.run("profile", "add", profile, *at, "--key", "vendor-key")
    server.run("profile", "add", f"{profile}-keyless", *at, "--key-env", "NOT_SET_ANYWHERE")
    server.run("model", "sync", profile, *MODELS, *BUSY_MODELS, *OWN_MODELS, "--activate")
    server.run("model", "sync", profile, "asleep")
    server.run("model", "sync", f"{profile}-keyless", "talk", "--activate")
    server.run("model", "price", f"{profile}/talk", "--input-per-mtok", "1", "--output-per-mtok", "2")


@pytest.fixture(scope="session")
def facts_of(place: Place) -> Callable[[str], Any]:
    """The facts of a client by its name; its program runs at the first asking."""
    told: dict[str, Any] = {}

    def facts(client: str) -> Any:
        if client not in told:
            told[client] = place.facts(client)
        return told[client]

    return facts
