"""Packed rows bound by XOR, bytes by products, and looked at in the same pass.

Of rows: has any ones beyond its last bit? Of products: might one not fit a byte?
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import torch
from numba import carray  # type: ignore[attr-defined, unused-ignore]
from torch import Tensor

from hdlib.kernels.instructions import at
from hdlib.kernels.reference import stray
from hdlib.kernels.rows import broadcast
from hdlib.kernels.streams import Array, U
from hdlib.kernels.team import SLOTS, alone, shares, spread
from hdlib.storage import room

MANY = 1 << 15  # words of a result from which torch's threads share the work


@numba.njit(inline="always")
def row(x: Array, r: int, rows: int, count: int, width: int) -> Array:
    """Row r, of rows that begin again until they are ``count``."""
    own = r if rows == count else r % rows
    return x[own * width : (own + 1) * width]


def _xor(address: Any) -> None:
    plan = carray(address, SLOTS, np.int64)
    count, width, left, right, dim = plan[7], plan[8], plan[9], plan[10], plan[11]
    out = carray(at(plan[4]), count * width, U)
    x = carray(at(plan[5]), left * width, U)
    y = carray(at(plan[6]), right * width, U)
    place, ones = dim // 64, U(0)
    for first, last in shares(plan, count):
        for r in range(first, last):
            new = out[r * width : (r + 1) * width]
            a, b = row(x, r, left, count, width), row(y, r, right, count, width)
            for w in range(width):
                new[w] = a[w] ^ b[w]
            if place < width:
                ones |= (a[place] | b[place]) >> U(dim % 64)
            for w in range(place + 1, width):
                ones |= a[w] | b[w]
    if ones:
        plan[1] = 1


def _times(address: Any) -> None:
    plan = carray(address, SLOTS, np.int64)
    count, width, left, right = plan[7], plan[8], plan[9], plan[10]
    out = carray(at(plan[4]), count * width, np.int8)
    x = carray(at(plan[5]), left * width, np.int8)
    y = carray(at(plan[6]), right * width, np.int8)
    worst = np.int64(0)
    for first, last in shares(plan, count):
        for r in range(first, last):
            new = out[r * width : (r + 1) * width]
            a, b = row(x, r, left, count, width), row(y, r, right, count, width)
            low = high = least = most = np.int8(0)
            for d in range(width):
                new[d] = a[d] * b[d]
            for d in range(width):
                low, high = min(low, a[d]), max(high, a[d])
                least, most = min(least, b[d]), max(most, b[d])
            left_peak = max(np.int64(high), -np.int64(low))  # bytes have no 128
            right_peak = max(np.int64(most), -np.int64(least))
            worst = max(worst, left_peak * right_peak)
    if worst > 127:
        plan[1] = 1


def alike(verb: str, kind: torch.dtype, x: Tensor, y: Tensor) -> None:
    """Refuse, before any work, what are not rows of this type, of one width and on one device."""
    if not x.dtype == y.dtype == kind:
        raise TypeError(f"{verb}: rows must be {kind}, got {x.dtype} and {y.dtype}")
    if not (x.dim() and y.dim() and x.shape[-1] == y.shape[-1] and x.device == y.device):
        got = f"{tuple(x.shape)} on {x.device} and {tuple(y.shape)} on {y.device}"
        raise ValueError(f"{verb}: widths or devices differ, {got}; make both with one space")


def repeats(x: Tensor, shape: torch.Size) -> bool:
    """Do the rows of x, in their order, begin again and again in this shape?"""
    own = x.shape
    if own == shape:
        return True
    while len(own) > 1 and own[0] == 1:
        own = own[1:]
    return own == shape[len(shape) - len(own) :]


def bound(
    kernel: Callable[[Any], None], x: Tensor, y: Tensor, *more: int
) -> tuple[Tensor, bool] | None:
    """Rows bound pair by pair; has nothing been found? None where plain torch should do it."""
    shape = broadcast(x.shape, y.shape)
    if x.device.type != "cpu" or not (repeats(x, shape) and repeats(y, shape)):
        return None
    out, width = room(shape, x.dtype, x.device), shape[-1]
    if not out.numel():
        return out, False
    x, y = x.contiguous(), y.contiguous()
    count = out.numel() // width
    left, right = x.numel() // width, y.numel() // width
    few = alone(out.numel() * out.itemsize // 8, MANY)
    done = spread(kernel, few, (out, x, y), count, width, left, right, *more)
    return out, done


def xor(x: Tensor, y: Tensor, dim: int) -> tuple[Tensor, bool]:
    """Bits that differ, ``(…, W), (…, W) -> (…, W)``, and has no row ones beyond bit ``dim``?

    False leaves it open where there are no rows.

    >>> xor(torch.tensor([3, 0]), torch.tensor([1, 0]), 2)
    (tensor([2, 0]), True)
    >>> xor(torch.tensor([4]), torch.tensor([4]), 2)
    (tensor([0]), False)
    """
    alike("xor", torch.int64, x, y)
    if not 0 < dim <= 64 * x.shape[-1]:
        raise ValueError(f"xor: dim {dim} does not fit rows of {x.shape[-1]} words")
    made = bound(_xor, x, y, dim)
    if made is None:
        flat = (rows.reshape(-1, rows.shape[-1]) for rows in (x, y))
        made = x ^ y, not any(stray(rows, dim) for rows in flat)
    return made


def times(x: Tensor, y: Tensor) -> tuple[Tensor, bool]:
    """Products of bytes, ``(…, D), (…, D) -> (…, D)`` int8; do they fit, by the peaks of each pair?

    False leaves it open: the peaks need not meet, and there may be no rows.

    >>> times(torch.tensor([11, -1]).char(), torch.tensor([11, 10]).char())
    (tensor([121, -10], dtype=torch.int8), True)
    >>> times(torch.tensor([11, -1]).char(), torch.tensor([11, 12]).char())[1]
    False
    """
    alike("times", torch.int8, x, y)
    made = bound(_times, x, y)
    if made is None:
        first, second = (rows.to(torch.int16).abs().amax(-1) for rows in (x, y))
        made = x * y, bool((first * second <= 127).all())
    return made
