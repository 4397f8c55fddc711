"""The page in a real browser, on a real server: signing in, the status, a key, and a curl line that works."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.web.conftest import OpenPage
from tests.whole.server import Server

Link = Callable[[], str]


def test_without_a_session_it_says_how_to_get_a_link(server: Server, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(server.address)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(page.get_by_text("modelhall status --link")).to_be_visible()
    expect(page.get_by_role("heading", name="Status")).to_be_hidden()


def test_a_link_signs_in_once_and_leaves_the_address(server: Server, open_page: OpenPage, link: Link) -> None:
    page, address = open_page(), link()
    page.goto(address)
    expect(page.get_by_text("Ready. Modelhall")).to_be_visible()
    assert page.url == f"{server.address}/"
    page.reload()
    expect(page.get_by_text("Ready. Modelhall")).to_be_visible()
    stranger = open_page()
    stranger.goto(address)
    expect(stranger.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(stranger.get_by_text("This link does not work")).to_be_visible()


def test_a_link_followed_in_an_open_page_signs_in(server: Server, open_page: OpenPage, link: Link) -> None:
    page = open_page()
    page.goto(server.address)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(link())
    expect(page.get_by_text("Ready. Modelhall")).to_be_visible()


def test_signing_out_ends_the_session_and_forgets_the_key(open_page: OpenPage, link: Link) -> None:
    page = open_page()
    page.goto(link())
    make_key(page, "sign-out")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert not re.search(r"mh_\w{20}", page.locator("#key-text").inner_text())
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_key_is_made_shown_once_and_stands_in_the_curl_line(server: Server, open_page: OpenPage, link: Link) -> None:
    page = open_page()
    page.goto(link())
    key = make_key(page, "from-the-page")
    assert key in page.locator("#curl").inner_text()
    assert [row["name"] for row in server.json("key", "list")["items"] if row["name"] == "from-the-page"]
    page.reload()
    expect(page.get_by_text("Ready. Modelhall")).to_be_visible()
    assert key not in page.content()


def test_a_name_that_is_taken_is_told_beside_the_field(open_page: OpenPage, link: Link) -> None:
    page = open_page()
    page.goto(link())
    make_key(page, "taken")
    page.get_by_role("button", name="Make a key").click()
    expect(page.locator("#key-problem")).to_contain_text("exists already")


def test_the_curl_line_is_one_that_a_shell_takes(server: Server, open_page: OpenPage, link: Link) -> None:
    page = open_page()
    page.goto(link())
    make_key(page, "curl")
    line = page.locator("#curl").inner_text()
    assert line.startswith(f"curl -N {server.address}/v1/chat/completions")
    answer = subprocess.run(f"{line} --silent", shell=True, capture_output=True, text=True, check=True).stdout  # noqa: S602 - it is for a shell
    # Without its engine the built-in model cannot answer; that this is said shows that key and body were understood.
    assert json.loads(answer)["error"]["code"] in {"engine_starting", "engine_failed"}


@pytest.mark.parametrize("name", ["plain", "it's mine", "$(rm -rf x)"])
def test_the_command_line_for_a_key_quotes_its_name(name: str, open_page: OpenPage, link: Link) -> None:
    page = open_page()
    page.goto(link())
    page.get_by_label("What is it for?").fill(name)
    assert shlex.split(page.locator("#key-command").inner_text()) == ["modelhall", "key", "create", name]


def test_the_progress_of_the_built_in_model_is_seen(open_page: OpenPage, link: Link) -> None:
    page, engine = open_page(), {"state": "fetching", "fetched_bytes": 30_000_000, "total_bytes": 120_000_000}

    def with_engine(route: Route) -> None:
        told = route.fetch().json()
        route.fulfill(json={**told, "engine": {**told["engine"], **engine}})

    page.route("**/api/v1/status", with_engine)
    page.goto(link())
    expect(page.get_by_text("30 of 120 MB")).to_be_visible()
    bar = page.get_by_role("progressbar", name="Fetching the built-in model")
    assert bar.evaluate("bar => bar.value / bar.max") == 0.25
    engine["state"] = "ready"
    expect(page.get_by_text("The built-in model answers.")).to_be_visible()
    expect(bar).to_be_hidden()


def test_names_from_elsewhere_are_shown_as_text(open_page: OpenPage, link: Link) -> None:
    page = open_page()

    def evil(route: Route) -> None:
        told = route.fetch().json()
        row = {"id": "<img src=x onerror=alert(1)>", "provider": "x", "key": "ok"}
        route.fulfill(json={**told, "profiles": [row], "warnings": ["<b>w</b>"]})

    page.route("**/api/v1/status", evil)
    page.goto(link())
    expect(page.get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()
    expect(page.get_by_text("<b>w</b>")).to_be_visible()


def test_a_server_that_is_gone_is_told(open_page: OpenPage, link: Link) -> None:
    page = open_page()
    page.goto(link())
    expect(page.get_by_text("Ready. Modelhall")).to_be_visible()
    page.route("**/api/v1/**", lambda route: route.abort())
    page.get_by_role("button", name="Make a key").click()
    expect(page.get_by_text("The server does not answer")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1400])
def test_nothing_runs_out_of_the_window_and_all_text_can_be_read(
    width: int, scheme: str, open_page: OpenPage, link: Link
) -> None:
    page = open_page(width, scheme)
    page.goto(link())
    make_key(page, f"look-{width}-{scheme}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    faint = page.evaluate(CONTRAST)
    assert faint == []


def test_it_works_without_a_mouse(open_page: OpenPage, link: Link) -> None:
    page = open_page()
    page.goto(link())
    expect(page.get_by_text("Ready. Modelhall")).to_be_visible()
    page.get_by_label("What is it for?").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("by-keyboard")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This is the key.")).to_be_visible()
    page.keyboard.press("Tab")
    ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert ring == "solid"


def make_key(page: Page, name: str) -> str:
    """Make a key on the page."""
    page.get_by_label("What is it for?").fill(name)
    page.get_by_role("button", name="Make a key").click()
    expect(page.get_by_text("This is the key.")).to_be_visible()
    key = page.locator("#key-text").inner_text()
    assert re.fullmatch(r"mh_\w{49}", key)
    return key


# Every visible text against the nearest ground below it: WCAG AA asks for 4.5 to 1.
CONTRAST = """() => {
  const channel = (part) => { const c = part / 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const parts = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ground = (each) => {
    for (let place = each; place; place = place.parentElement) {
      const colour = parts(getComputedStyle(place).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const each of document.querySelectorAll("body *")) {
    const own = [...each.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
    if (!own || each.closest("noscript") || !each.checkVisibility()) continue;
    const [a, b] = [light(parts(getComputedStyle(each).color)), light(ground(each))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) faint.push(`${each.tagName} ${each.textContent.trim().slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return faint;
}"""
