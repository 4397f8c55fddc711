"""Policies, and facts of privacy with their evidence, as they stand in the columns of what they belong to."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, cast

from modelhall.domain.policies import NOTHING, Policy, policy_words
from modelhall.domain.privacy import Evidence, Fact, Facts, Layer

_SETS = ("regions", "purposes", "residencies")


def policy_in(column: Mapping[str, Any] | None) -> Policy:
    """The policy in a column."""
    if not column:
        return NOTHING
    told = dict(column)
    for name in _SETS:
        if name in told:
            told[name] = frozenset(told[name])
    if "ceiling_usd_per_mtok" in told:
        told["ceiling_usd_per_mtok"] = Decimal(told["ceiling_usd_per_mtok"])
    return Policy(**told)


def policy_out(policy: Policy) -> Mapping[str, object] | None:
    """A policy for its column; nothing for one that demands nothing."""
    return policy_words(policy) or None


def facts_in(column: Mapping[str, Any] | None, layer: Layer) -> Facts:
    """The facts in a column."""
    return {cast(Fact, name): _evidence(told, layer) for name, told in (column or {}).items()}


def facts_out(facts: Facts) -> Mapping[str, object] | None:
    """Facts for their column."""
    return {name: evidence_told(evidence) for name, evidence in facts.items()} or None


def evidence_told(evidence: Evidence) -> dict[str, object]:
    """Evidence as plain values."""
    return {
        "value": list(evidence.value) if isinstance(evidence.value, tuple) else evidence.value,
        "reference": evidence.reference,
        "address": evidence.address,
        "dated": _day(evidence.dated),
        "valid_until": _day(evidence.valid_until),
        "entered_by": evidence.entered_by,
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _evidence(told: Mapping[str, Any], layer: Layer) -> Evidence:
    value: bool | list[str] = told["value"]
    return Evidence(
        value=tuple(value) if isinstance(value, list) else value,
        reference=told["reference"],
        layer=layer,
        address=told["address"],
        dated=date.fromisoformat(told["dated"]) if told["dated"] else None,
        valid_until=date.fromisoformat(told["valid_until"]) if told["valid_until"] else None,
        entered_by=told["entered_by"],
    )
