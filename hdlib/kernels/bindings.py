"""Packed rows bound by XOR, bytes by products, and looked at in the same pass.

Of rows: has any ones beyond its last bit? Of products: might one not fit a byte?
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numba import carray  # type: ignore[attr-defined, unused-ignore]
from torch import Tensor

from hdlib.kernels.instructions import add_one, at
from hdlib.kernels.reference import stray
from hdlib.kernels.rows import broadcast
from hdlib.kernels.team import PARTS, SLOTS, spread
from hdlib.storage import room

MANY = 1 << 18  # bytes from which it pays to share work among threads
U = np.uint64


def _xor(address: Any) -> None:
    plan = carray(address, SLOTS, np.int64)
    count, width, left, right, dim = plan[5], plan[6], plan[7], plan[8], plan[9]
    out = carray(at(plan[2]), count * width, U)
    x = carray(at(plan[3]), (count - 1) * left + width, U)
    y = carray(at(plan[4]), (count - 1) * right + width, U)
    place, ones, part = dim // 64, U(0), add_one(plan)
    while part < PARTS:
        for r in range(count * part // PARTS, count * (part + 1) // PARTS):
            new = out[r * width : (r + 1) * width]
            a, b = x[r * left : r * left + width], y[r * right : r * right + width]
            for w in range(width):
                new[w] = a[w] ^ b[w]
            if place < width:
                ones |= (a[place] | b[place]) >> U(dim % 64)
            for w in range(place + 1, width):
                ones |= a[w] | b[w]
        part = add_one(plan)
    if ones:
        plan[1] = 1


def _times(address: Any) -> None:
    plan = carray(address, SLOTS, np.int64)
    count, width, left, right = plan[5], plan[6], plan[7], plan[8]
    out = carray(at(plan[2]), count * width, np.int8)
    x = carray(at(plan[3]), (count - 1) * left + width, np.int8)
    y = carray(at(plan[4]), (count - 1) * right + width, np.int8)
    worst, part = np.int64(0), add_one(plan)
    while part < PARTS:
        for r in range(count * part // PARTS, count * (part + 1) // PARTS):
            new = out[r * width : (r + 1) * width]
            a, b = x[r * left : r * left + width], y[r * right : r * right + width]
            low = high = least = most = np.int8(0)
            for d in range(width):
                new[d] = a[d] * b[d]
            for d in range(width):
                low, high = min(low, a[d]), max(high, a[d])
                least, most = min(least, b[d]), max(most, b[d])
            first = max(np.int64(high), -np.int64(low))  # bytes have no 128
            second = max(np.int64(most), -np.int64(least))
            worst = max(worst, first * second)
        part = add_one(plan)
    if worst > 127:
        plan[1] = 1


def stepped(x: Tensor, shape: torch.Size) -> tuple[Tensor, int]:
    """Rows one after another, and the numbers from one to the next: none where one serves all."""
    if x.numel() == shape[-1]:
        return x.contiguous(), 0
    return (x if x.shape == shape else x.expand(shape)).contiguous(), shape[-1]


def bound(kernel: Callable[[Any], None], x: Tensor, y: Tensor, *more: int) -> tuple[Tensor, bool]:
    """Rows bound pair by pair, ``(…, W), (…, W) -> (…, W)``; has nothing been found?"""
    shape = broadcast(x.shape, y.shape)
    out = room(shape, x.dtype, x.device)
    if not out.numel():
        return out, False
    (a, left), (b, right) = stepped(x, shape), stepped(y, shape)
    places, count = (out.data_ptr(), a.data_ptr(), b.data_ptr()), out.numel() // shape[-1]
    given = *places, count, shape[-1], left, right, *more
    return out, spread(kernel, out.nbytes < MANY, *given)


def xor(x: Tensor, y: Tensor, dim: int) -> tuple[Tensor, bool]:
    """Bits that differ, ``(…, W), (…, W) -> (…, W)``, and has no row ones beyond bit ``dim``?

    False leaves it open where there are no rows.

    >>> xor(torch.tensor([3, 0]), torch.tensor([1, 0]), 2)
    (tensor([2, 0]), True)
    >>> xor(torch.tensor([4]), torch.tensor([4]), 2)
    (tensor([0]), False)
    """
    if x.device.type == "cpu":
        return bound(_xor, x, y, dim)
    return x ^ y, not any(stray(rows.reshape(-1, rows.shape[-1]), dim) for rows in (x, y))


def times(x: Tensor, y: Tensor) -> tuple[Tensor, bool]:
    """Products of bytes, ``(…, D), (…, D) -> (…, D)`` int8; do they fit, by the peaks of each pair?

    False leaves it open: the peaks need not meet, and there may be no rows.

    >>> times(torch.tensor([11, -1]).char(), torch.tensor([11, 10]).char())
    (tensor([121, -10], dtype=torch.int8), True)
    >>> times(torch.tensor([11, -1]).char(), torch.tensor([11, 12]).char())[1]
    False
    """
    if x.device.type == "cpu":
        return bound(_times, x, y)
    peaks = [rows.to(torch.int16).abs().amax(-1) for rows in (x, y)]
    return x * y, bool((peaks[0] * peaks[1] <= 127).all())
