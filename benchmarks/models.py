"""Every verb of every model, beside torchhd where it has the model: D = 10,000, and two others.

torchhd gets the same vectors, and its results must be ours before anything is timed; where ties or
noise are drawn, what is asserted says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
import torchhd
from torch import Tensor

from benchmarks import peers
from benchmarks.floors import floor
from benchmarks.harness import Row, Work, compare
from hdlib import MODELS, VSA, ItemMemory
from hdlib.memory import nearest_atoms

DIM = 10_000
PAIRS = {1_024: 1_000, DIM: 1_000, 65_536: 100}  # vectors, by their dimension
BUNDLES = (3, 101, 1_001)  # odd, so that signs have no ties
BUDGET = 0.2  # seconds of rounds for a task
ROLES = 20  # of a record
FEW = 10  # queries: as many as torchhd's memory allows in MCR and CGR
INT64 = torch.int64


def near(vsa: VSA) -> Callable[[Tensor, Tensor], bool]:
    """Equal in the textbook form: floats to rounding, integers exactly."""

    def agree(ours: Tensor, other: Tensor) -> bool:
        own = vsa.dense(ours) if ours.dtype == INT64 else ours
        if own.is_floating_point() or own.is_complex():
            return torch.allclose(own, other.to(own.dtype), rtol=1e-3, atol=1e-4)
        return torch.equal(own, other.to(own.dtype))

    return agree


def drawn(vsa: VSA) -> Callable[[Tensor, Tensor], bool]:
    """As many components, and the same mean and spread of them, to five standard errors."""

    def moments(x: Tensor) -> Tensor:
        x = torch.view_as_real(x) if x.is_complex() else x
        x = x.to(torch.float64)
        return torch.stack([x.mean(), x.std()])

    def agree(ours: Tensor, other: Tensor) -> bool:
        own = vsa.dense(ours) if ours.dtype == INT64 else ours
        spread = moments(other)[1].item()
        slack = 5 * spread / math.sqrt(other.numel())
        same = torch.allclose(moments(own), moments(other), rtol=0, atol=slack)
        return own.shape == other.shape and same

    return agree


def voted(vsa: VSA, xs: Tensor) -> Callable[[Tensor, Tensor], bool]:
    """Bundles of symbols: ties may fall otherwise, but no symbol may have fewer votes than theirs.

    MCR rounds a mean angle; in 99 of 100 components both round alike.
    """

    def agree(ours: Tensor, other: Tensor) -> bool:
        if type(vsa).__name__ == "MCR":
            return (ours == other).to(torch.float32).mean().item() > 0.99
        votes, theirs = ((xs == symbols).sum(0) for symbols in (ours, other))
        return torch.equal(votes, theirs)

    return agree


def linear(ours: Tensor, other: Tensor, least: float = 0.9999) -> bool:
    """Similarities that differ in scale and zero alone: some call chance 0, some 1/16."""
    both = torch.stack([x.flatten().to(torch.float64) for x in (ours, other)])
    return ours.shape == other.shape and torch.corrcoef(both)[0, 1].item() > least


def alike(ours: Tensor, other: Tensor) -> bool:
    """torchhd's MCR and CGR similarity falls evenly with the angle, ours as its cosine does."""
    return linear(ours, other, 0.98)


def settled(vsa: VSA) -> Callable[[Tensor, Tensor], bool]:
    """torchhd's MAP bundles are sums: MAPB's are their signs (of an odd number of rows)."""
    exact = near(vsa)
    return lambda ours, other: exact(ours, other.sign() if type(vsa).__name__ == "MAPB" else other)


def flops(vsa: VSA, pairs: int) -> float:
    """Float operations of so many bindings, where they may cost more than moving the vectors."""
    if type(vsa).__name__ == "VTB":
        return 2 * pairs * vsa.dim**1.5
    if type(vsa).__name__ == "HRR":  # three transforms of real numbers
        return 3 * pairs * 2.5 * vsa.dim * math.log2(vsa.dim)
    return 0


def model(name: str, dim: int = DIM) -> list[Row]:
    """All rows of one model."""
    vsa, pairs = MODELS[name](dim), PAIRS[dim]
    peer = name in peers.TORCHHD
    a, b = vsa.random(pairs), vsa.random(pairs)
    suffix = f", D = {dim:,}" if dim != DIM else ""
    found: list[Row] = []

    def race(
        task: str,
        ours: Callable[[], Tensor],
        theirs: Callable[[], Any] | None,
        agree: Callable[[Tensor, Tensor], bool],
        work: Work,
        rounds: int = 9,
        made: Callable[[], Tensor] | None = None,
    ) -> None:
        ways = {"hdlib": ours} | ({"hdlib, made": made} if made else {})
        ways |= {"torchhd": theirs} if theirs and peer else {}
        given = {"rounds": rounds, "budget": BUDGET, "agree": agree, "work": work}
        found.extend(compare(f"{name} {task}{suffix}", ways, floor=floor(work), **given))

    size = a.nbytes
    ta, tb = (peers.same(vsa, x) if peer else x for x in (a, b))
    race(
        f"random {pairs:,}",
        lambda: vsa.random(pairs),
        lambda: peers.fresh(vsa, pairs),
        drawn(vsa),
        Work(bytes=size),
    )
    race(
        f"bind {pairs:,}",
        lambda: vsa.bind(a, b),
        lambda: torchhd.bind(ta, tb),
        near(vsa),
        Work(bytes=3 * size, flops=flops(vsa, pairs)),
    )
    if name == "HRR":
        roles, few = vsa.prepare(b), vsa.prepare(b[:ROLES])
        race(
            f"bind {pairs:,}, roles prepared",
            lambda: vsa.bind(a, roles),
            lambda: torchhd.bind(ta, tb),
            near(vsa),
            Work(bytes=3 * size, flops=flops(vsa, pairs) * 2 / 3),
        )
        race(
            f"unbind {ROLES} roles, prepared",
            lambda: vsa.unbind(a[0], few),
            lambda: torchhd.bind(ta[0], torchhd.inverse(tb[:ROLES])),
            near(vsa),
            Work(bytes=2 * few.nbytes, flops=flops(vsa, ROLES) / 3),
        )
    if name != "VTB":  # four more of torchhd's bindings of VTB are half a minute
        race(
            f"chain bind 5 x {pairs // 10}",
            lambda: vsa.bind(*a[: pairs // 2].unflatten(0, (5, -1))),
            lambda: chained(ta[: pairs // 2], 5),
            near(vsa),
            Work(bytes=0.6 * size, flops=4 * flops(vsa, pairs // 10)),
        )
    race(
        f"permute {pairs:,}",
        lambda: vsa.permute(a),
        lambda: torchhd.permute(ta),
        near(vsa),
        Work(bytes=2 * size),
    )
    rows = vsa.random(pairs + 1)
    for n in (n for n in BUNDLES if n <= pairs + 1):
        some = rows[:n]
        theirs = peers.same(vsa, some) if peer else some
        agree = voted(vsa, some) if name in ("MCR", "CGR", "SBC") else settled(vsa)
        race(
            f"bundle of {n:,}",
            lambda some=some: vsa.bundle(some),
            lambda theirs=theirs: torchhd.multiset(theirs),
            agree,
            Work(bytes=some.nbytes + a[0].nbytes),
        )
    packed, slow = name in ("BSC", "MAPB"), name in ("MCR", "CGR")  # slow: in torchhd, seconds
    compared = FEW * pairs * dim
    race(
        f"similarity {FEW} x {pairs:,}",
        lambda: vsa.similarity(a[:FEW], b),
        lambda: torchhd.cosine_similarity(ta[:FEW], tb),
        alike if slow else linear,
        Work(bytes=size, bits=compared) if packed else Work(bytes=size),
    )
    memory = ItemMemory(vsa).add(range(pairs))
    items = peers.same(vsa, memory.vectors()) if peer else b
    queries = vsa.bundle(torch.stack([memory.vectors(range(FEW)), a[:FEW], b[:FEW]], -2))
    asked = peers.same(vsa, queries) if peer else queries
    race(
        f"top-{FEW} of {pairs:,}, {FEW} queries",
        lambda: memory.cleanup(queries, FEW)[1],
        None if slow else lambda: torchhd.cosine_similarity(asked, items).topk(FEW).values,
        linear,
        Work(bytes=size, bits=compared) if packed else Work(bytes=size),
        made=lambda: nearest_atoms(vsa, queries, pairs, FEW)[1],
    )
    race(
        "bind one pair",
        lambda: vsa.bind(a[0], b[0]),
        lambda: torchhd.bind(ta[0], tb[0]),
        near(vsa),
        Work(bytes=3 * a[0].nbytes, flops=flops(vsa, 1)),
        rounds=200,
    )
    race(
        "similarity of one pair",
        lambda: vsa.similarity(a[0], b[0]),
        lambda: torchhd.cosine_similarity(ta[0], tb[0]),
        lambda ours, other: ours.numel() == other.numel() == 1,
        Work(bytes=2 * a[0].nbytes),
        rounds=200,
    )
    return found


def chained(parts: Tensor, n: int) -> Tensor:
    """torchhd binds n operands of equal size one after another."""
    first, *others = parts.chunk(n)
    for other in others:
        first = torchhd.bind(first, other)
    return first


def run() -> list[Row]:
    """Every model, a minute."""
    return [row for name in MODELS for row in model(name)]


def others() -> list[Row]:
    """The same at other dimensions: powers of two, and squares, as every model allows them."""
    return [row for dim in PAIRS if dim != DIM for name in MODELS for row in model(name, dim)]
