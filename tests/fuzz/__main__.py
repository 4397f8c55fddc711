"""`python -m tests.fuzz`."""

import sys

from tests.fuzz.engine import main

sys.exit(main(sys.argv[1:]))
