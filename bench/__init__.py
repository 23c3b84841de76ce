"""Benchmarks: `make bench`. Figures are ratios of runs made side by side; absolute times belong to the machine."""
