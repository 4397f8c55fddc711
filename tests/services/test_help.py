"""The help names every cause, and what it tells people to type exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from modelhall.cli.main import app
from modelhall.services.help.next_steps import BY_CODE, BY_REASON, next_step
from modelhall.services.help.topics import ALL, CONNECTION
from modelhall.services.profiles.causes import CAUSES, GENERIC
from scripts import docs

TYPED = re.compile(r"`modelhall ([a-z -]+?)(?: [A-Z…-]|`)")
TEXTS = sorted(
    {each.next for topic in ALL for each in topic.advice}
    | {cause.next for cause in CAUSES.values()}
    | {*BY_CODE.values(), *BY_REASON.values()}
)


@pytest.mark.parametrize("text", TEXTS)
def test_every_command_in_the_help_exists(text: str) -> None:
    for typed in TYPED.findall(text):
        command = app
        for word in typed.split(" --")[0].split():
            command = command[word]


def test_every_cause_of_a_connection_test_is_in_the_help_without_open_places() -> None:
    assert {each.code for each in CONNECTION.advice} == CAUSES.keys()
    assert not any("{" in each.cause + each.next for each in CONNECTION.advice)
    places = {place for cause in CAUSES.values() for place in re.findall(r"\{(\w+)\}", cause.says + cause.next)}
    assert places == GENERIC.keys()


def test_the_help_has_a_topic_for_everything_people_ask() -> None:
    asked = {
        *("models-missing", "models-not-loading", "cannot-activate", "cannot-set-default", "cannot-delete"),
        *("disappeared", "shown-down", "not-available", "slow", "rate-limited", "poor-answers", "connection"),
    }
    assert asked <= {topic.id for topic in ALL}
    assert all(len(topic.advice) >= 2 for topic in ALL)


def test_the_paths_of_the_guides_commands_exist() -> None:
    guide = (Path(docs.ROOT) / "docs" / "troubleshooting.md").read_text("utf-8")
    paths = re.findall(r"127\.0\.0\.1:8400(/[\w/]+)", guide)
    control = {f"/api/v1{path.replace('{id}', 'work')}" for path in docs.paths_of(docs.openapi_document())}
    doors = {route.path for route in docs.plain_routes()}
    assert len(paths) >= 6
    assert set(paths) - {"/readyz"} <= control | doors


def test_every_code_with_a_next_step_is_an_error_of_the_house() -> None:
    assert BY_CODE.keys() <= {kind.code for kind in docs.family(docs.part(docs.ERRORS))}


def test_a_reason_says_more_than_a_code() -> None:
    assert next_step("conflict", "in_use") == BY_REASON["in_use"]
    assert next_step("stale", None) == BY_CODE["stale"]
    assert next_step("bad_request", ["odd"]) is None
