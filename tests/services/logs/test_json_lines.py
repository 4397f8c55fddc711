"""The log: one event is one line of JSON, and no secret is in it."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from modelhall.domain.virtual_keys import new_key
from modelhall.services.logs.json_lines import redacted, write_json_lines


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = io.StringIO()
    write_json_lines("debug", stream)
    yield stream
    root.handlers[:], level = before
    root.setLevel(level)


def test_an_event_is_one_line_whatever_is_in_it(lines: io.StringIO) -> None:
    logging.getLogger("modelhall.test").warning("two\nlines \x1b[31m and %s", "‮more", extra={"call": "c1"})
    (line,) = lines.getvalue().splitlines()
    told = json.loads(line)
    assert (told["level"], told["call"], told["event"]) == ("warning", "c1", "two\nlines \x1b[31m and ‮more")


def test_each_event_says_of_which_worker_it_is(lines: io.StringIO) -> None:
    write_json_lines("debug", lines, worker=1)
    logging.getLogger("modelhall.test").warning("here", extra={"call": "c1"})
    told = json.loads(lines.getvalue())
    assert (told["worker"], told["call"], told["event"]) == (1, "c1", "here")


def test_an_exception_is_told_in_the_same_line_without_secrets(lines: io.StringIO) -> None:
    key = new_key()
    try:
        raise ValueError(f"key {key} at postgresql://user:pass@host/db with Bearer abc.def")
    except ValueError:
        logging.getLogger("modelhall.test").exception("failed")
    (line,) = lines.getvalue().splitlines()
    assert key not in line
    assert "user:pass" not in line
    assert "abc.def" not in line
    assert "Traceback" in line


@pytest.mark.parametrize("name", ["authorization", "api_key", "x-api-key", "password", "cookie", "link_token"])
def test_what_goes_under_a_secret_name_is_hidden(lines: io.StringIO, name: str) -> None:
    logging.getLogger("modelhall.test").info("asked", extra={name: "open sesame", "headers": {name: "open sesame"}})
    assert "sesame" not in lines.getvalue()


def test_known_shapes_are_hidden_and_plain_words_are_not() -> None:
    assert redacted("use sk-proj-abcdefgh12345 now") == "use [hidden] now"
    assert redacted("the task-list and keyboard stay") == "the task-list and keyboard stay"
