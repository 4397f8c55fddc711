"""The page below a path behind a real nginx with TLS: signing in there by a provider, in a real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.nginx import Proxy, free_port, nginx
from tests.support.oidc import CLIENT, LocalProvider, provider_in_a_thread
from tests.whole.server import Server, server_on

HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Hall:
    """A server behind nginx, and a provider."""

    server: Server
    provider: LocalProvider
    proxy: Proxy

    def address(self, path: str = "/hall") -> str:
        return f"https://localhost:{self.proxy.tls_port}{path}"


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    folder, proxy = tmp_path_factory.mktemp("hall"), Proxy(free_port(), free_port())
    with provider_in_a_thread() as provider, server_on(folder / "data", CORP_SECRET=provider.secret or "") as server:
        corp = {"id": "corp", "name": "Example Corp", "issuer": provider.issuer, "client_id": CLIENT}
        server.environ = {
            **server.environ,
            "MODELHALL_PUBLIC_URL": f"https://localhost:{proxy.tls_port}/hall",
            "MODELHALL_TRUSTED_PROXIES": "127.0.0.1",
            "MODELHALL_SIGN_IN": json.dumps(
                [corp | {"client_secret": "env:CORP_SECRET", "auto_create": True, "default_role": "viewer"}]
            ),
        }
        server.start()
        # Once with the path taken away by nginx, once left for the server to take away.
        locations = {"/hall/": f"{server.address}/", "/hall/api/": server.address, "= /hall": server.address}
        with nginx(folder / "nginx", proxy, locations):
            yield Hall(server, provider, proxy)
        server.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(ignore_https_errors=True)
    opened = context.new_page()
    faults: list[str] = []
    opened.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    yield opened
    context.close()
    assert faults == []


def test_a_person_signs_in_by_a_provider_below_a_path(hall: Hall, page: Page) -> None:
    page.goto(hall.address())
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert page.url == f"{hall.address()}/"
    page.get_by_role("button", name="Sign in with Example Corp").click()
    expect(page.get_by_text("Ready. Modelhall")).to_be_visible()
    assert page.url == f"{hall.address()}/"
    expect(page.locator("#who-name")).to_have_text("Ada")
    cookies = {cookie.get("name"): cookie for cookie in page.context.cookies()}
    session = cookies["__Host-modelhall"]
    assert (session.get("secure"), session.get("httpOnly"), session.get("sameSite")) == (True, True, "Lax")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_what_went_wrong_at_the_provider_is_told_in_the_page(hall: Hall, page: Page) -> None:
    hall.provider.forge = lambda _claims: "forged"
    try:
        page.goto(hall.address("/hall/"))
        page.get_by_role("button", name="Sign in with Example Corp").click()
        expect(page.locator("#notice")).to_contain_text("answer could not be taken")
        assert page.url == f"{hall.address()}/"
    finally:
        hall.provider.forge = None


def test_only_words_of_ours_are_told_in_the_page(hall: Hall, page: Page) -> None:
    page.goto(f"{hall.address()}/#problem=call+555-0100")
    expect(page.locator("#notice")).to_contain_text("Signing in did not work")
    assert "555" not in page.content()


def test_the_link_of_the_command_leads_below_the_path(hall: Hall, page: Page) -> None:
    link = hall.server.json("status", "--link")["link"]
    assert link.startswith(f"{hall.address()}/#link=")
    page.goto(link)
    expect(page.get_by_text("Ready. Modelhall")).to_be_visible()


def test_over_plain_http_the_page_says_where_it_is(hall: Hall, page: Page) -> None:
    page.goto(f"http://127.0.0.1:{hall.proxy.port}/hall/")
    page.get_by_role("button", name="Sign in with Example Corp").click()
    expect(page.locator("#notice")).to_contain_text(f"this server's own page is {hall.address()}/")


def test_every_answer_carries_its_guards(hall: Hall, page: Page) -> None:
    for path in (
        "/hall/",
        "/hall/page.js",
        "/hall/api/v1/session",
        "/hall/healthz",
        "/hall/nothing",
        "/hall/api/models",
    ):
        headers = page.request.get(hall.address(path)).headers
        assert {name: headers.get(name) for name in HEADERS} == HEADERS, path
        assert "max-age=31536000" in headers["strict-transport-security"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "camera=()" in headers["permissions-policy"]
    call = page.request.post(hall.address("/hall/v1/chat/completions"), data={"model": "x"})
    assert (call.status, call.headers["x-content-type-options"]) == (401, "nosniff")
    assert "strict-transport-security" not in page.request.get(f"{hall.server.address}/healthz").headers
