"""What no file of the project may hold, and what every lock must: hashes, no addresses, few packages."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from tests.house.tree import ROOT, project_files

LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-build.lock", "requirements-sdks.lock")
MOST_RUNTIME_PACKAGES = 50
PIN = re.compile(r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[^\s;\\]+)")
# Put together from halves, so that this file does not hold what it forbids.
UNFINISHED = tuple(first + second for first, second in (("TO", "DO"), ("FIX", "ME"), ("XX", "X:"), ("HA", "CK:")))
# Hosts of package registries, and places of one machine: the project names neither.
REGISTRIES = tuple(
    ".".join(halves)
    for halves in (
        ("pypi", "org"),
        ("files", "python" + "hosted", "org"),
        ("test", "pypi", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("deb", "debian", "org"),
        ("crates", "io"),
    )
)
MACHINE = tuple("/" + place for place in ("root/", "work/main", "work/shared", "tmp/w/", "opt/wheels", "home/ubuntu"))
BINARY = frozenset({".gz", ".png", ".ico", ".woff2", ".br", ".db", ".gguf", ".whl"})


@pytest.mark.parametrize("needles", [UNFINISHED, REGISTRIES, MACHINE], ids=["unfinished", "registries", "machine"])
def test_no_file_holds_a_forbidden_word(needles: tuple[str, ...]) -> None:
    pattern = re.compile("|".join(rf"(?<![\w.-]){re.escape(needle)}" for needle in needles))
    hits = [
        f"{path.relative_to(ROOT)}:{number} {line.strip()[:80]}"
        for path in project_files()
        if path.suffix not in BINARY
        for number, line in enumerate(read(path).splitlines(), 1)
        if pattern.search(line)
    ]
    assert hits == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_address_and_hashes_every_package(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert not re.search(r"^\s*(--(extra-)?index-url|--find-links|-i|-f|-e)\b", text, re.MULTILINE)
    entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)
    pinned = [entry for entry in entries if PIN.match(entry)]
    assert pinned
    assert [entry.split()[0] for entry in pinned if "--hash=sha256:" not in entry] == []
    assert [entry for entry in entries if entry[:1].isalnum() and not PIN.match(entry)] == []


def test_the_lock_for_node_names_no_address_and_hashes_every_package() -> None:
    text = (ROOT / "tests" / "sdks" / "node" / "package-lock.json").read_text()
    assert "://" not in text
    packages = {name: told for name, told in json.loads(text)["packages"].items() if name}
    assert packages
    assert [name for name, told in packages.items() if not told.get("integrity", "").startswith("sha512-")] == []


def test_the_program_needs_few_packages() -> None:
    assert len(pins("requirements.lock")) <= MOST_RUNTIME_PACKAGES


def test_the_locks_agree_with_each_other() -> None:
    dev = pins("requirements-dev.lock")
    for name in ("requirements.lock", "requirements-build.lock"):
        assert {key: version for key, version in pins(name).items() if dev.get(key) != version} == {}


def test_every_dependency_of_the_package_is_in_the_lock() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {re.split(r"[\[<>=!;~ ]", wish, maxsplit=1)[0] for wish in wanted}
    assert names - pins("requirements.lock").keys() == set()


def pins(lock: str) -> dict[str, str]:
    """Name to version of a lock."""
    lines = (ROOT / lock).read_text().splitlines()
    return {match["name"]: match["version"] for line in lines if (match := PIN.match(line))}


def read(path: Path) -> str:
    """The file's text; what is no text reads as nothing."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""
