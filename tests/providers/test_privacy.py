"""Where a server stands, and what its vendor's pages say of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from modelhall.domain.library import Profile
from modelhall.providers.privacy import is_home, nature_of, told_of
from modelhall.providers.registry import providers
from modelhall.providers.vendors import local, ollama, openai

NOON = datetime(2026, 5, 5, 12, tzinfo=UTC)
PROFILE = Profile(
    id="1", organisation_id="1", slug="p", provider="p", name="p", base_url=None, headers={}, organisation_header=None,
    region=None, notes=None, origin="person", allow_private=True, position=1, revision=1, secrets=(), created_at=NOON,
    updated_at=NOON,
)  # fmt: skip


@pytest.mark.parametrize(
    ("address", "home"),
    [
        ("http://127.0.0.1:11434", True),
        ("http://localhost:11434", True),
        ("http://[::1]:8000/v1", True),
        ("http://[::ffff:10.0.0.8]/v1", True),
        ("http://10.1.2.3", True),
        ("http://172.31.0.1", True),
        ("http://192.168.1.9:8000/v1", True),
        ("http://[fd00::5]", True),
        ("http://gpu-box:8000", True),
        ("http://gpu.lan", True),
        ("https://ollama.svc.cluster.local", True),
        ("http://172.32.0.1", False),
        ("http://[::ffff:8.8.8.8]", False),
        ("http://8.8.8.8", False),
        ("http://100.64.0.1", False),
        ("https://models.example.com", False),
        ("https://localhost.example.com", False),
        ("https://127.0.0.1.example.com", False),
        ("", False),
    ],
)
def test_an_address_is_of_the_owners_own_network_or_not(address: str, home: bool) -> None:
    assert is_home(address) is home


def test_an_own_server_is_local_where_its_address_is_the_owners() -> None:
    at_home = nature_of("llama3.2", PROFILE, ollama.PROVIDER)
    assert at_home["local"].value is True
    assert at_home["local"].layer == "nature"
    assert nature_of("llama3.2", replace(PROFILE, base_url="https://box.example.com"), ollama.PROVIDER) == {}
    assert nature_of("small", PROFILE, local.PROVIDER)["local"].value is True
    assert nature_of("gpt-4.1", PROFILE, openai.PROVIDER) == {}


@pytest.mark.parametrize("model_id", ["gpt-oss:120b-cloud", "gemma4:cloud"])
def test_a_model_that_an_own_server_hands_on_is_not_local(model_id: str) -> None:
    assert nature_of(model_id, PROFILE, ollama.PROVIDER)["local"].value is False


def test_a_vendors_page_says_nothing_of_another_server() -> None:
    assert told_of(PROFILE, openai.PROVIDER)["no_training"].value is True
    assert told_of(replace(PROFILE, base_url="https://api.openai.com/v1"), openai.PROVIDER)
    assert told_of(replace(PROFILE, base_url="https://proxy.example.com/v1"), openai.PROVIDER) == {}


def test_what_pages_say_has_a_value_that_fits_its_fact() -> None:
    for provider in providers().values():
        for fact in provider.privacy:
            assert isinstance(fact.value, tuple if fact.subject == "regions" else bool), provider.name
