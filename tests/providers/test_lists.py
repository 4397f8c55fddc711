"""Lists of models are read leniently field by field, and never as something they are not."""

from __future__ import annotations

import json

import pytest

from modelhall.domain.errors import ProviderBroke
from modelhall.providers.lists import MOST_MODELS, per_token, read_list, read_list_with


@pytest.mark.parametrize("body", [b"", b"<html>", b"5", b'{"error":"no"}', b'{"data":{}}', b"[" * 100_000])
def test_what_is_no_list_is_the_providers_fault(body: bytes) -> None:
    with pytest.raises(ProviderBroke):
        read_list(body)


def test_entries_without_a_usable_name_are_left_out() -> None:
    names = [None, "", 5, "x" * 300, "a\nb", "good"]
    body = json.dumps({"data": [{"id": name} for name in names] + ["text", None]}).encode()
    assert [model.id for model in read_list(body)] == ["good"]


def test_fields_of_a_wrong_type_are_not_told() -> None:
    entry = {"id": "m", "context_length": "big", "max_tokens": -5, "display_name": 7, "created_at": 5, "owned_by": ""}
    (model,) = read_list(json.dumps([entry]).encode())
    assert (model.context, model.max_output, model.name, model.created, model.maker) == (None, None, None, None, None)
    assert model.capabilities is None


def test_prices_are_exact_and_a_missing_one_is_unknown() -> None:
    entry = {"id": "m", "pricing": {"prompt": "0.00000010", "completion": 0.0000003, "request": "-1", "audio": "free"}}
    (model,) = read_list_with(per_token)(json.dumps([entry]).encode())
    assert {kind: str(price.normalize()) for kind, price in model.prices.items()} == {"input": "0.1", "output": "0.3"}


def test_a_list_without_end_is_cut() -> None:
    body = json.dumps([{"id": f"m{number}"} for number in range(MOST_MODELS + 5)]).encode()
    assert len(read_list(body)) == MOST_MODELS
