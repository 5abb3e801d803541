"""Bundles on CPUs: sums, signs of sums, and majorities of bits, of segments of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numba
import numpy as np
import torch
from numba import carray  # type: ignore[attr-defined, unused-ignore]
from torch import Tensor

from hdlib import bits
from hdlib.kernels.instructions import at, smaller
from hdlib.kernels.streams import Array, U, luck, stream
from hdlib.kernels.team import SLOTS, alone, shares, spread
from hdlib.storage import room

NONE = torch.empty(0, dtype=torch.int64, device="cpu")  # no index: rows as they come
MANY = 1 << 15  # words of voters from which torch's threads share the work
SHORT = 252  # bytes whose sum fits 16 bits, four at a time
WIDE = 128  # words of a bundle that are added up side by side
LONG = 2048  # columns of a sum that stay in the first-level cache

# A plan holds, from place 4: where the result, the rows, the offsets, the index and a table lie;
# how many rows there are, how wide, how many segments, how long the index, how many voters; then a
# seed, and the table's shape.


@numba.njit(inline="always")
def segments(plan: Array) -> tuple[Array, Array, int, int, int]:
    """Where each segment begins and ends, the index of its rows, empty where there is none; sizes.

    Of the rows and of their width, and how many segments there are.
    """
    whole = np.empty(2, np.int64)
    whole[0], whole[1] = 0, plan[13]
    offsets = carray(at(plan[6]), plan[11] + 1, np.int64) if plan[6] else whole
    return offsets, carray(at(plan[7]), plan[12], np.int64), plan[9], plan[10], plan[11]


@numba.njit
def blocks(plan: Array, many: int, width: int, wide: int) -> Iterator[tuple[int, int]]:
    """Segments, and where some columns of them begin: those that this thread takes."""
    columns = -(-width // wide)
    for first, last in shares(plan, many * columns):
        for task in range(first, last):
            yield task // columns, wide * (task % columns)


@numba.njit(inline="always")
def full_adder(a: U, b: U, c: U) -> tuple[U, U]:
    """Three bits of one weight are one of twice the weight and one of the same."""
    odd = a ^ b
    return (a & b) | (odd & c), odd ^ c


@numba.njit(inline="always")
def voter(rows: Array, here: int, index: Array, d0: int, n: int) -> Array:
    """Some columns of a row, or of the one that an index picks."""
    return rows[index[here] if len(index) else here, d0 : d0 + n]


@numba.njit(inline="always")
def add_up(
    rows: Array, first: int, last: int, index: Array, d0: int, most: int, near: Array, total: Array
) -> None:
    """Some columns of rows ``first`` to ``last``, added up: at most so many at once, ``near``."""
    n, here, short = len(total), first, near[: len(total)]
    total[:] = 0
    while here < last:
        short[:] = 0
        end = min(last, here + most)
        while here + 4 <= end:
            a, b = voter(rows, here, index, d0, n), voter(rows, here + 1, index, d0, n)
            c, e = voter(rows, here + 2, index, d0, n), voter(rows, here + 3, index, d0, n)
            for d in range(n):
                short[d] += (a[d] + b[d]) + (c[d] + e[d])
            here += 4
        while here < end:
            a = voter(rows, here, index, d0, n)
            for d in range(n):
                short[d] += a[d]
            here += 1
        for d in range(n):
            total[d] += short[d]


def _tally(address: Any) -> None:
    plan = carray(address, SLOTS, np.int64)
    offsets, index, count, width, many = segments(plan)
    rows = carray(at(plan[5]), (count, width), np.int8)
    out = carray(at(plan[4]), (many, width), np.int32)
    near = np.empty(LONG, np.int16)
    for s, d0 in blocks(plan, many, width, LONG):
        total = out[s, d0 : d0 + LONG]  # views: their loops become vector code
        add_up(rows, offsets[s], offsets[s + 1], index, d0, SHORT, near, total)


def _bipolar(address: Any) -> None:
    plan = carray(address, SLOTS, np.int64)
    offsets, index, count, width, many = segments(plan)
    rows = carray(at(plan[5]), (count, width), np.int8)
    out = carray(at(plan[4]), (many, width), np.int8)
    near, sums = np.empty(LONG, np.int16), np.empty(LONG, np.int32)
    start, step = stream(U(plan[14]), U(0))
    for s, d0 in blocks(plan, many, width, LONG):
        new = out[s, d0 : d0 + LONG]
        total = sums[: len(new)]
        add_up(rows, offsets[s], offsets[s + 1], index, d0, SHORT, near, total)
        sums[len(new) :] = 1
        for d in range(len(new)):
            new[d] = 1 - 2 * (sums[d] < 0)
        for d in range(0, len(new), 64):
            more = smaller(sums, d, 0)  # as in majority: a one for -1
            tie = smaller(sums, d, 1) & ~more
            if tie:
                flipped = tie & luck(start, step, (d0 + d) // 64, more, tie)
                for b in range(min(64, len(new) - d)):
                    new[d + b] -= 2 * (flipped >> U(b) & U(1))


def _majority(address: Any) -> None:
    plan = carray(address, SLOTS, np.int64)
    offsets, index, count, width, many = segments(plan)
    rows = carray(at(plan[5]), (count, width), U)
    out = carray(at(plan[4]), (many, width), U)
    start, step = stream(U(plan[14]), U(0))
    planes, scratch = np.empty((64, WIDE), np.uint64), np.empty((11, WIDE), np.uint64)
    eight, carry, more, same = scratch[:8], scratch[8], scratch[9], scratch[10]
    for s, w0 in blocks(plan, many, width, WIDE):
        end, wide = offsets[s + 1], min(WIDE, width - w0)
        n, depth = end - offsets[s], 3
        while n >> depth:
            depth += 1
        planes[:depth] = U(0)  # plane j holds bit j of every column sum
        for here in range(offsets[s], end, 8):  # seven adders, one carry of weight 8
            for r in range(8):
                if here + r < end:
                    row = index[here + r] if len(index) else here + r
                    eight[r, :wide] = rows[row, w0 : w0 + wide]
                else:
                    eight[r] = U(0)
            for w in range(wide):
                c1, total = full_adder(eight[0, w], eight[1, w], planes[0, w])
                c2, total = full_adder(eight[2, w], eight[3, w], total)
                c3, total = full_adder(eight[4, w], eight[5, w], total)
                c4, planes[0, w] = full_adder(eight[6, w], eight[7, w], total)
                d1, total = full_adder(c1, c2, planes[1, w])
                d2, planes[1, w] = full_adder(c3, c4, total)
                carry[w], planes[2, w] = full_adder(d1, d2, planes[2, w])
            for j in range(3, depth):
                for w in range(wide):
                    up = planes[j, w] & carry[w]
                    planes[j, w] ^= carry[w]
                    carry[w] = up
        more[:], same[:] = U(0), ~U(0)
        for j in range(depth - 1, -1, -1):  # every column sum against n // 2, high bit first
            for w in range(wide):
                if (n // 2) >> j & 1:
                    same[w] &= planes[j, w]
                else:
                    more[w] |= same[w] & planes[j, w]
                    same[w] &= ~planes[j, w]
        for w in range(wide):
            tie = U(0) if n % 2 else same[w]
            out[s, w0 + w] = more[w] | (tie & luck(start, step, w0 + w, more[w], tie))


def by_segments(
    kernel: Callable[[Any], None],
    kind: torch.dtype,
    ease: int,
    rows: Tensor,
    offsets: Tensor | None,
    index: Tensor | None,
    *more: int,
    table: Tensor = NONE,
) -> tuple[Tensor, bool]:
    """A kernel on segments of rows, ``-> (S, W)`` of this kind, and has it seen no flaw?

    Without offsets, on all of them: ``-> (W,)``. ease: how many numbers are as much work as a word.
    """
    listed = NONE if index is None else index.contiguous()
    (count, width), (named,) = rows.shape, listed.shape
    picked = count if index is None else named
    if offsets is None:
        bounds, many = NONE, 1  # one segment of all
    else:
        bounds, many = offsets.contiguous(), offsets.shape[0] - 1
    shape = (width,) if offsets is None else (many, width)
    rows, out = rows.contiguous(), room(shape, kind, rows.device)
    tensors = out, rows, bounds, listed, table
    few = alone((picked + many) * width // ease, MANY)
    return out, spread(kernel, few, tensors, count, width, many, named, picked, *more)


def tally(rows: Tensor, offsets: Tensor | None, index: Tensor | None) -> Tensor:
    """``reference.tally``, four rows at a time into sums that stay in the cache."""
    return by_segments(_tally, torch.int32, 8, rows, offsets, index)[0]


def bipolar(rows: Tensor, offsets: Tensor | None, index: Tensor | None, seed: int) -> Tensor:
    """``reference.bipolar``: sums never leave the cache."""
    return by_segments(_bipolar, torch.int8, 8, rows, offsets, index, bits.root(seed))[0]


def majority(rows: Tensor, offsets: Tensor | None, index: Tensor | None, seed: int) -> Tensor:
    """``reference.majority``, eight rows at a time through carry-save adders."""
    return by_segments(_majority, torch.int64, 1, rows, offsets, index, bits.root(seed))[0]
