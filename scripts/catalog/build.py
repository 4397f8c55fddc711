"""Renews src/modelhall/catalog/catalog.json.gz from its sources: `make catalog`."""

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    runpy.run_module("scripts.catalog.main", run_name="__main__")
