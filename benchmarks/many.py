"""Every model where there are many vectors: D = 1,024, so that the largest models have room."""

from __future__ import annotations

from benchmarks.harness import Row
from benchmarks.search import bundles, similarity
from hdlib import MODELS

DIM = 1_024
PAIRS = ((1, 100_000), (100, 10_000))  # queries and items
SETS = 10_000  # bundles


def model(name: str) -> list[Row]:
    """All rows of one model."""
    vsa = MODELS[name](DIM)
    return [row for pair in PAIRS for row in similarity(vsa, *pair)] + bundles(vsa, SETS)


def run() -> list[Row]:
    """Every model, a minute."""
    return [row for name in MODELS for row in model(name)]
