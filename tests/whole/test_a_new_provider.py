"""A new compatible provider is one file, one recording and one test; CLI, API and docs show it by themselves."""

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.providers.test_a_new_provider import RECORDING, TEST, VENDOR
from tests.whole.server import server_on

ROOT = Path(__file__).resolve().parents[2]


async def test_three_small_files_in_a_copy_of_the_house_are_enough(tmp_path: Path) -> None:
    copy = tmp_path / "house"
    for part in ("src", "tests", "docs", "scripts"):
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "ARCHITECTURE.md"):
        shutil.copy(ROOT / name, copy / name)
    (copy / "src/modelhall/providers/vendors/acme.py").write_text(VENDOR)
    (copy / "tests/cassettes/acme").mkdir()
    (copy / "tests/cassettes/acme/chat.json").write_text(RECORDING)
    (copy / "tests/providers/test_acme.py").write_text(TEST)
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": f"{copy / 'src'}:{copy}"}

    def python(*words: str) -> str:
        done = subprocess.run(
            (sys.executable, *words), cwd=copy, env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    python("scripts/docs.py")
    assert "| `acme` | Acme | `https://api.acme.example` |" in (copy / "docs/reference/providers.md").read_text()
    house_rules = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/house/test_providers.py", "tests/providers")
    house_rules += ("--deselect", "tests/providers/test_a_new_provider.py::test_three_small_files_make_a_provider")
    assert " passed" in await asyncio.to_thread(python, *house_rules)
    with server_on(tmp_path / "data", PYTHONPATH=environ["PYTHONPATH"], ACME_API_KEY="from-the-environment") as server:
        await asyncio.to_thread(server.start)
        assert "acme" in await asyncio.to_thread(server.run, "profile", "providers")
        (found,) = [each for each in server.json("profile", "list")["items"] if each["id"] == "acme"]
        assert (found["origin"], found["key"]["reference"]) == ("environment", "env:ACME_API_KEY")
        status, page = await asyncio.to_thread(server.get, "/api/v1/providers/acme", server.token)
        assert (status, page["title"]) == (200, "Acme")
