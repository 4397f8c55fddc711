"""Prints how fast the gateway is, beside a direct call, nginx and its peers: `make bench`, `make bench-peers`."""

import runpy
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    runpy.run_module("bench.main", run_name="__main__")
