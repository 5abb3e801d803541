"""Rows of floats added up on torch's own threads where torch's sum is slow, and looked at, too.

That is where rows begin whole pages of memory apart, so that all fall on the same few places of the
cache, and where there are more numbers than it holds: here each thread adds up few columns of all
rows. What else torch adds up itself: the others, those whose gradients have to pass, other devices.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numba import carray  # type: ignore[attr-defined, unused-ignore]
from torch import Tensor

from hdlib.kernels.floats import INFINITY, SIZE, finite
from hdlib.kernels.instructions import at
from hdlib.kernels.rows import tracked
from hdlib.kernels.team import SLOTS, alone, shares, spread, team
from hdlib.storage import room

# Measured on two cores, 3 to 1,001 rows of 1,024 to 131,072 numbers: torch's sum takes 1.1 to 2.4
# times as long from here on, and is quicker below by up to a fifth.
MANY, PAGE = 3 << 18, 1024  # bytes, and floats of a page of memory
MOST = 1 << 24  # bytes from which rows need not begin pages apart
WIDE = 1024  # columns whose sums stay in the first-level cache
ROUND = 64  # rows that are added up by themselves: few additions in a row round less


def _total(address: Any) -> None:
    plan = carray(address, SLOTS, np.int64)
    many, n, width = plan[6], plan[7], plan[8]
    out = carray(at(plan[4]), (many, width), np.float32)
    rows = carray(at(plan[5]), (many * n, width), np.float32)
    seen = carray(at(plan[4]), (many, width), np.uint32)
    columns, near, most = -(-width // WIDE), np.empty(WIDE, np.float32), np.uint32(0)
    for first, last in shares(plan, many * columns):
        for task in range(first, last):
            s, d0 = task // columns, WIDE * (task % columns)
            total = out[s, d0 : d0 + WIDE]
            some, d1, here = near[: len(total)], d0 + len(total), s * n
            total[:] = 0
            while here < (s + 1) * n:
                end = min(here + ROUND, (s + 1) * n)
                some[:] = 0
                while here + 4 <= end:
                    a, b = rows[here, d0:d1], rows[here + 1, d0:d1]
                    c, e = rows[here + 2, d0:d1], rows[here + 3, d0:d1]
                    for d in range(len(total)):
                        some[d] += (a[d] + b[d]) + (c[d] + e[d])
                    here += 4
                while here < end:
                    a = rows[here, d0:d1]
                    for d in range(len(total)):
                        some[d] += a[d]
                    here += 1
                for d in range(len(total)):
                    total[d] += some[d]
            pattern = seen[s, d0:d1]
            for d in range(len(pattern)):
                most = max(most, pattern[d] & SIZE)
    if most >= INFINITY:
        plan[1] = 1


def fit(xs: Tensor) -> bool:
    """Is torch's sum of these slow, and may another take its place?"""
    if xs.dim() < 2 or xs.nbytes < MANY or xs.dtype not in (torch.float32, torch.complex64):
        return False
    width = xs.shape[-1] * (xs.dtype.itemsize // 4)
    slow = width % PAGE == 0 or xs.nbytes >= MOST
    plain = xs.is_contiguous() and not (xs.is_conj() or xs.is_neg())
    return slow and plain and xs.is_cpu and team() is not None and not tracked(xs)


def total(xs: Tensor) -> tuple[Tensor, bool]:
    """The sum of each stack of rows of floats, ``(…, n, D) -> (…, D)``, and is it finite?

    False leaves it open.

    >>> total(torch.tensor([[1.0, 2], [3, 4]]))
    (tensor([4., 6.]), True)
    """
    if not fit(xs):
        made = xs.sum(-2)
        return made, finite(made)
    (*batch, n, width), each = xs.shape, xs.dtype.itemsize // 4
    out = room((*batch, width), xs.dtype, xs.device)
    few = alone(xs.nbytes // 8, 0)
    return out, spread(_total, few, (out, xs), math.prod(batch), n, each * width)
