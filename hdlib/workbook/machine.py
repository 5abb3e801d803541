"""What this machine can do at best: copy bytes, count differing bits, multiply matrices."""

from __future__ import annotations

import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any

import numba
import numpy as np
import torch

from hdlib.kernels.instructions import popcount

COPIES = tuple(1 << k for k in range(16, 29, 2))  # bytes: from first-level cache to memory


def timed(run: Callable[[], Any]) -> float:
    """Seconds of one call."""
    start = perf_counter()
    run()
    return perf_counter() - start


@numba.njit(nogil=True)  # type: ignore[misc, unused-ignore]
def count(x: np.ndarray, y: np.ndarray, repeats: int) -> np.uint64:
    """Differing bits of two arrays that stay in the first-level cache, again and again."""
    total = np.uint64(0)
    for turn in range(repeats):
        for i in range(len(x)):
            total += popcount(x[i] ^ y[i] ^ np.uint64(turn))
    return total


@functools.cache
def popcounts() -> float:
    """Bits compared a second on all threads of torch."""
    threads, repeats = torch.get_num_threads(), 5_000
    x, y = (torch.arange(i, i + 512).numpy().view(np.uint64) for i in (0, 99))
    count(x, y, 1)
    with ThreadPoolExecutor(threads) as pool:

        def run() -> None:
            list(pool.map(lambda _: count(x, y, repeats), range(threads)))

        return threads * repeats * 64 * len(x) / min(timed(run) for _ in range(9))


@functools.cache
def products() -> float:
    """Multiplications and additions of float32 a second."""
    n = 1024
    x = torch.ones(n, n)
    return float(2 * n**3 / min(timed(lambda: x @ x) for _ in range(9)))


@functools.cache
def copies(largest: int = COPIES[-1]) -> dict[int, float]:
    """Bytes read and written a second, by the bytes that a copy moves."""
    found = {}
    for moved in (size for size in COPIES if size <= largest):
        source = torch.ones(moved // 16, dtype=torch.int64)  # zeros would share one page
        goal = torch.ones_like(source)
        repeats = max(1, (1 << 22) // moved)

        def run(goal: torch.Tensor = goal, source: torch.Tensor = source, n: int = repeats) -> None:
            for _ in range(n):
                goal.copy_(source)

        found[moved] = moved * repeats / min(timed(run) for _ in range(9))
    return found


def bandwidth(moved: float, rates: dict[int, float]) -> float:
    """Bytes a second of the best copy of at least so many bytes."""
    return max(rate for size, rate in rates.items() if size >= min(moved, max(rates)))
