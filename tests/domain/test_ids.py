"""Ids are UUIDv7, unique, and sort by the time they were made."""

from uuid import UUID

from modelhall.domain.ids import id_at, is_id, new_id


def test_ids_are_version_7_of_the_usual_variant() -> None:
    made = UUID(new_id())
    assert (made.version, made.variant) == (7, "specified in RFC 4122")


def test_ids_made_after_one_another_sort_in_that_order_and_never_repeat() -> None:
    made = [id_at(1_700_000_000_000_000_000 + 250 * n) for n in range(5_000)]
    assert made == sorted(made)
    assert len({new_id() for _ in range(20_000)}) == 20_000


def test_the_time_of_an_id_can_be_read_from_it() -> None:
    assert UUID(id_at(1_700_000_000_123_999_999)).int >> 80 == 1_700_000_000_123


def test_only_canonical_text_is_an_id() -> None:
    good = new_id()
    assert is_id(good)
    assert not any(map(is_id, [good.upper(), good.replace("-", ""), f" {good}", "x", ""]))
