"""What people type is checked the same everywhere."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelhall.domain.errors import BadRequest
from modelhall.domain.money import usd
from modelhall.services.pages import page_after, page_of
from modelhall.services.words import SLUG, dollars, id_cursor, line, lines, moment_to_come, number_cursor, rate, slug

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@given(st.text())
def test_whatever_is_typed_is_taken_or_refused_and_never_breaks(text: str) -> None:
    for check in (slug, line, lines, dollars, rate):
        with suppress(BadRequest):
            check(text, "field")
    for cursor in (id_cursor, number_cursor):
        with suppress(BadRequest):
            cursor(text)


@given(st.from_regex(SLUG, fullmatch=True))
def test_a_slug_is_taken_as_it_is(text: str) -> None:
    assert slug(text, "id") == text


@pytest.mark.parametrize("text", ["", "-a", ".a", "A", "a b", "a/b", "é", "a" * 64, "a\n"])
def test_what_is_no_slug_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="id"):
        slug(text, "id")


@given(st.integers(0, 10**17))
def test_an_amount_comes_back_as_it_was_written(nano: int) -> None:
    text = f"{nano // 10**9}.{nano % 10**9:09d}"
    assert dollars(text, "budget_usd") == nano
    assert dollars(usd(dollars(text, "budget_usd")), "budget_usd") == nano


@pytest.mark.parametrize("text", ["1e5", "-1", "+1", ".5", "5.", "1,5", "NaN", "Infinity", "٣", "1_000", "9" * 10])
def test_what_is_no_amount_is_refused(text: str) -> None:
    for check in (dollars, rate):
        with pytest.raises(BadRequest):
            check(text, "amount")


def test_a_time_to_come_has_a_zone_and_is_to_come() -> None:
    with pytest.raises(BadRequest, match="zone"):
        moment_to_come(datetime(2999, 1, 1), NOW, "expires")
    with pytest.raises(BadRequest, match="past"):
        moment_to_come(NOW, NOW, "expires")
    assert moment_to_come(NOW + timedelta(seconds=1), NOW, "expires").tzinfo is UTC


@given(st.lists(st.text(min_size=1), unique=True), st.integers(1, 7))
def test_pages_put_together_are_the_whole_list(words: list[str], limit: int) -> None:
    in_order, seen, after = sorted(words), list[str](), None
    while True:
        page = page_after(in_order, after, limit, str)
        assert len(page.items) <= limit
        seen += page.items
        after = page.next
        if after is None:
            break
    assert seen == in_order


def test_a_page_that_is_just_full_is_the_last() -> None:
    assert page_of(["a", "b"], 2, str).next is None
    assert page_of(["a", "b", "c"], 2, str).next == "b"
