"""Passwords and invitations on the page, in a real browser, on a real server."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.web.conftest import OpenPage
from tests.web.test_page import CONTRAST
from tests.whole.server import Server

GOOD = "quartz lantern mosaic ferry"
NUMBERS = count(1)
Invite = Callable[..., tuple[str, str]]


@pytest.fixture
def invite(server: Server) -> Invite:
    """Invites somebody new, or the one named; gives their login and the link that the command prints."""

    def invited(login: str = "", *more: str) -> tuple[str, str]:
        login = login or f"ada{next(NUMBERS)}@example.org"
        said = server.run("member", "invite", login, *more)
        code = said.partition("/#invitation=")[2].split()[0]
        return login, f"{server.address}/#invitation={code}"

    return invited


@pytest.fixture
def member(server: Server, invite: Invite, open_page: OpenPage) -> str:
    """The login of somebody who has accepted and has the password GOOD."""
    login, link = invite()
    page = open_page()
    page.goto(link)
    accept(page)
    return login


def test_who_is_invited_sets_name_and_password_and_is_signed_in(
    server: Server, invite: Invite, open_page: OpenPage
) -> None:
    page = open_page()
    login, link = invite("", "--role", "viewer")
    page.goto(link)
    expect(page.get_by_role("heading", name="You are invited")).to_be_visible()
    assert page.url == f"{server.address}/", "the code has left the address"
    assert field(page, "New password").get_attribute("autocomplete") == "new-password"
    accept(page)
    expect(page.get_by_text(f"with the role viewer. From now on, sign in as {login}.")).to_be_visible()
    expect(page.locator("#who-name")).to_have_text("Ada")
    expect(page.get_by_role("heading", name="You are invited")).to_be_hidden()
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}, history.state])")
    assert stored == "[{},{},null]"
    stranger = open_page()
    stranger.goto(link)
    fill(stranger)
    stranger.get_by_role("button", name="Accept").click()
    expect(stranger.locator("#accept-problem")).to_contain_text("this invitation was accepted, withdrawn or is too old")


def test_a_weak_password_is_refused_in_words_and_another_is_taken(invite: Invite, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(invite()[1])
    fill(page, "short")
    page.get_by_role("button", name="Accept").click()
    expect(page.locator("#accept-problem")).to_contain_text("the password is too short")
    expect(field(page, "New password")).to_be_focused()
    accept(page)


def test_login_and_password_sign_in_with_the_keyboard_alone(server: Server, member: str, open_page: OpenPage) -> None:
    page = open_page()
    page.goto(server.address)
    login, password = field(page, "Login"), field(page, "Password")
    assert [each.get_attribute("autocomplete") for each in (login, password)] == ["username", "current-password"]
    login.focus()
    page.keyboard.type(member)
    page.keyboard.press("Tab")
    page.keyboard.type("not the password of anybody")
    page.keyboard.press("Enter")
    expect(page.locator("#sign-in-problem")).to_have_text("the login or the password is wrong")
    expect(password).to_be_focused()
    page.keyboard.type(GOOD)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(password).to_have_attribute("type", "text")
    assert password.input_value() == GOOD
    expect(page.get_by_role("button", name="Hide password")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Ready. Modelhall")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(password).to_be_visible()
    assert (password.input_value(), password.get_attribute("type")) == ("", "password")


@pytest.fixture
def labs(server: Server, open_page: OpenPage, link: Callable[[], str]) -> Callable[[str], str]:
    """Invites to a second organisation; gives the link."""
    if "labs" not in [each["id"] for each in server.json("organisation", "list")["items"]]:
        server.run("organisation", "create", "labs", "--name", "The labs")
    page = open_page()
    page.goto(link())
    page.get_by_role("button", name="Go on in The labs").click()
    expect(page.locator("#who-name")).to_contain_text("The labs")

    def invited(login: str) -> str:
        made = page.evaluate(
            """async (login) => {
              const headers = { "content-type": "application/json" };
              const body = JSON.stringify({ login });
              const answer = await fetch("api/v1/invitations", { method: "POST", headers, body });
              return answer.json();
            }""",
            login,
        )
        return f"{server.address}/#invitation={made['code']}"

    return invited


def test_who_is_signed_in_joins_and_goes_on_there(
    server: Server, member: str, labs: Callable[[str], str], open_page: OpenPage
) -> None:
    page = open_page()
    page.goto(labs(member))
    page.get_by_role("button", name="Sign in first").click()
    sign_in(page, member)
    expect(page.get_by_text(f"You are signed in as {member}.")).to_be_visible()
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_text("You have joined.")).to_be_visible()
    page.get_by_role("button", name="Go on in The labs").click()
    expect(page.locator("#who-name")).to_have_text("Ada, The labs")
    expect(page.get_by_role("heading", name="You are invited")).to_be_hidden()


def test_who_has_an_account_accepts_with_the_password_it_has(
    member: str, labs: Callable[[str], str], open_page: OpenPage
) -> None:
    page = open_page()
    page.goto(labs(member))
    page.get_by_label("I have an account here already").check()
    expect(page.get_by_label("Your name")).to_be_hidden()
    password = field(page, "Your password")
    assert password.get_attribute("autocomplete") == "current-password"
    password.fill("walnut glacier trombone kite")
    page.get_by_role("button", name="Accept").click()
    expect(page.locator("#accept-problem")).to_contain_text("this is not its password")
    password.fill(GOOD)
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("You are in The labs with the role member.")).to_be_visible()


def test_an_invitation_for_somebody_else_is_told_and_may_be_left(
    server: Server, member: str, invite: Invite, open_page: OpenPage
) -> None:
    page = open_page()
    page.goto(server.address)
    sign_in(page, member)
    expect(page.get_by_text("Ready. Modelhall")).to_be_visible()
    page.goto(invite()[1])
    page.get_by_role("button", name="Join").click()
    expect(page.locator("#join [role=alert]")).to_contain_text("this invitation is for somebody else")
    expect(page.get_by_text("Ready. Modelhall")).to_be_visible()
    page.get_by_role("button", name="Not now").click()
    expect(page.get_by_role("heading", name="You are invited")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_forms_fit_a_small_window_and_can_be_read(
    scheme: str, server: Server, invite: Invite, open_page: OpenPage
) -> None:
    page = open_page(360, scheme)
    page.goto(invite()[1])
    expect(field(page, "New password")).to_be_visible()
    looks_well(page)
    page.get_by_role("button", name="Sign in first").click()
    expect(field(page, "Login")).to_be_focused()
    looks_well(page)


def looks_well(page: Page) -> None:
    """Nothing runs out of the window, and all text can be read."""
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate(CONTRAST) == []


def field(page: Page, label: str) -> Locator:
    """A field by its whole label."""
    return page.get_by_label(label, exact=True)


def fill(page: Page, password: str = GOOD) -> None:
    """Name and password of somebody new."""
    page.get_by_label("Your name").fill("Ada")
    field(page, "New password").fill(password)


def accept(page: Page) -> None:
    """Accept the invitation that the page shows."""
    fill(page)
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("Ready. Modelhall")).to_be_visible()


def sign_in(page: Page, login: str) -> None:
    """Sign in with the password GOOD."""
    field(page, "Login").fill(login)
    field(page, "Password").fill(GOOD)
    page.get_by_role("button", name="Sign in", exact=True).click()
