"""Benchmarks: `make bench`. Figures are ratios of runs that are made side by side."""

import sys
from pathlib import Path

# The benchmarks drive stacks with the helper of the engine tests.
sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
