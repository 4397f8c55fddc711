"""Models for tests that need no database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from modelhall.domain.library import Model

MADE = datetime(2026, 1, 1, tzinfo=UTC)


def a_model_of(provider: str, model_id: str = "small", **more: Any) -> Model:
    """An active chat model of which nothing is known but what a test says."""
    unknown = dict.fromkeys(
        ("maker", "context_window", "max_input", "max_output", "knowledge_cutoff", "retires_on", "notes")
    )
    return Model(
        **{
            **unknown,
            "id": model_id,
            "number": 1,
            "organisation_id": "o",
            "profile_id": "p",
            "profile": "work",
            "provider": provider,
            "model_id": model_id,
            "name": model_id,
            "kind": "chat",
            "capabilities": {},
            "modalities": {},
            "sources": {},
            "parameters": {},
            "custom": False,
            "active": True,
            "hidden": False,
            "quarantined_because": None,
            "successor_id": None,
            "revision": 1,
            "created_at": MADE,
            "updated_at": MADE,
        }
        | more
    )
