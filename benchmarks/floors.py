"""The least time that this machine needs for some work, and what machine it is.

A floor is the longest of the times that a task's bytes, bits and flops would take alone. Bytes are
charged what a copy of as many takes, so that a task that fits a cache is held against the cache.
"""

from __future__ import annotations

import os
from pathlib import Path

import torch

from benchmarks.harness import Work
from hdlib.workbook.machine import bandwidth, copies, popcounts, products


def floor(work: Work) -> float:
    """Seconds that the work takes at least."""
    return max(
        work.bytes / bandwidth(work.bytes, copies()),
        work.bits / popcounts(),
        work.flops / products(),
    )


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
