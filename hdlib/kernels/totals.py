"""Rows of floats added up on torch's own threads where torch's sum is slow, and looked at, too.

That is where rows begin whole pages of memory apart, so that all fall on the same few places of the
cache, and where there are more numbers than it holds: here each thread adds up few columns of all
rows. What else torch adds up itself: the others, those whose gradients have to pass, other devices.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import carray  # type: ignore[attr-defined, unused-ignore]
from torch import Tensor

from hdlib.kernels.bundles import add_up, blocks
from hdlib.kernels.floats import INFINITY, SIZE, finite, together
from hdlib.kernels.instructions import at
from hdlib.kernels.team import SLOTS, alone, spread
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
    near, most, index = np.empty(WIDE, np.float32), np.uint32(0), np.empty(0, np.int64)
    for s, d0 in blocks(plan, many, width, WIDE):
        add_up(rows, s * n, (s + 1) * n, index, d0, ROUND, near, out[s, d0 : d0 + WIDE])
        pattern = seen[s, d0 : d0 + WIDE]
        for d in range(len(pattern)):
            most = max(most, pattern[d] & SIZE)
    if most >= INFINITY:
        plan[1] = 1


def fit(xs: Tensor) -> bool:
    """Is torch's sum of these slow, and may another take its place?"""
    if xs.dim() < 2 or xs.nbytes < MANY:
        return False
    slow = xs.shape[-1] * (xs.dtype.itemsize // 4) % PAGE == 0 or xs.nbytes >= MOST
    return slow and xs.is_contiguous() and not (xs.is_conj() or xs.is_neg()) and together(xs)


def total(xs: Tensor) -> tuple[Tensor, bool]:
    """The sum of each stack of rows of floats, ``(…, n, D) -> (…, D)``, and is it finite?

    False leaves it open.

    >>> import torch
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
