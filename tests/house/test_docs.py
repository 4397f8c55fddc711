"""Documentation fails the build: reference pages are fresh and hold every item; links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts import docs
from tests.house.tree import ROOT, project_files

LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
GUIDES = tuple(f"docs/{page}.md" for page in ("index", "running", "development"))
HOUSE_PAGES = ("README.md", "ARCHITECTURE.md", "CHANGELOG.md", *GUIDES)
SETTINGS_OF_THE_GUIDE = ("MODELHALL_DATA", "MODELHALL_HOST", "MODELHALL_PORT", "MODELHALL_MASTER_KEY", "DATABASE_URL")


@pytest.mark.parametrize("page", docs.PAGES)
def test_a_reference_page_is_fresh(page: str) -> None:
    assert (docs.REFERENCE / page).read_text(encoding="utf-8") == docs.PAGES[page](), "run `make docs`"


@pytest.mark.parametrize("page", docs.PAGES)
def test_a_reference_page_holds_something(page: str) -> None:
    assert len(docs.PAGES[page]().splitlines()) > 10


def test_every_setting_says_what_it_is_for() -> None:
    fields = docs.part(docs.SETTINGS).model_fields
    assert [name for name, field in fields.items() if not field.description] == []


def test_every_command_says_what_it_does() -> None:
    text = docs.commands()
    silent = re.findall(r"^#+ (modelhall .+)\n+```", text, re.MULTILINE)
    described = re.findall(r"^#+ (modelhall .+)\n+```console\n.*\n```\n+[A-Z]", text, re.MULTILINE)
    assert sorted(set(silent) - set(described)) == []


def test_every_route_says_what_it_does() -> None:
    assert [f"{route.methods} {route.path}" for route in docs.plain_routes() if not route.words] == []


def test_no_page_leads_nowhere() -> None:
    lost = [
        f"{path.relative_to(ROOT)}: {link}"
        for path in project_files()
        if path.suffix == ".md"
        for link in LINK.findall(FENCE.sub("", path.read_text(encoding="utf-8")))
        if not (path.parent / link).exists()
    ]
    assert lost == []


@pytest.mark.parametrize("page", HOUSE_PAGES)
def test_the_pages_of_the_house_are_there(page: str) -> None:
    assert (ROOT / page).read_text(encoding="utf-8").startswith("# ")


def test_the_architecture_fits_a_sitting() -> None:
    assert len((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()) <= 150


def test_the_architecture_shows_every_room() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = {path.stem for path in (ROOT / "src" / "modelhall").iterdir() if is_room(path)}
    assert sorted(room for room in rooms if not re.search(rf"^[├└]── {room}[/.]", text, re.MULTILINE)) == []


@pytest.mark.parametrize("name", SETTINGS_OF_THE_GUIDE)
def test_the_guide_names_settings_that_exist(name: str) -> None:
    assert name in (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
    assert name in docs.settings()


def test_every_decision_names_its_check() -> None:
    silent = [
        page.name
        for page in sorted((ROOT / "docs" / "decisions").glob("*.md"))
        if page.name != "README.md" and not re.search(r"`(tests|bench)/[^`]+`|import-linter", page.read_text("utf-8"))
    ]
    assert silent == [], "a decision page names the check that enforces it, as `tests/…`"


def is_room(path: Path) -> bool:
    """Whether it is a top-level room of the package."""
    if path.name.startswith(("_", ".")):
        return False
    return path.suffix == ".py" or (path.is_dir() and any(path.glob("*.py")))
