"""Virtual keys: random, recognisable, and a typing slip is seen without a look-up."""

from hypothesis import given
from hypothesis import strategies as st

from modelhall.domain.virtual_keys import is_well_formed, new_key, shown


def test_keys_have_their_form_and_never_repeat() -> None:
    made = {new_key() for _ in range(2_000)}
    assert len(made) == 2_000
    assert all(len(key) == 52 and key.startswith("mh_") and is_well_formed(key) for key in made)


@given(st.integers(3, 51), st.characters(min_codepoint=33, max_codepoint=126))
def test_a_single_wrong_character_is_noticed(place: int, letter: str) -> None:
    key = new_key()
    slip = key[:place] + letter + key[place + 1 :]
    assert is_well_formed(slip) == (slip == key)


@given(st.text(max_size=80))
def test_other_text_is_no_key(text: str) -> None:
    assert not is_well_formed(text)


def test_only_the_end_of_a_key_is_shown() -> None:
    key = new_key()
    assert shown(key) == f"mh_…{key[-4:]}"
