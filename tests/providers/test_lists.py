"""Lists of models are read leniently field by field, and never as something they are not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from modelhall.domain.errors import ProviderBroke
from modelhall.providers.lists import MOST_MODELS, offered, per_token, read_list, read_list_with
from modelhall.providers.provider import Provider
from modelhall.providers.registry import providers

FIELDS = (
    *("supported_parameters", "architecture", "top_provider", "pricing", "capabilities", "metadata", "providers"),
    *("model_info", "details", "limits", "tags", "context_length", "created", "type", "supported_input_modalities"),
)
VALUES = (5, "text", [5, None, [], {}], {"x": {}}, True, [{"context_length": "x", "pricing": 5}])


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


WEIRD: list[Any] = [
    *(None, 5, "text", [], {}, {"id": None}, {"id": "x" * 300}, {"id": "a\nb"}),
    *({"id": "odd", "model_name": "odd", "name": "odd", field: value} for field in FIELDS for value in VALUES),
]


@pytest.mark.parametrize(
    "provider", [each for each in providers().values() if each.discovery], ids=lambda each: each.name
)
def test_entries_that_make_no_sense_cost_no_provider_the_others(provider: Provider) -> None:
    assert provider.discovery is not None
    good = {"id": "good", "model": "good", "name": "good", "model_name": "good", "model_info": {}}
    for place in ("data", "models"):
        body = json.dumps({place: [*WEIRD, good], "object": "list"}).encode()
        assert "good" in {model.id for model in provider.discovery.read(body)}
        assert offered(body) == len(WEIRD) + 1


def test_how_many_entries_were_offered_is_known_of_any_list_that_can_be_read() -> None:
    assert offered(b'[{"id":"a"},5,null]') == 3
    assert offered(b'{"models":[{"id":"\\ud800"}],"x":1}') == 1
    with pytest.raises(ProviderBroke):
        offered(b'{"error":"no"}')


def test_a_number_without_end_costs_its_field_only() -> None:
    (model,) = read_list(b'[{"id":"m","context_length":' + b"9" * 5_000 + b"}]")
    assert (model.id, model.context) == ("m", None)
