"""What the commands of sign-in providers ask of the control API, and what they show."""

from __future__ import annotations

from tests.cli.conftest import Command, FakeHouse


def test_providers_are_listed(fake: FakeHouse, modelhall: Command) -> None:
    found = {"items": [{"id": "corp", "name": "Example Corp"}]}
    fake.on("GET /api/v1/sign-in", {"items": []})
    fake.on("GET /api/v1/sign-in", found)
    assert "[[sign_in]]" in modelhall("sign-in", "list").err
    assert "Example Corp" in modelhall("sign-in", "list").out
    assert modelhall("sign-in", "list", "--json").json == found


def test_a_provider_is_tested_and_says_its_redirect_uri(fake: FakeHouse, modelhall: Command) -> None:
    told = {"id": "corp", "issuer": "https://l.example", "redirect_uri": "https://m.example/cb", "audience": None}
    fake.on("POST /api/v1/sign-in/corp/test", told)
    assert "https://m.example/cb" in modelhall("sign-in", "test", "corp").out
    assert modelhall("sign-in", "test", "corp", "--json").json == told


def test_a_provider_that_does_not_answer_ends_with_1_and_the_cause(fake: FakeHouse, modelhall: Command) -> None:
    fake.refuse("POST /api/v1/sign-in/corp/test", 503, "sign_in_unavailable", "it lists no keys")
    ended = modelhall("sign-in", "test", "corp")
    assert (ended.code, ended.err) == (1, "it lists no keys\n")


def test_people_are_linked_listed_and_unlinked(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("POST /api/v1/sign-in/corp/people", status=204)
    fake.on("DELETE /api/v1/sign-in/corp/people/a%7Cb%2Fc", status=204)
    people = {"items": [{"subject": "a|b/c", "login": "owner", "since": "2027-01-01T00:00:00Z"}]}
    fake.on("GET /api/v1/sign-in/corp/people", people)
    assert "owner" in modelhall("sign-in", "link", "corp", "a|b/c", "owner").out
    assert fake.asked[-1][2] == {"subject": "a|b/c", "login": "owner"}
    assert "a|b/c" in modelhall("sign-in", "people", "corp").out
    assert modelhall("sign-in", "people", "corp", "--json").json == people
    assert modelhall("sign-in", "unlink", "corp", "a|b/c").code == 0
