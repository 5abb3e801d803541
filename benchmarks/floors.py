"""What this machine can do at best: copy bytes, count differing bits, multiply matrices.

A floor is the longest of the times that a task's bytes, bits and flops would take alone. Bytes are
charged what a copy of as many takes, so that a task that fits a cache is held against the cache.
"""

from __future__ import annotations

import functools
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numba
import numpy as np
import torch

from benchmarks.harness import Work, timed
from hdlib.kernels.cpu import popcount

COPIES = tuple(1 << k for k in range(16, 29, 2))  # bytes: from first-level cache to memory


@numba.njit(nogil=True)
def count(x: np.ndarray, y: np.ndarray, repeats: int) -> int:
    """Differing bits of two arrays that stay in the first-level cache, again and again."""
    total = np.uint64(0)
    for turn in range(repeats):
        for i in range(len(x)):
            total += popcount(x[i] ^ y[i] ^ np.uint64(turn))
    return total


@functools.cache
def popcounts() -> float:
    """Bits compared a second on all threads of torch."""
    threads, repeats = torch.get_num_threads(), 20_000
    x, y = (torch.arange(i, i + 512).numpy().view(np.uint64) for i in (0, 99))
    count(x, y, 1)
    with ThreadPoolExecutor(threads) as pool:

        def run() -> None:
            list(pool.map(lambda _: count(x, y, repeats), range(threads)))

        return threads * repeats * 64 * len(x) / min(timed(run) for _ in range(7))


@functools.cache
def products() -> float:
    """Multiplications and additions of float32 a second."""
    n = 1536
    x = torch.ones(n, n)
    return 2 * n**3 / min(timed(lambda: x @ x) for _ in range(7))


@functools.cache
def copies() -> dict[int, float]:
    """Bytes read and written a second, by the bytes that a copy moves."""
    found = {}
    for moved in COPIES:
        source = torch.ones(moved // 16, dtype=torch.int64)  # zeros would share one page
        goal = torch.empty_like(source)
        repeats = max(1, (1 << 22) // moved)

        def run(goal: torch.Tensor = goal, source: torch.Tensor = source, n: int = repeats) -> None:
            for _ in range(n):
                goal.copy_(source)

        found[moved] = moved * repeats / min(timed(run) for _ in range(9))
    return found


def bandwidth(moved: float) -> float:
    """Bytes a second of the best copy of at least so many bytes."""
    rates = copies()
    return max(rate for size, rate in rates.items() if size >= min(moved, COPIES[-1]))


def floor(work: Work) -> float:
    """Seconds that the work takes at least."""
    return max(work.bytes / bandwidth(work.bytes), work.bits / popcounts(), work.flops / products())


def machine() -> dict[str, object]:
    """What was measured on, without the machine's name."""
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "copies": {str(size): rate for size, rate in copies().items()},
        "popcounts": popcounts(),
        "flops": products(),
    }


def processor() -> str:
    """The processor's model and what of it matters here: vectors and their popcount."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return "unknown"
    lines = (line.split(":", 1) for line in text.splitlines() if ":" in line)
    known = {key.strip(): value.strip() for key, value in lines}
    having = set(known.get("flags", "").split())
    units = [name for name in ("avx2", "avx512f", "avx512_vpopcntdq", "asimd") if name in having]
    return ", ".join([known.get("model name", "unknown"), *units])
