"""Compile the kernels of sets and keep them on disk: ``python -m hdlib.sets.warm``, run by make."""

from __future__ import annotations

import time

from hdlib.sets.bloom import BloomFilter
from hdlib.sets.counting import CountingBloomFilter


def warm() -> float:
    """Call each kernel; returns the seconds it took (next to none when already compiled)."""
    start = time.perf_counter()
    BloomFilter(100).add(["a"]).contains(["a"])
    CountingBloomFilter(100).add(["a"]).remove(["a"])
    return time.perf_counter() - start


if __name__ == "__main__":
    print(f"kernels of sets ready in {warm():.1f} s")
