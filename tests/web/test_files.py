"""The files of the page and the headers that guard them."""

from __future__ import annotations

import re

import pytest
from starlette.applications import Starlette

from modelhall.bootstrap.gate import OPEN
from modelhall.web.page import STATIC, page_routes
from tests.support.asgi import Client

SCRIPTS = ("page.js", "ask.js", "sign-in.js")
PATHS = {"/": "text/html", "/page.css": "text/css", "/icon.svg": "image/svg+xml"}
PATHS |= {f"/{name}": "text/javascript" for name in SCRIPTS}


@pytest.fixture
def client() -> Client:
    return Client(Starlette(routes=page_routes()), {})


@pytest.mark.parametrize("path", PATHS)
async def test_each_file_is_sent_with_its_kind_and_all_guards(path: str, client: Client) -> None:
    answer = await client.get(path)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith(PATHS[path])
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.parametrize("path", PATHS)
async def test_a_browser_that_has_it_already_gets_nothing_new(path: str, client: Client) -> None:
    first = await client.get(path)
    again = await client.get(path, if_none_match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert (await client.get(path, if_none_match='"other"')).status == 200


async def test_it_can_be_asked_for_without_its_body_but_not_changed(client: Client) -> None:
    assert (await client.send("HEAD", "/")).status == 200
    assert (await client.post("/")).status == 405


def test_nothing_in_it_comes_from_elsewhere_or_stands_in_line() -> None:
    page = (STATIC / "page.html").read_text()
    assert re.findall(r"""(?:src|href)=["'](?:https?:|//|/)""", page) == []
    assert re.findall(r"\sstyle=|\son\w+=|<style|<script(?![^>]*\ssrc=)", page) == []
    for name in (*SCRIPTS, "page.css"):
        text = (STATIC / name).read_text()
        assert re.findall(r"https?://|@import|innerHTML|insertAdjacentHTML|document\.write|\beval\b", text) == []


def test_every_element_that_a_script_uses_is_in_the_page() -> None:
    page, scripts = (STATIC / "page.html").read_text(), "".join((STATIC / name).read_text() for name in SCRIPTS)
    ids = set(re.findall(r'\bid="([^"]+)"', page))
    assert set(re.findall(r'part\("([^"]+)"\)', scripts)) - ids == set()
    assert set(re.findall(r'data-(?:copy|shows)="([^"]+)"', page)) - ids == set()


def test_a_server_that_nobody_has_set_up_sends_all_files_of_the_page() -> None:
    assert {("GET", route.path) for route in page_routes()} - OPEN == {("GET", "/")}
    assert {route.path for route in page_routes()} == set(PATHS)
