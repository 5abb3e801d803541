"""The packed kernels on a CPU, beside the plain torch that defines them and beside numpy."""

from __future__ import annotations

from functools import partial

import numpy as np
import torch
from torch import Tensor

from benchmarks.harness import Row, compare
from benchmarks.peers import numpy_hammings
from hdlib import bits, kernels
from hdlib.kernels import reference

WORDS = 160  # 10,000 bits, padded to whole cache lines


def numpy_majority(rows: Tensor) -> np.ndarray:
    """Spread every bit, add up, pack again; right for an odd number of rows."""
    columns = np.unpackbits(rows.numpy().view(np.uint8), axis=-1).sum(0, dtype=np.int32)
    return np.packbits(2 * columns > len(rows)).view(np.int64)


def hamming(queries: int, items: int) -> list[Row]:
    """Every query with every item."""
    q = bits.words(1, torch.arange(queries), WORDS)
    x = bits.words(2, torch.arange(items), WORDS)
    ways = {"hdlib": kernels.hamming, "torch": reference.hamming, "numpy": numpy_hammings}
    task = f"hamming, {queries:,} x {items:,} rows"
    return compare(task, {name: partial(way, q, x) for name, way in ways.items()})


def majority(rows: int) -> list[Row]:
    """One bundle of many rows."""
    x = bits.words(3, torch.arange(rows), WORDS)
    whole = torch.tensor([0, rows])
    return compare(
        f"majority of {rows:,} rows",
        {
            "hdlib": lambda: kernels.majority(x),
            "torch": lambda: reference.majority(x, whole, None, 0)[0],
            "numpy": lambda: numpy_majority(x),
        },
    )


def run() -> list[Row]:
    """The whole suite, a few seconds."""
    return hamming(1, 20_000) + hamming(50, 2_000) + majority(11) + majority(1_001)
