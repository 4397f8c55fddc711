"""What the guides tell people to type exists, and does what they say."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from cyclopts import App

from modelhall.api.compat.app import COMPAT_PREFIX, create_compat_api
from modelhall.cli.main import build
from tests.support.asgi import Client
from tests.support.house import TOKEN, open_test_house

DOCS = Path(__file__).parents[2] / "docs"
GUIDES = ("troubleshooting.md", "custom-models.md", "older-programs.md", "moving.md", "cli.md", "people.md")


def commands() -> list[tuple[str, str]]:
    """Guide and command words, each once."""
    found: dict[tuple[str, str], None] = {}
    for guide in GUIDES:
        for match in re.finditer(r"`(modelhall [^`]+)`|^(modelhall .+)$", (DOCS / guide).read_text("utf-8"), re.M):
            words = shlex.split((match[1] or match[2]).partition("#")[0])
            if words[1:] and not words[1].startswith(("-", "COMMAND")):
                found[guide, " ".join(words[1:])] = None
    return list(found)


@pytest.mark.parametrize(("guide", "line"), commands(), ids=lambda value: str(value)[:60])
def test_a_command_in_a_guide_exists_with_its_options(guide: str, line: str) -> None:
    words = line.split()
    app: App = build()
    while words and not words[0].startswith("-") and words[0] in app:
        app = app[words.pop(0)]
    wanted = [name for name in app if not name.startswith("-")]
    assert not (wanted and words and app.default_command is None), f"{guide}: {line}"
    known = {name for argument in app.assemble_argument_collection() for name in argument.names}
    options = {word.partition("=")[0] for word in words if word.startswith("--") and len(word) > 2}
    assert options - known <= {"--help"}, f"{guide}: {line}"


async def test_the_curl_lines_for_older_programs_work_as_they_stand(tmp_path: Path) -> None:
    lines = [line for line in (DOCS / "older-programs.md").read_text("utf-8").splitlines() if line.startswith("curl ")]
    assert len(lines) == 5
    async with open_test_house(f"sqlite:///{tmp_path / 'house.db'}", tmp_path) as house:
        application = create_compat_api(house.house)
        client = Client(application, {"authorization": f"Bearer {TOKEN}"}, root_path=COMPAT_PREFIX)
        answers = [await client.send(*request_of(line)) for line in lines]
    assert [answer.status for answer in answers] == [503, 200, 200, 201, 200]


def request_of(line: str) -> tuple[str, str, bytes | None]:
    """Method, path and body of a curl line."""
    words = shlex.split(line)
    method = words[words.index("-X") + 1] if "-X" in words else "GET"
    address = next(word for word in words if word.startswith("http"))
    body = words[words.index("-d") + 1].encode() if "-d" in words else None
    return method, address.partition(COMPAT_PREFIX)[2], body
