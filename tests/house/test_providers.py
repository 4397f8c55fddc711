"""Every provider is one small file of data with a test and a recording, and is listed without being named anywhere."""

from __future__ import annotations

import ast
import re

from scripts import docs
from tests.house.tree import PACKAGE, ROOT, Source, sources

VENDORS = PACKAGE / "providers" / "vendors"
CASSETTES = ROOT / "tests" / "cassettes"
NAME = "PROVIDER"


def vendors() -> list[Source]:
    """The vendors' files."""
    return [source for source in sources("src/modelhall/providers/vendors") if source.path.name != "__init__.py"]


def test_the_registry_finds_every_vendor() -> None:
    assert len(docs.all_providers()) >= len(vendors())


def test_every_vendor_has_a_recording() -> None:
    recorded = {path.name.split(".")[0] for path in CASSETTES.rglob("*")}
    assert [source.name for source in vendors() if not recorded & {source.path.stem, provider_name(source)}] == []


def test_every_vendor_is_named_by_a_test() -> None:
    tests = "\n".join(source.text for source in sources("tests/providers"))
    assert [source.name for source in vendors() if f'"{provider_name(source)}"' not in tests] == []


def test_no_other_file_imports_a_vendor() -> None:
    named = [
        source.name
        for source in sources("src")
        if VENDORS not in source.path.parents and "import modelhall.providers.vendors." in source.text
    ]
    assert named == []


def test_recordings_hold_no_keys() -> None:
    key = re.compile(r"\b(sk-|gsk_|xai-|AIza|hf_|nvapi-|mh_)[A-Za-z0-9_-]{24,}")
    files = [path for path in sorted(CASSETTES.rglob("*")) if path.is_file()]
    assert [path.name for path in files if key.search(path.read_text(encoding="utf-8"))] == []


def provider_name(source: Source) -> str:
    """The name that the file's `PROVIDER = Provider(name=…)` gives."""
    for node in source.tree.body:
        if isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id == NAME for to in node.targets):
            words = node.value.keywords if isinstance(node.value, ast.Call) else []
            for word in words:
                if word.arg == "name" and isinstance(word.value, ast.Constant):
                    return str(word.value.value)
    return source.path.stem.replace("_", "-")
