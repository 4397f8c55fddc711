"""What is exported, wiped and imported is, exported again, the same to the byte."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from modelhall.services.files.apply_file import apply_file
from modelhall.services.files.export_configuration import export_configuration
from modelhall.services.files.foreign_text import read_foreign
from modelhall.services.files.intent import GivenFile
from modelhall.services.files.write_text import Form, written
from tests.services.files.configurations import LONG, TEXTS, some_configuration
from tests.support.house import OpenHouse, open_test_house

WIPED = b"[modelhall]\nwhole = true\n\n[organisation]\n"


@pytest.mark.full
@pytest.mark.parametrize("part", range(5))
async def test_export_wipe_import_export_is_identical(
    house: OpenHouse, part: int, how_many: Callable[[int, int], int]
) -> None:
    for seed in range(part * 60, part * 60 + how_many(3, 60)):
        form: Form = "yaml" if seed % 2 else "toml"
        # Under a policy that stays, models would lose the evidence of the configuration before, and be held back.
        await applied(house, WIPED, "toml", prune=True)
        await applied(house, written(some_configuration(seed), form, "by chance").encode(), form)
        first = await export_configuration(house.house, house.operator, form=form)
        await applied(house, WIPED, "toml", prune=True)
        empty = await export_configuration(house.house, house.operator)
        assert "[[profile]]" not in empty
        assert "[[model]]" not in empty
        await applied(house, first.encode(), form)
        assert await export_configuration(house.house, house.operator, form=form) == first, seed
        assert (await applied(house, first.encode(), form)) == 0, seed


async def test_a_configuration_moves_from_one_database_to_another(
    sqlite_url: str, postgres_url: str, tmp_path: Path
) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
    async with (
        open_test_house(sqlite_url, tmp_path / "one") as one,
        open_test_house(postgres_url, tmp_path / "two") as two,
    ):
        await applied(one, written(some_configuration(3), "toml", "by chance").encode(), "toml")
        text = await export_configuration(one.house, one.operator)
        await applied(two, text.encode(), "toml")
        assert await export_configuration(two.house, two.operator) == text
        told = await export_configuration(two.house, two.operator, form="yaml")
        assert await applied(one, told.encode(), "yaml") == 0


@pytest.mark.parametrize("form", ["toml", "yaml"])
def test_every_text_comes_back_as_it_was(form: Form) -> None:
    whole = {"a": {text: text for text in LONG}, "b": [*LONG], "c": [{text: [text, 1, 0.5, True]} for text in LONG]}
    text = written(whole, form, "texts")
    assert read_foreign(text.encode(), f"a.{form}", form).value == whole
    assert form == "toml" or yaml.safe_load(text) == whole


def test_texts_by_chance_are_worth_their_name() -> None:
    assert len(TEXTS) == len(set(TEXTS))
    assert some_configuration(4) == some_configuration(4)


async def applied(house: OpenHouse, text: bytes, form: str, *, prune: bool = False) -> int:
    """Apply it; gives how many objects changed."""
    given = GivenFile(text=text, name=f"hall.{form}", prune=prune)
    return len((await apply_file(house.house, house.operator, given)).steps)
