"""Reads the project's own files for the house rules."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "modelhall"
WITH_PYTHON = ("src", "tests", "scripts", "bench")
# Made by `make bench-peers`: other people's programs.
MADE = ROOT / "bench" / "build"
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file, read once."""

    path: Path
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """Its path from the root of the project."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def lines(self) -> list[str]:
        """Its lines."""
        return self.text.splitlines()

    def functions(self) -> Iterator[Function]:
        """Every function and method, inner ones too."""
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))


def sources(*places: str) -> list[Source]:
    """The Python files below these places (paths from the root; a place may not exist yet)."""
    found = (path for place in places for path in sorted((ROOT / place).rglob("*.py")))
    return [read(path) for path in found if not path.is_relative_to(MADE)]


@cache
def read(path: Path) -> Source:
    """Read one Python file."""
    text = path.read_text(encoding="utf-8")
    return Source(path, text, ast.parse(text))


def project_files() -> list[Path]:
    """Every file of the project as git sees it; without git every file that is not made by a tool."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        return [path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]
    made = {".venv", ".venv-sdks", ".git", "__pycache__", "node_modules", "dist", "build"}
    return [path for path in ROOT.rglob("*") if path.is_file() and not made.intersection(path.relative_to(ROOT).parts)]


def length(function: Function) -> int:
    """Its lines from `def` to the end."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def body_length(function: Function) -> int:
    """The lines of its body without the docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a name or attribute, "" for anything else."""
    if isinstance(node, ast.Call):
        return dotted(node.func)
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
