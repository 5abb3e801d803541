"""Bundles by the ten thousand, distances, similarities and clean-up, mostly at D = 10,000."""

from __future__ import annotations

import torch
import torchhd
from torch import Tensor

from benchmarks import peers
from benchmarks.floors import floor
from benchmarks.harness import Rivals, Row, Work, compare
from benchmarks.models import linear
from hdlib import BSC, MAPB, MAPI, SBC, VSA, ItemMemory, bits, kernels
from hdlib.memory import nearest_atoms

DIM = 10_000
BUDGET = 2.0
SLOW = ("MCR", "CGR")  # torchhd compares all their pairs in memory: 40 GB and more


def race(task: str, ways: Rivals, work: Work, **options: object) -> list[Row]:
    """``compare`` beside the floor."""
    given = {"rounds": 9, "budget": BUDGET} | options
    return compare(task, ways, work=work, floor=floor(work), **given)  # type: ignore[arg-type]


def at(dim: int) -> str:
    """The end of a task's name at another dimension."""
    return f", D = {dim:,}" if dim != DIM else ""


def close(ours: Tensor, other: Tensor) -> bool:
    """Equal to the rounding of float32 sums."""
    return torch.allclose(ours.to(torch.float32), other.to(torch.float32), rtol=1e-3, atol=1e-4)


def distances(queries: int, items: int, dim: int = DIM, *, slow: bool = True) -> list[Row]:
    """Differing bits of all pairs, beside all who count bits."""
    vsa = BSC(dim)
    q, x = vsa.random(queries), vsa.random(items)
    ways: Rivals = {"hdlib": lambda: kernels.hamming(q, x)}
    ways["faiss"] = lambda: peers.faiss_hammings(q, x)
    ways["simsimd"] = lambda: peers.simsimd_hammings(q, x)
    if slow:
        ways["numpy"] = lambda: peers.numpy_hammings(q, x)
    work = Work(bytes=q.nbytes + x.nbytes + 4 * queries * items, bits=queries * items * dim)
    return race(f"Hamming {queries:,} x {items:,}{at(dim)}", ways, work)


def similarity(vsa: VSA, queries: int, items: int) -> list[Row]:
    """Cosines of all pairs, beside torchhd's where it has the model and the room."""
    name, pairs = type(vsa).__name__, queries * items
    q, x = vsa.random(queries), vsa.random(items)
    ways: Rivals = {"hdlib": lambda: vsa.similarity(q, x)}
    if name in peers.TORCHHD and name not in SLOW:
        tq, tx = peers.same(vsa, q), peers.same(vsa, x)
        ways["torchhd"] = lambda: torchhd.cosine_similarity(tq, tx)
    work = Work(
        bytes=q.nbytes + x.nbytes + 4 * pairs,
        bits=pairs * vsa.dim if name in ("BSC", "MAPB", "MAPI") else 0,
    )
    task = f"{name} similarity {queries:,} x {items:,}{at(vsa.dim)}"
    return race(task, ways, work, agree=linear)


def cleanup(vsa: VSA, queries: int, items: int, k: int) -> list[Row]:
    """The best k of a memory, stored and made on the fly, beside faiss and torchhd: scores."""
    memory = ItemMemory(vsa).add(range(items))
    q = vsa.random(queries)
    x = memory.vectors()
    tq, tx = peers.same(vsa, q), peers.same(vsa, x)
    ways: Rivals = {
        "hdlib": lambda: memory.cleanup(q, k)[1],
        "hdlib, made": lambda: nearest_atoms(vsa, q, items, k)[1],
        "torchhd": lambda: (
            torchhd.cosine_similarity(tq, tx).topk(k).values.squeeze(-1)
            if k == 1
            else torchhd.cosine_similarity(tq, tx).topk(k).values
        ),
    }
    if isinstance(vsa, BSC):
        index = peers.faiss_index(x)
        ways["faiss"] = lambda: 1 - torch.tensor(found(index, q, k)) * (2 / vsa.dim)
    name = type(vsa).__name__
    work = Work(bytes=q.nbytes + x.nbytes, bits=queries * items * vsa.dim)
    task = f"{name} top-{k} of {items:,}, {queries:,} queries"
    return race(task, ways, work, agree=close)


def found(index: object, queries: Tensor, k: int) -> object:
    """faiss's distances of the best k, shaped as ours."""
    best = index.search(peers.octets(queries), k)[0]  # type: ignore[attr-defined]
    return best[:, 0] if k == 1 else best


def bundles(vsa: VSA, sets: int = 10_000, size: int = 20) -> list[Row]:
    """Many bundles of known atoms; where they are sums or their signs, beside adding floats up."""
    atoms, name = vsa.random(1_000), type(vsa).__name__
    generator = torch.Generator().manual_seed(0)
    index = torch.randint(len(atoms), (sets * size,), generator=generator)
    offsets = torch.arange(0, len(index) + 1, size)

    def ours() -> Tensor:
        return vsa.bundle_segments(atoms, offsets, index)

    def gathered() -> Tensor:
        parts = index.view(sets, size).split(100)  # all at once would take 8 GB
        return torch.cat([spread[part].sum(1) for part in parts])

    def agree(own: Tensor, sums: Tensor) -> bool:
        if own.is_floating_point() or own.is_complex():
            return torch.allclose(own, sums, atol=1e-4)
        if not isinstance(vsa, BSC):
            return torch.equal(own, sums.to(own.dtype))
        parts = zip(own.split(1_000), sums.split(1_000), strict=True)  # a tie may fall either way
        return all(bool(((s == 0) | ((s < 0) == vsa.dense(o).bool())).all()) for o, s in parts)

    ways: Rivals = {"hdlib": ours}
    if vsa.additive or isinstance(vsa, BSC):
        spread = bits.plus_minus(atoms, vsa.dim) if isinstance(vsa, BSC) else atoms
        spread = spread.to(torch.float32) if spread.dtype == torch.int8 else spread
        ways["gather"] = gathered
    out = sets * vsa.bundle(atoms[:2]).nbytes
    work = Work(bytes=sets * size * atoms[0].nbytes + out)
    task = f"{name} {sets:,} bundles of {size}{at(vsa.dim)}"
    return race(task, ways, work, rounds=3, agree=agree)


def counted(queries: int, items: int) -> list[Row]:
    """Equal components, as torchhd's ``hamming_similarity`` counts them."""
    vsa = BSC(DIM)
    q, x = vsa.random(queries), vsa.random(items)
    tq, tx = peers.same(vsa, q), peers.same(vsa, x)
    ways: Rivals = {
        "hdlib": lambda: vsa.dim - kernels.hamming(q, x),
        "torchhd": lambda: torchhd.hamming_similarity(tq, tx),
    }
    work = Work(bytes=q.nbytes + x.nbytes, bits=queries * items * vsa.dim)
    return race(f"BSC Hamming similarity {queries:,} x {items:,}", ways, work, rounds=3)


def run() -> list[Row]:
    """The whole suite, a minute."""
    rows = distances(100, 10_000) + distances(1, 100_000) + counted(2, 10_000)
    for vsa in (BSC(DIM), MAPB(DIM), MAPI(DIM)):
        rows += similarity(vsa, 100, 10_000)
    rows += similarity(SBC(DIM), 10, 10_000)
    for vsa in (BSC(DIM), MAPI(DIM)):
        rows += cleanup(vsa, 1, 10_000, 1) + cleanup(vsa, 100, 10_000, 10)
    rows += bundles(BSC(DIM)) + bundles(MAPI(DIM))
    for dim in (1_024, 65_536):
        rows += distances(100, 10_000, dim, slow=False)
    return rows + distances(1, 1_000, slow=False) + distances(1, 10_000, slow=False)
