"""Writes the tests' price vectors: what genai-prices itself charges for given uses, computed by its own code."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from modelhall.catalog.load import unpacked
from modelhall.catalog.model import CatalogModel
from scripts.catalog import provider_names
from scripts.catalog.sources import PINS

NOON, NIGHT = "2026-11-10T12:00:00+00:00", "2026-11-10T02:00:00+00:00"
ALL_OF = frozenset({"anthropic", "deepseek", "google", "openai", "xai"})
EVERY = 6
"""Of the other providers every sixth model."""
KEPT = ("provider", "model", "use", "at", "tier")

USES: Sequence[dict[str, int]] = (
    {"input": 1_234, "output": 567},
    {"input": 12_345, "cache_read": 250_000, "output": 40_001},
    {"input": 7, "cache_read": 99_991, "cache_write_5m": 13_333, "cache_write_1h": 1_001, "output": 1},
)
CONTEXTS = {
    "batch": {"processing": "batch"},
    "flex": {"service_tier": "flex"},
    "priority": {"service_tier": "priority"},
    "fast": {"service_tier": "fast", "speed": "fast"},
}


def write(cache: Path, catalog: Path, vectors: Path) -> None:
    """Compute and store the vectors; the pinned genai-prices gets an environment of its own in the cache folder."""
    pin = next(pin for pin in PINS if pin.source == "genai-prices")
    python = cache / f"oracle-{pin.version}/bin/python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(python.parents[1])], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", f"{pin.package}=={pin.version}"], check=True)
    cases = list(_cases(catalog))
    child = Path(__file__).with_name("oracle_child.py")
    done = subprocess.run(
        [str(python), str(child)], input=json.dumps(cases), capture_output=True, text=True, check=True
    )
    told = [(case, usd) for case, usd in zip(cases, json.loads(done.stdout), strict=True) if usd is not None]
    lines = [json.dumps([*(case[key] for key in KEPT), usd], separators=(",", ":")) for case, usd in told]
    origin = f"computed by {pin.package} {pin.version} ({pin.licence}) through `make catalog ARGS=--vectors`"
    vectors.write_text("\n".join([json.dumps({"origin": origin, "fields": [*KEPT, "usd"]}), *lines]) + "\n")
    print(f"{len(lines):,} price vectors of {len({(case['provider'], case['model']) for case, _ in told}):,} models")


def _cases(catalog: Path) -> Iterator[dict[str, Any]]:
    theirs = {ours: name for name, ours in provider_names.GENAI_PRICES.items()}
    priced = [
        model
        for model in unpacked(catalog.read_bytes())
        if _by_genai(model) and ":" not in model.id.removeprefix("ft:")
    ]
    for number, model in enumerate(priced):
        if number % (1 if model.provider in ALL_OF else EVERY):
            continue
        named = {name.removeprefix("rates.") for name, told in model.sources.items() if told.source == "genai-prices"}
        use = {name: count for name, count in USES[number % len(USES)].items() if name in named}
        for at, tier in _conditions(model, number):
            asked = {"theirs": theirs.get(model.provider, model.provider), "context": CONTEXTS.get(tier, {})}
            yield {"provider": model.provider, "model": model.id, "use": use, "at": at, "tier": tier, **asked}


def _by_genai(model: CatalogModel) -> bool:
    return all(
        name in model.sources and model.sources[name].source == "genai-prices"
        for name in ("rates.input", "rates.output")
    )


def _conditions(model: CatalogModel, number: int) -> Iterator[tuple[str, str]]:
    """An ordinary call, one at night if hours matter, and one of the service tiers that genai-prices lists."""
    yield NOON, "standard"
    if any(rate.utc_hours for rate in model.rates):
        yield NIGHT, "standard"
    tiers = [tier for tier in CONTEXTS if any(rate.service_tier == tier for rate in model.rates)]
    own = [tier for tier in tiers if not any(name.endswith((f"@{tier}", "@context")) for name in model.sources)]
    if own:
        yield NOON, own[number % len(own)]
