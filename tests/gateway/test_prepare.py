"""The addresses that the operator names count however they are written."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from modelhall.domain.library import Profile
from modelhall.gateway.credentials import Credentials
from modelhall.gateway.prepare import Lines
from tests.gateway.hall import PROVIDER, NoEngine

MADE = datetime(2026, 1, 1, tzinfo=UTC)
PROFILE = Profile(
    id="p",
    organisation_id="o",
    slug="mock",
    provider=PROVIDER.name,
    name="Mock",
    base_url=None,
    headers={},
    organisation_header=None,
    region=None,
    notes=None,
    origin="person",
    allow_private=False,
    position=1,
    revision=1,
    secrets=(),
    created_at=MADE,
    updated_at=MADE,
)


@pytest.mark.parametrize(
    ("named", "base_url", "allowed"),
    [
        ("localhost:11434", "http://localhost:11434/v1", True),
        ("LocalHost:11434", "http://localhost:11434/v1", True),
        ("10.0.0.5:8080", "http://10.0.0.5:8080/v1", True),
        ("[fd12::1]:8080", "http://[fd12::1]:8080/v1", True),
        ("fd12::1:8080", "http://[fd12::1]:8080/v1", True),
        ("10.0.0.5:443", "https://10.0.0.5/v1", True),
        ("10.0.0.5:8080", "http://10.0.0.5:22/v1", False),
        ("10.0.0.5", "http://10.0.0.5:8080/v1", False),
    ],
)
def test_a_private_address_is_called_only_at_the_place_that_was_named(named: str, base_url: str, allowed: bool) -> None:
    lines = Lines(Credentials(lambda secret: "", {}), NoEngine(), (named,))
    assert lines.line_of(replace(PROFILE, base_url=base_url), PROVIDER).private_allowed is allowed
