"""The kernels for NVIDIA GPUs, in Triton: what reference.py means, at the speed of the memory.

Loaded only where there is such a GPU. Without one they run in Triton's interpreter, bit for bit
the same, and compile to the machine code of any GPU: the tests do both.
"""

from __future__ import annotations

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from torch.nn.functional import pad
from triton import cdiv, jit
from triton.language import constexpr

from hdlib import bits
from hdlib.kernels.one_bundle import segmentwise
from hdlib.kernels.reference import (
    best,
    bipolar,
    digest,
    dots,
    elect,
    ends,
    matches,
    rotate,
    signs,
    stray,
    symbols,
    tally,
)

__all__ = [
    "best",
    "bipolar",
    "coins",
    "digest",
    "dots",
    "elect",
    "ends",
    "hamming",
    "hamming_made",
    "majority",
    "matches",
    "rotate",
    "signs",
    "stray",
    "symbols",
    "tally",
    "words",
]

DOT = 32  # queries from which tensor cores should win over POPC: arithmetic, to be measured
LONG = 1 << 18  # words of a row up to which 64 times a distance is an int32

GAMMA, MIX_A, MIX_B = constexpr(bits.GAMMA), constexpr(bits.MIX_A), constexpr(bits.MIX_B)
ALTERNATING = constexpr(bits.ALTERNATING)

# The sizes of blocks; each kernel's docstring says what of.
ROWS, WIDE, SPAN, PAIRS, ITEMS, OCTETS, LANES = map(constexpr, (32, 32, 1024, 2048, 128, 64, 256))


@jit
def lsr(x, k: constexpr):
    """``bits.lsr``."""
    return (x >> k) & ((1 << (64 - k)) - 1)


@jit
def mix(x):
    """``bits.mix``."""
    x = (x ^ lsr(x, 30)) * MIX_A
    x = (x ^ lsr(x, 27)) * MIX_B
    return x ^ lsr(x, 31)


@jit
def popcount(x):
    """``bits.popcount``: the last mask lets the compiler see one instruction, POPC."""
    x = x - ((x >> 1) & 0x5555555555555555)
    x = (x & 0x3333333333333333) + ((x >> 2) & 0x3333333333333333)
    x = (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0F
    return ((x * 0x0101010101010101) >> 56) & 0x7F


@jit
def streams(root, ids):
    """``bits.streams``, given the mixed seed."""
    start = mix(root + ids * GAMMA)
    step = mix(start + GAMMA) | 1
    return start, tl.where(popcount(step ^ lsr(step, 1)) < 24, step ^ ALTERNATING, step)


@jit(do_not_specialize=["root"])
def words_kernel(ids, out, root, N, W):
    """SPAN words of ROWS streams, WIDE at once: each stream is begun once and then followed."""
    n = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)[:, None]
    start, step = streams(root, tl.load(ids + n, mask=n < N, other=0))
    first = tl.program_id(1) * SPAN
    for w0 in range(first, min(first + SPAN, W), WIDE):
        w = w0 + tl.arange(0, WIDE)[None, :]
        tl.store(out + n * W + w, mix(start + (w + 1) * step), mask=(n < N) & (w < W))


@jit(do_not_specialize=["root"])
def hamming_kernel(queries, items, out, Q, N, W, root, mask, BQ: constexpr, BW: constexpr):
    """BQ queries with BN items, PAIRS words at once. With a root, items are ids and made here."""
    BN: constexpr = PAIRS // (BQ * BW)
    groups = tl.cdiv(Q, BQ)
    i = (tl.program_id(0) % groups).to(tl.int64) * BQ + tl.arange(0, BQ)[:, None]
    n = (tl.program_id(0) // groups).to(tl.int64) * BN + tl.arange(0, BN)[:, None]
    if root is not None:
        start, step = streams(root, tl.load(items + n, mask=n < N, other=0))
    total = tl.zeros((BQ, BN, BW), tl.int32)  # added up at the end, as threads would wait
    for w0 in range(0, W, BW):
        w = w0 + tl.arange(0, BW)[None, :]
        a = tl.load(queries + i * W + w, mask=(i < Q) & (w < W), other=0)
        if root is None:
            b = tl.load(items + n * W + w, mask=(n < N) & (w < W), other=0)
        else:
            b = mix(start + (w + 1) * step) & tl.load(mask + w, mask=w < W, other=0)
        total += popcount(a[:, None, :] ^ b[None, :, :]).to(tl.int32)
    n = tl.trans(n)
    tl.store(out + i * N + n, tl.sum(total, 2), mask=(i < Q) & (n < N))


@jit
def dot_kernel(signs, ones, items, out, Q, N, K, BQ: constexpr):
    """|a ^ b| = |a| + the sum of b's bits, each with the sign of a's: a product of int8 matrices.

    BQ queries with ITEMS items, OCTETS bytes at once. Bit j of every byte is masked where it
    stands, four bytes in one instruction, and is worth 2^j; signs are worth 2^(6 - j), so every
    product is worth 64. Bit 7 alone has to move: an int8 holds no 128.
    """
    groups, row = tl.cdiv(Q, BQ), tl.cdiv(K, OCTETS) * OCTETS
    i = tl.program_id(0) % groups * BQ + tl.arange(0, BQ)[None, :]
    n = (tl.program_id(0) // groups).to(tl.int64) * ITEMS + tl.arange(0, ITEMS)[:, None]
    total = tl.zeros((ITEMS, BQ), tl.int32)
    for k0 in range(0, K, OCTETS):
        k = k0 + tl.arange(0, OCTETS)[None, :]
        octets = tl.load(items + n * K + k, mask=(n < N) & (k < K), other=0)
        for j in tl.static_range(8):
            at = (j * groups * BQ + i).to(tl.int64) * row + tl.trans(k)  # (OCTETS, BQ)
            plane = octets & (1 << j) if j < 7 else (octets >> 1) & 64
            total = tl.dot(plane, tl.load(signs + at), total, out_dtype=tl.int32)
    tl.store(out + i.to(tl.int64) * N + n, (total >> 6) + tl.load(ones + i), mask=(i < Q) & (n < N))


@jit
def voter(rows, index, place, end, w, W):
    """One word of a voter, zeros behind the last one."""
    row = place if index is None else tl.load(index + place, mask=place < end, other=0)
    return tl.load(rows + row * W + w, mask=place < end, other=0)


@jit
def majority_kernel(rows, offsets, index, own, out, S, W, DEPTH: constexpr):
    """LANES words of the result, each with its own voters; planes as in ``reference.vote``."""
    at = tl.program_id(0).to(tl.int64) * LANES + tl.arange(0, LANES)
    s, w = tl.minimum(at // W, S - 1), at % W
    start, end = tl.load(offsets + s), tl.load(offsets + s + 1)
    n = end - start
    planes = (tl.zeros((LANES,), tl.int64),) * DEPTH
    for r in range(0, tl.max(n, 0), 4):
        for pair in tl.static_range(0, 4, 2):  # four loads on their way at once
            a = voter(rows, index, start + r + pair, end, w, W)
            b = voter(rows, index, start + r + pair + 1, end, w, W)
            carry, sums = (a & b) | ((a ^ b) & planes[0]), (a ^ b ^ planes[0],)
            for j in tl.static_range(1, DEPTH):
                sums += (planes[j] ^ carry,)  # type: ignore[assignment]
                carry &= planes[j]
            planes = sums
    more, same = tl.zeros((LANES,), tl.int64), tl.full((LANES,), -1, tl.int64)
    for j in tl.static_range(DEPTH - 1, -1, -1):  # compare with n // 2, high bit first
        half = -((n >> (j + 1)) & 1)
        more |= same & planes[j] & ~half
        same &= ~(planes[j] ^ half)
    tie = same & ((n & 1) - 1)
    luck = mix(mix(tl.load(own + w) ^ more) + tie)
    tl.store(out + at, more | (tie & luck), mask=at // W < S)


def launch(kernel: Any, grid: tuple[int, ...], *arrays: Any, **options: Any) -> None:
    """Run a kernel on the GPU that holds the first array."""
    if min(grid):
        with torch.cuda.device_of(arrays[0]):  # no floats: said only lest Triton warn of a default
            kernel[grid](*arrays, enable_fp_fusion=False, **options)


def words(seed: int, ids: Tensor, n: int) -> Tensor:
    """``bits.words``, one pass and no temporaries."""
    out = torch.empty(*ids.shape, n, dtype=torch.int64, device=ids.device)
    grid = cdiv(ids.numel(), ROWS.value), cdiv(n, SPAN.value)
    launch(words_kernel, grid, ids.contiguous(), out, bits.root(seed), ids.numel(), n)
    return out


def coins(seed: int, ids: Tensor, dim: int) -> Tensor:
    """``reference.coins``, of words that are made here."""
    return bits.plus_minus(words(seed, ids, bits.word_count(dim)), dim)


def hamming(queries: Tensor, items: Tensor) -> Tensor:
    """``reference.hamming``: by POPC, or by tensor cores where both sides have ``DOT`` rows."""
    if len(queries) > len(items):
        return hamming(items, queries).t().contiguous()
    if len(queries) < DOT or queries.shape[-1] > LONG:
        return by_popcount(queries, items)
    return by_dot(queries, items)


def hamming_made(queries: Tensor, seed: int, ids: Tensor, dim: int) -> Tensor:
    """``reference.hamming_made``: for few queries an item never reaches memory."""
    mask = bits.mask(dim, ids.device)
    if len(queries) < DOT:
        return by_popcount(queries & mask, ids, bits.root(seed), mask)
    return hamming(queries & mask, words(seed, ids, len(mask)) & mask)


def by_popcount(
    q: Tensor, x: Tensor, root: int | None = None, mask: Tensor | None = None
) -> Tensor:
    """Distances of few queries to rows x or, with a root, to the atoms of ids x under a mask."""
    (Q, W), N, out = q.shape, len(x), q.new_empty(len(q), len(x), dtype=torch.int32)
    BQ, BW = 1 if Q == 1 else 4, min(32, triton.next_power_of_2(max(1, W)))
    grid = (cdiv(Q, BQ) * cdiv(N, PAIRS.value // (BQ * BW)),)
    arrays = q.contiguous(), x.contiguous(), out
    launch(hamming_kernel, grid, *arrays, Q, N, W, root, mask, BQ=BQ, BW=BW)
    return out


def by_dot(q: Tensor, x: Tensor) -> Tensor:
    """Distances of many queries, exact: they are spread out for tensor cores, items are not."""
    (Q, W), N, out = q.shape, len(x), q.new_empty(len(q), len(x), dtype=torch.int32)
    BQ = min(128, max(16, triton.next_power_of_2(Q)))
    ones = bits.unpack(pad(q, (0, -W % 8, 0, -Q % BQ)), 64 * (W + -W % 8)).view(torch.int8)
    scale = ones.new_tensor([64, 32, 16, 8, 4, 2, 1, 1])
    signs = ((1 - 2 * ones).unflatten(-1, (-1, 8)) * scale).movedim(-1, 0).contiguous()
    arrays = signs, ones.sum(-1, dtype=torch.int32), x.contiguous().view(torch.int8), out
    grid = (cdiv(Q, BQ) * cdiv(N, ITEMS.value),)
    launch(dot_kernel, grid, *arrays, Q, N, 8 * W, BQ=BQ, num_warps=8, num_stages=2)
    return out


@segmentwise
def majority(rows: Tensor, offsets: Tensor, index: Tensor | None, seed: int) -> Tensor:
    """``reference.majority``: carry-save adders for every word of the result at once."""
    out = rows.new_empty(len(offsets) - 1, rows.shape[-1])
    if out.numel():
        own = words(seed, rows.new_zeros(()), rows.shape[-1])
        picked = None if index is None else index.contiguous()
        arrays = rows.contiguous(), offsets.contiguous(), picked, own, out
        depth = max(1, int(offsets.diff().max()).bit_length())
        grid = (cdiv(out.numel(), LANES.value),)
        launch(majority_kernel, grid, *arrays, *out.shape, DEPTH=depth)
    return out
