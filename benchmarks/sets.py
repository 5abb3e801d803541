"""Bloom filters beside rbloom (Rust) and pybloom_live (Python), at 1 % error and one thread.

Every filter first proves that it finds all its keys and says yes to about 1 % of others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pybloom_live
import rbloom
import torch

from benchmarks.harness import Row, compare
from hdlib import BloomFilter, CountingBloomFilter, bits

ERROR = 0.01
Keys = Any


def ours(keys: Keys) -> BloomFilter:
    """A filter of all keys, added as one batch."""
    return BloomFilter(len(keys), ERROR).add(keys)


def counting(keys: Keys) -> CountingBloomFilter:
    """The same with counters of 4 bits, from which keys could be removed."""
    return CountingBloomFilter(len(keys), ERROR).add(keys)


def rust(keys: Keys) -> rbloom.Bloom:
    """rbloom's fastest way in; it hashes with the interpreter's own, unportable hash."""
    made = rbloom.Bloom(len(keys), ERROR)
    made.update(keys)
    return made


def pure(keys: Keys) -> pybloom_live.BloomFilter:
    """pybloom_live, key by key: it has no other way."""
    made = pybloom_live.BloomFilter(len(keys), ERROR)
    for key in keys:
        made.add(key)
    return made


def found(filled: Any, keys: Iterable[Keys]) -> int:
    """How many of the keys a filter says it holds."""
    if isinstance(filled, BloomFilter | CountingBloomFilter):
        return int(filled.contains(keys).sum())
    return sum(key in filled for key in keys)


def rivals(
    ways: dict[str, tuple[Callable[[Keys], Any], Keys, Keys]], task: str, rounds: int
) -> list[Row]:
    """Adding, asking for members and for strangers; each way with its own form of the keys."""
    filled = {name: make(members) for name, (make, members, _) in ways.items()}
    for name, (_, _, strangers) in ways.items():
        rate = found(filled[name], strangers) / len(strangers)
        if not 0.8 * ERROR < rate < 1.2 * ERROR:
            raise AssertionError(f"{task}: {name} says yes to {rate:.2%} of strangers")
    adding = {name: lambda way=way: bool(way[0](way[1])) for name, way in ways.items()}
    members = {name: lambda n=name: found(filled[n], ways[n][1]) for name in ways}
    strangers = {name: lambda n=name: found(filled[n], ways[n][2]) > 0 for name in ways}
    rows = compare(f"add {task}", adding, rounds=rounds)
    rows += compare(f"find {task}", members, rounds=rounds)
    return rows + compare(f"refuse {task}", strangers, rounds=rounds)


def integers(n: int, *, slow: bool, rounds: int) -> list[Row]:
    """Random integers: a tensor and a list for us, a list for the others."""
    members, strangers = (bits.mix(torch.arange(i * n, (i + 1) * n)) for i in range(2))
    lists = members.tolist(), strangers.tolist()
    ways = {
        "hdlib": (ours, members, strangers),
        "hdlib, list": (ours, *lists),
        "hdlib, counting": (counting, members, strangers),
        "rbloom": (rust, *lists),
    }
    if slow:
        ways["pybloom"] = (pure, *lists)
    return rivals(ways, f"{n:,} integers", rounds)


def texts(n: int, *, slow: bool, rounds: int) -> list[Row]:
    """Short texts in Python lists."""
    members, strangers = ([f"word {i:x}" for i in range(j * n, (j + 1) * n)] for j in range(2))
    ways = {"hdlib": (ours, members, strangers), "rbloom": (rust, members, strangers)}
    if slow:
        ways["pybloom"] = (pure, members, strangers)
    return rivals(ways, f"{n:,} texts", rounds)


def run() -> list[Row]:
    """The whole suite, a minute."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        rows = integers(100_000, slow=True, rounds=3) + texts(100_000, slow=True, rounds=3)
        rows += integers(1_000_000, slow=False, rounds=5) + texts(1_000_000, slow=False, rounds=5)
        return rows + integers(10_000_000, slow=False, rounds=3)
    finally:
        torch.set_num_threads(threads)
