"""Benchmarks: `make bench`. Figures are ratios of runs made side by side; absolute times belong to the machine."""

import sys
from pathlib import Path

# The lanes drive stacks by the same helper as the engine tests.
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
