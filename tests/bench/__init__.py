"""Measurements: `make bench`. Ratios against a peer or a physical limit, taken in the same run."""
