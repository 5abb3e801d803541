"""Millions of items, each task in a process of its own, so that its memory shows: minutes."""

from __future__ import annotations

import torch
from torch import Tensor

from benchmarks.floors import floor
from benchmarks.harness import Row, Work, alone, compare, race
from hdlib import BSC, ItemMemory
from hdlib.memory import nearest_atoms

DIM, ITEMS, MADE, K = 10_000, 1_000_000, 100_000_000, 10
TASKS = ("stored", "made", "streamed")


def run() -> list[Row]:
    """All of it."""
    return [row for task in TASKS for row in alone("benchmarks.long", task)]


def pairs(vsa: BSC, queries: int, items: int, read: int) -> Work:
    """Every item once from memory, every query with every item."""
    return Work(bytes=read, bits=queries * items * vsa.dim)


def stored() -> list[Row]:
    """A million vectors in memory, the ten best of each of a hundred queries, and no copy."""
    vsa, ids = BSC(DIM), torch.arange(ITEMS)
    size = ITEMS * vsa.width * 8
    work = Work(bytes=size)
    rows = race(
        f"make {ITEMS:,} BSC atoms",
        {"hdlib": lambda: vsa.atoms(ids)},
        rounds=3,
        work=work,
        floor=floor(work),
    )
    memory, q = ItemMemory(vsa).add(range(ITEMS)), vsa.random(100)
    work = pairs(vsa, len(q), ITEMS, size)
    return rows + compare(
        f"BSC top-{K} of {ITEMS:,}, {len(q)} queries",
        {"hdlib": lambda: memory.cleanup(q, K)[1]},
        rounds=3,
        work=work,
        floor=floor(work),
    )


def made() -> list[Row]:
    """A hundred million atoms that are stored nowhere, and one query."""
    vsa = BSC(DIM)
    query = vsa.atoms(MADE // 2)
    nearest_atoms(vsa, query, 1_000)
    work = pairs(vsa, 1, MADE, 0)
    return race(
        f"BSC top-1 of {MADE:,} made, 1 query",
        {"hdlib": lambda: nearest_atoms(vsa, query, MADE)},
        rounds=1,
        work=work,
        floor=floor(work),
    )


def streamed() -> list[Row]:
    """A thousand queries and a million items, whose scores would take 4 GB: part after part."""
    from benchmarks import peers

    vsa = BSC(DIM)
    x, q = vsa.atoms(torch.arange(ITEMS)), vsa.random(1_000)
    work = pairs(vsa, len(q), ITEMS, x.nbytes)

    def ours() -> Tensor:
        return torch.stack([vsa.similarity(q, part).amax(-1) for part in x.split(10_000)])

    def faiss() -> Tensor:
        parts = [torch.from_numpy(peers.faiss_hammings(q, part)) for part in x.split(10_000)]
        return torch.stack([1 - part.amin(-1) * (2 / vsa.dim) for part in parts])

    def close(own: Tensor, other: Tensor) -> bool:
        return torch.allclose(own, other.to(own.dtype), atol=1e-6)

    return compare(
        f"BSC similarity {len(q):,} x {ITEMS:,}, streamed",
        {"hdlib": ours, "faiss": faiss},
        rounds=1,
        agree=close,
        work=work,
        floor=floor(work),
    )
