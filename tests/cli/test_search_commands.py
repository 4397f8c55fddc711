"""What the search and the commands for providers' lists ask, and what they show."""

from __future__ import annotations

from typing import Any

from tests.cli.conftest import Command, FakeHouse

ENTRY: dict[str, Any] = {
    "name": "groq/llama", "status": "active", "hidden": True, "kind": "chat", "context_window": 131072,
    "price_input": "0.5", "price_output": None, "price_blended": None, "retires_on": None,
}  # fmt: skip
LIST: dict[str, Any] = {
    "profile": "groq", "provider": "groq", "has_list": True, "models": 7, "age_seconds": 7300,
    "left_out": {"unusable": 2}, "error": "the server failed",
}  # fmt: skip


def page(*names: str, following: str | None = None, total: int = 0) -> dict[str, Any]:
    items = [ENTRY | {"name": name} for name in names]
    return {"items": items, "next": following, "total": total or len(items), "facets": {}, "troubled": []}


def test_a_search_asks_for_words_filters_and_order(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("GET /api/v1/library", page("a/b"))
    words = ("model", "search", "llama", "70b", "--capability", "vision", "--capability", "tools", "--status", "active")
    more = ("--max-input-price", "$1", "--min-context", "8000", "--sort", "price_input", "--descending", "--limit", "5")
    assert modelhall(*words, *more, "--json").json["items"][0]["name"] == "a/b"
    ((_, target, _),) = fake.asked
    assert target == (
        "/api/v1/library?q=llama+70b&status=active&capability=vision&capability=tools&max_price_input=1"
        "&min_context=8000&sort=-price_input&limit=5"
    )


def test_a_search_shows_what_is_unknown_as_unknown_and_which_lists_are_old(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("GET /api/v1/library", page("groq/llama", total=30) | {"troubled": [LIST]})
    ended = modelhall("model", "search", "llama")
    assert "active, hidden" in ended.out
    assert "131,072" in ended.out
    assert "unknown" in ended.out
    assert "1 of 30" in ended.out
    assert ended.err == "The list of groq is 2 h old: the server failed\n"


def test_all_pages_of_a_search_are_fetched_when_all_are_wanted(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("GET /api/v1/library", page("a/1", "a/2", following="n", total=3))
    fake.on("GET /api/v1/library", page("a/3", total=3))
    found = modelhall("model", "search", "--limit", "0", "--json").json
    assert [row["name"] for row in found["items"]] == ["a/1", "a/2", "a/3"]
    assert "after=n" in fake.asked[1][1]


def test_a_list_is_renewed_and_shown_and_a_failure_is_told(fake: FakeHouse, modelhall: Command) -> None:
    fake.on("POST /api/v1/profiles/groq/discover", LIST)
    fake.on("GET /api/v1/discovered", {"items": [ENTRY], "next": None, "total": 1, "lists": [LIST]})
    ended = modelhall("model", "discover", "groq", "--refresh")
    assert (ended.code, "2 h old" in ended.out, "2 unusable" in ended.out) == (1, True, True)
    assert modelhall("model", "discover", "groq").code == 0
    assert modelhall("model", "discover", "--refresh").code == 2


def test_changes_are_shown_in_one_line_each(fake: FakeHouse, modelhall: Command) -> None:
    row = {"id": "1", "at": "2026-11-01T00:00:00Z", "profile": "groq", "model_id": "llama", "kind": "changed"}
    told = {"before": {"prices": {"input": "1"}, "context": None}, "after": {"prices": {"input": "2"}, "context": 8}}
    fake.on("GET /api/v1/discoveries/changes", {"items": [row | told], "next": None})
    out = modelhall("model", "changes", "groq", "--kind", "changed").out
    assert "prices: input 1 → input 2; context: - → 8" in out
    assert fake.asked[0][1] == "/api/v1/discoveries/changes?profile=groq&kind=changed&limit=100"
