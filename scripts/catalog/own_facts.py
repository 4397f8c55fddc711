"""Facts of our own: the model that is built in."""

from decimal import Decimal

from scripts.catalog.facts import Found, Row

SOURCE, AS_OF = "modelhall", "2026-11-20"
"""Our own word: what a rule of the converter derives from names, and this file."""

FREE = tuple(Row(usage_class, usd=Decimal(0)) for usage_class in ("input", "output", "cache_write_5m", "input_audio"))

FOUND = (
    Found(
        SOURCE,
        "local",
        "smollm2-135m-instruct",
        {
            "name": "SmolLM2 135M Instruct",
            "kind": "chat",
            "family": "smollm",
            "context_window": 8192,  # n_ctx_train in the weights' header
            "input": ("text",),
            "output": ("text",),
            "open_weights": True,
            "released": "2024-11-01",
            "can.streaming": True,
            "can.reasoning": False,
        },
        FREE,
    ),
)
