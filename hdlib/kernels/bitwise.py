"""Packed rows bound by XOR and looked at in the same pass: has any ones beyond its last bit?"""

from __future__ import annotations

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

MANY = 1 << 15  # words from which torch shares work among its threads, too
U = np.uint64


def _xor(address: Any) -> None:
    plan = carray(address, SLOTS, np.int64)
    count, width, dim, left, right = plan[5], plan[6], plan[7], plan[8], plan[9]
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


def stepped(x: Tensor, shape: torch.Size) -> tuple[Tensor, int]:
    """Rows one after another, and the words from one to the next: none where one serves all."""
    if x.numel() == shape[-1]:
        return x.contiguous(), 0
    return x.expand(shape).contiguous(), shape[-1]


def xor(x: Tensor, y: Tensor, dim: int) -> tuple[Tensor, bool]:
    """Bits that differ, ``(…, W), (…, W) -> (…, W)``, and has no row ones beyond bit ``dim``?

    False leaves it open where there are no rows.

    >>> xor(torch.tensor([3, 0]), torch.tensor([1, 0]), 2)
    (tensor([2, 0]), True)
    >>> xor(torch.tensor([4]), torch.tensor([4]), 2)
    (tensor([0]), False)
    """
    if x.device.type != "cpu":
        return x ^ y, not any(stray(rows.reshape(-1, rows.shape[-1]), dim) for rows in (x, y))
    shape = broadcast(x.shape, y.shape)
    out = room(shape, torch.int64, x.device)
    if not out.numel():
        return out, False
    (a, left), (b, right) = stepped(x, shape), stepped(y, shape)
    count, width = out.numel() // shape[-1], shape[-1]
    places = out.data_ptr(), a.data_ptr(), b.data_ptr()
    return out, spread(_xor, out.numel() < MANY, *places, count, width, dim, left, right)
