"""Floats are moved, or multiplied, on torch's own threads, and looked at in the same pass.

The look is for NaN and infinity, which no verb takes: a pass of its own would cost as much again.
Few numbers, those whose gradients have to pass, other devices than CPUs, and systems where torch's
OpenMP has no door for others are served by torch itself.
"""

from __future__ import annotations

import cmath
import functools
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import torch
from numba import carray  # type: ignore[attr-defined, unused-ignore]
from torch import Tensor

from hdlib.kernels.instructions import at, store_past
from hdlib.kernels.rows import result, tracked
from hdlib.kernels.streams import Array
from hdlib.kernels.team import SLOTS, alone, shares, spread, team
from hdlib.storage import room

KINDS = (torch.float32, torch.complex64)
MANY = 1 << 15  # numbers from which torch shares work among its threads, too
PAST = 1 << 24  # bytes of a result that the cache cannot hold beside its source
LINE = 16  # floats of a line of memory
NEAR = 512  # floats that stay in the first-level cache
SIZE = np.uint32(0x7FFFFFFF)  # all bits of a float but its sign
INFINITY = np.uint32(0x7F800000)  # the bits of NaN are more


@numba.njit(inline="always")
def copied(old: Array, new: Array, most: Any) -> Any:
    """Copy bits of floats; the greatest magnitude so far."""
    for d in range(len(old)):
        new[d] = old[d]
        most = max(most, old[d] & SIZE)
    return most


@numba.njit(inline="always")
def streamed(old: Array, new: Array, lead: int, most: Any) -> Any:
    """The same, past the cache: a line of memory begins at ``new[lead]``."""
    most = copied(old[:lead], new[:lead], most)
    for start in range(lead, len(old), NEAR):
        source, result = old[start : start + NEAR], new[start : start + NEAR]
        whole = len(source) - len(source) % LINE
        for d in range(0, whole, LINE):
            store_past(source, result, d)
        for d in range(whole):
            most = max(most, source[d] & SIZE)
        most = copied(source[whole:], result[whole:], most)
    return most


def _roll(address: Any) -> None:
    plan = carray(address, SLOTS, np.int64)
    past, count, width, shift = plan[6] != 0, plan[7], plan[8], plan[9]
    out = carray(at(plan[4]), (count, width), np.uint32)
    rows = carray(at(plan[5]), (count, width), np.uint32)
    cut, most = width - shift, np.uint32(0)
    for first, last in shares(plan, count):
        for r in range(first, last):
            row, new = rows[r], out[r]
            if past:
                most = streamed(row[cut:], new[:shift], -r * width % LINE, most)
                most = streamed(row[:cut], new[shift:], -(r * width + shift) % LINE, most)
            else:
                most = copied(row[cut:], new[:shift], most)
                most = copied(row[:cut], new[shift:], most)
    if most >= INFINITY:
        plan[1] = 1


def _product(address: Any) -> None:
    plan = carray(address, SLOTS, np.int64)
    past, count = plan[7] != 0, plan[8]
    out = carray(at(plan[4]), count, np.uint32)
    left = carray(at(plan[5]), count, np.float32)
    right = carray(at(plan[6]), count, np.float32)
    near, most = np.empty(NEAR, np.float32), np.uint32(0)
    for first, last in shares(plan, -(-count // NEAR)):
        for block in range(first, last):
            some = slice(NEAR * block, NEAR * (block + 1))
            a, b, new = left[some], right[some], out[some]
            for d in range(len(a) // 2):
                x, y, u, v = a[2 * d], a[2 * d + 1], b[2 * d], b[2 * d + 1]
                near[2 * d], near[2 * d + 1] = x * u - y * v, x * v + y * u
            made = near.view(np.uint32)[: len(a)]
            most = streamed(made, new, 0, most) if past else copied(made, new, most)
    if most >= INFINITY:
        plan[1] = 1


def made(kernel: Callable[[Any], None], out: Tensor, xs: tuple[Tensor, ...], *needs: int) -> bool:
    """Let all threads fill ``out``; is all of it finite?"""
    past = out.nbytes > PAST and out.data_ptr() % 64 == 0  # where lines of memory begin
    return spread(kernel, alone(out.nbytes // 8, 0), (out, *xs), past, *needs)


def in_order(x: Tensor) -> Tensor:
    """Numbers one after another, as they are in memory."""
    if x.is_conj() or x.is_neg():
        x = x.resolve_conj().resolve_neg()
    return x.contiguous()


def together(x: Tensor, *ys: Tensor) -> bool:
    """Are these so many floats, of one kind and shape, that all threads should work on them?"""
    if x.numel() < MANY or x.dtype not in KINDS or not x.is_cpu or team() is None:
        return False
    for y in ys:
        if not (y.shape == x.shape and y.dtype == x.dtype and y.is_cpu):
            return False
    return not tracked(x, *ys)


def finite(x: Tensor) -> bool:
    """Is the sum, and so each number? The quickest pass; false leaves it open."""
    real = x.is_floating_point() or x.is_complex()
    return not real or cmath.isfinite(x.sum().item())


def roll(x: Tensor, shift: int) -> tuple[Tensor, bool]:
    """Numbers moved up by ``shift``, around the end: ``(…, n) -> (…, n)``.

    And are they finite? False leaves it open: a sum of finite numbers may be infinite.

    >>> roll(torch.tensor([1.0, 2, 3]), 1)
    (tensor([3., 1., 2.]), True)
    """
    if not x.dim():
        raise ValueError("roll: expected a vector, got a tensor without axes")
    shift %= max(1, x.shape[-1])
    if together(x):
        old, out = in_order(x), room(x.shape, x.dtype, x.device)
        each = x.dtype.itemsize // 4  # floats of a number
        width = each * x.shape[-1]
        return out, made(_roll, out, (old,), x.nbytes // 4 // width, width, each * shift)
    moved, cut = result(x), x.shape[-1] - shift
    if moved is None:
        moved = x.roll(shift, -1)
    else:
        torch.cat([x[..., cut:], x[..., :cut]], -1, out=moved)
    return moved, finite(x)


def product(*xs: Tensor) -> tuple[Tensor, bool]:
    """Numbers multiplied, ``(…, n), (…, n) … -> (…, n)``, and the same answer about them.

    >>> product(torch.tensor([1j]), torch.tensor([2 + 1j]))
    (tensor([-1.+2.j]), True)
    """
    if len(xs) == 2 and xs[0].is_complex() and together(*xs):
        (x, y), out = map(in_order, xs), room(xs[0].shape, xs[0].dtype, xs[0].device)
        return out, made(_product, out, (x, y), x.nbytes // 4)
    place = result(*xs) if len(xs) > 1 else None
    if place is None:
        total = functools.reduce(torch.mul, xs)
    else:
        total, *others = xs[0].expand_as(place), *xs[1:]  # no product has a temporary
        for other in others:
            total = torch.mul(total, other, out=place)
    return total, finite(total)
