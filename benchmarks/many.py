"""Every model where there are many vectors: D = 1,024, so that the largest models have room."""

from __future__ import annotations

import torch
import torchhd

from benchmarks import peers
from benchmarks.floors import floor
from benchmarks.harness import Rivals, Row, Work, compare
from benchmarks.models import linear
from benchmarks.search import close
from hdlib import MODELS

DIM, BUDGET = 1_024, 0.5
PAIRS = ((1, 100_000), (100, 10_000))  # queries and items
SETS, SIZE = 10_000, 20  # bundles, and the members of each
SLOW = ("MCR", "CGR")  # torchhd compares them in memory for all pairs: 40 GB


def similarity(name: str, queries: int, items: int) -> list[Row]:
    """Cosines of all pairs, beside torchhd's where it has the model and the room."""
    vsa = MODELS[name](DIM)
    q, x = vsa.random(queries), vsa.random(items)
    ways: Rivals = {"hdlib": lambda: vsa.similarity(q, x)}
    if name in peers.TORCHHD and name not in SLOW:
        tq, tx = peers.same(vsa, q), peers.same(vsa, x)
        ways["torchhd"] = lambda: torchhd.cosine_similarity(tq, tx)
    work = Work(bytes=q.nbytes + x.nbytes + 4 * queries * items)
    task = f"{name} similarity {queries:,} x {items:,}, D = {DIM:,}"
    return compare(task, ways, agree=linear, work=work, floor=floor(work), budget=BUDGET)


def bundles(name: str) -> list[Row]:
    """Many bundles of known atoms; where they are plain sums, beside gathering and adding up."""
    vsa = MODELS[name](DIM)
    atoms = vsa.random(1_000)
    draw = torch.Generator().manual_seed(0)
    index = torch.randint(len(atoms), (SETS * SIZE,), generator=draw)
    offsets = torch.arange(0, len(index) + 1, SIZE)
    ways: Rivals = {"hdlib": lambda: vsa.bundle_segments(atoms, offsets, index)}
    if vsa.additive:
        wide = atoms.to(torch.float32) if atoms.dtype == torch.int8 else atoms
        parts = index.view(-1, 100, SIZE)  # all at once would take 1.6 GB
        ways["gather"] = lambda: torch.cat([wide[part].sum(1) for part in parts])
    made = ways["hdlib"]()
    work = Work(bytes=len(index) * atoms[0].nbytes + made.nbytes)
    task = f"{name} {SETS:,} bundles of {SIZE}, D = {DIM:,}"
    agree = (lambda a, b: torch.allclose(a, b, atol=1e-4)) if made.is_complex() else close
    return compare(task, ways, agree=agree, work=work, floor=floor(work), budget=BUDGET)


def model(name: str) -> list[Row]:
    """All rows of one model."""
    found = [row for pair in PAIRS for row in similarity(name, *pair)]
    return found + bundles(name)


def run() -> list[Row]:
    """Every model."""
    return [row for name in MODELS for row in model(name)]
