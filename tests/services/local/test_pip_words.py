"""The progress of several files adds up, whatever their sizes and steps."""

from hypothesis import given
from hypothesis import strategies as st

from modelhall.services.local.pip_words import Download, why_it_failed

LAST = 92_871_040


@st.composite
def files(draw: st.DrawFn) -> list[tuple[int, list[int]]]:
    """Sizes, and the rising marks that pip reports on the way."""
    # The engine can be told from the weights by its size; it is a third of it.
    first = draw(st.integers(1, 10**9).filter(lambda size: size != LAST))
    sizes = [first, LAST] if draw(st.booleans()) else [LAST]
    return [(size, [0, *sorted(draw(st.lists(st.integers(1, size), max_size=5))), size]) for size in sizes]


@given(files())
def test_bytes_only_rise_and_end_at_the_total(fetched: list[tuple[int, list[int]]]) -> None:
    download = Download(last_bytes=LAST)
    seen: list[tuple[int, int | None]] = []
    for size, marks in fetched:
        for mark in marks:
            assert download.heard(f"Progress {mark} of {size}\n")
            seen.append((download.fetched_bytes, download.total_bytes))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert {total for _, total in seen} == {sum(size for size, _ in fetched)}
    assert seen[-1][0] == seen[-1][1]


@given(st.text())
def test_other_words_are_not_progress(words: str) -> None:
    download = Download(last_bytes=LAST)
    assert not download.heard(f"Collecting {words}")
    assert download.total_bytes is None


def test_a_full_disk_is_seen_behind_a_broken_download() -> None:
    assert why_it_failed("Connection broken\nOSError: [Errno 28] No space left on device") == "disk_full"
