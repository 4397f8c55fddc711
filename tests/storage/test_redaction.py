"""Nothing secret gets into the audit, by whatever name or in whatever form."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from modelhall.domain.people import Role
from modelhall.storage.redaction import HIDDEN, names_a_secret, without_secrets


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "passwordHash",
        "api_key",
        "apiKey",
        "API_KEY",
        "clientSecret",
        "access_token",
        "sealed",
        "digest",
        "Authorization",
    ],
)
def test_what_is_called_a_secret_is_hidden(name: str) -> None:
    assert without_secrets({name: "plain words"}) == {name: HIDDEN}


@pytest.mark.parametrize("name", ["name", "key_id", "key_env", "monkey", "max_tokens", "model_id", "shown"])
def test_what_is_not_called_a_secret_is_told(name: str) -> None:
    assert not names_a_secret(name)


@pytest.mark.parametrize(
    "value",
    [
        "sk-abcdefghijklmnop",
        "my key is sk-ant-abcdefghijklmnop, keep it",
        "mh_0123456789abcdef",
        "Bearer abcdefghijklmnop",
        "https://user:word@api.example/v1",
        b"bytes",
    ],
)
def test_what_looks_like_a_secret_is_hidden_wherever_it_is(value: object) -> None:
    assert without_secrets({"notes": [{"deep": value}]}) == {"notes": [{"deep": HIDDEN}]}


def test_of_headers_only_the_names_are_told() -> None:
    assert without_secrets({"headers": {"x-team": "blue", "x-auth": "word"}}) == {
        "headers": {"x-team": HIDDEN, "x-auth": HIDDEN}
    }


def test_numbers_times_and_money_become_plain() -> None:
    at = datetime(2026, 1, 2, tzinfo=UTC)
    fields = {"at": at, "price": Decimal("0.10"), "role": Role.ADMIN, "models": ("a", "b"), "keys": 3, "none": None}
    assert without_secrets(fields) == {
        "at": "2026-01-02T00:00:00+00:00",
        "price": "0.10",
        "role": 3,
        "models": ["a", "b"],
        "keys": 3,
        "none": None,
    }


def test_what_has_no_plain_form_is_refused() -> None:
    with pytest.raises(TypeError, match="object"):
        without_secrets({"thing": object()})
