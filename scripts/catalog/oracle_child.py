"""Runs inside the environment that has genai-prices: reads cases, writes what it charges for each, or null."""

import datetime
import importlib
import json
import sys
from collections.abc import Mapping
from typing import Any

genai_prices: Any = importlib.import_module("genai_prices")


def main() -> None:
    """Cases on standard input, totals in USD on standard output, in the same order."""
    json.dump([_charged(case) for case in json.load(sys.stdin)], sys.stdout)


def _charged(case: Mapping[str, Any]) -> str | None:
    try:
        price = genai_prices.calc_price(
            _usage(case["use"]),
            case["model"],
            provider_id=case["theirs"],
            genai_request_timestamp=datetime.datetime.fromisoformat(case["at"]),
            price_context=case["context"] or None,
        )
    except (LookupError, ValueError) as refused:
        print(case["theirs"], case["model"], refused, file=sys.stderr)
        return None
    return str(price.total_price)


def _usage(use: Mapping[str, int]) -> Any:
    """The same use in their words, where the whole input contains what was read from and written to the cache."""
    written = use.get("cache_write_5m", 0) + use.get("cache_write_1h", 0)
    given = {
        "input_tokens": use.get("input", 0) + use.get("cache_read", 0) + written,
        "cache_read_tokens": use.get("cache_read"),
        "cache_write_tokens": written or None,
        "cache_write_1h_tokens": use.get("cache_write_1h"),
        "output_tokens": use.get("output", 0),
    }
    return genai_prices.Usage(**{name: count for name, count in given.items() if count is not None})


main()
