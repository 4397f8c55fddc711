"""The import contracts bite: a copy of the package with one sin for each contract breaks every one of them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import PACKAGE, ROOT

VENDOR = "providers/vendors"
# File (made if it is not there), the sin, and the contract that forbids it.
SINS = (
    ("domain/sin.py", "import modelhall.services", "Imports point down only"),
    ("unplaced.py", "", "Imports point down only"),
    ("api/sin.py", "import modelhall.settings", "Imports point down only"),
    (f"{VENDOR}/sin_a.py", "import modelhall.providers.vendors.sin_b", "Providers never import providers"),
    (
        "providers/registry.py",
        "import modelhall.providers.vendors.sin_b",
        "The registry knows vendors by discovery, never by name",
    ),
    ("cli/sin.py", "import modelhall.storage", "Doors reach storage, providers and dialects only through services"),
    ("services/sin.py", "import sqlalchemy", "SQL libraries only in storage"),
    ("services/sin.py", "import starlette", "The HTTP framework only in api, web, gateway.doors and bootstrap"),
    (
        "gateway/relay.py",
        "import starlette.requests",
        "The HTTP framework only in api, web, gateway.doors and bootstrap",
    ),
    ("gateway/sin.py", "import aiohttp", "No HTTP client library: calls go out through gateway.upstream"),
    ("services/a/sin.py", "import modelhall.services.b.sin", "No cycles between siblings"),
)
INNOCENT = ("gateway/doors/sin.py", "import starlette.requests")
BACK = ("services/b/sin.py", "import modelhall.services.a.sin")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package and its rules."""
    shutil.copytree(PACKAGE, tmp_path / "src" / "modelhall", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(("file", "line", "contract"), SINS, ids=[f"{file}, {line}" for file, line, _ in SINS])
def test_a_forbidden_import_breaks_its_contract(copy: Path, file: str, line: str, contract: str) -> None:
    for name, text in ((f"{VENDOR}/sin_b.py", ""), BACK, (file, line)):
        sin(copy, name, text)
    assert contract in broken(copy)


def test_what_is_allowed_breaks_nothing(copy: Path) -> None:
    sin(copy, *INNOCENT)
    assert broken(copy) == []


def sin(copy: Path, name: str, line: str) -> None:
    """Add the line to the file, making it and its packages where they are missing."""
    path = copy / "src" / "modelhall" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    (path.parent / "__init__.py").touch()
    with path.open("a") as file:
        file.write(f"\n{line}\n")


def broken(copy: Path) -> list[str]:
    """The names of the contracts that the copy breaks; a rule that cannot be checked counts as one."""
    linter = Path(sys.executable).parent / "lint-imports"
    told = subprocess.run(
        [linter, "--no-cache", "--no-logo"],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy / "src"), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    names = re.findall(r"^(.+?) BROKEN(?: \(.*\))?$", told.stdout, re.MULTILINE)
    if told.returncode and not names:
        return [f"{told.stdout[-2000:]}{told.stderr[-2000:]}"]
    return names
