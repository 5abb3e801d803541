"""Where the results of large batches go, and work on some rows at a time, in the cache."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor
from torch._C._functorch import maybe_current_level
from torch.autograd import forward_ad

from hdlib.storage import room

# Measured on two cores, 2^15 to 2^21 numbers at a time: HRR binds 1,000 pairs quickest at 2^18 for
# D = 1,024 and 10,000; for D = 65,536 four rows at a time take twice as long as sixteen.
CACHE = 1 << 18  # numbers of a result that are made at once
FEWEST = 16  # but not fewer rows


def light(shape: torch.Size, *xs: Tensor) -> bool:
    """Is the result small, or do gradients have to pass? Then it is made as torch likes."""
    return shape.numel() <= CACHE or tracked(*xs)


def tracked(*xs: Tensor) -> bool:
    """Do gradients have to pass, backward or forward, or does torch.func look on?"""
    if maybe_current_level() is not None:
        return True
    forward = forward_ad._current_level >= 0  # without a level no tensor has a tangent
    for x in xs:
        if x.requires_grad and torch.is_grad_enabled():
            return True
        if forward and forward_ad.unpack_dual(x).tangent is not None:
            return True
    return False


def result(*xs: Tensor) -> Tensor | None:
    """Room for what the xs broadcast to, for an ``out=``; None where it is ``light``."""
    shape = broadcast(*(x.shape for x in xs))
    if light(shape, *xs):
        return None
    kind = functools.reduce(torch.promote_types, (x.dtype for x in xs))
    return room(shape, kind, xs[0].device)


def broadcast(*shapes: torch.Size) -> torch.Size:
    """The shape to which shapes broadcast, in a fraction of the time that torch takes to say it."""
    if all(shape == shapes[0] for shape in shapes[1:]):
        return shapes[0]
    return torch.Size(np.broadcast_shapes(*shapes))


def by_rows(
    work: Callable[..., Tensor], shape: torch.Size, kind: torch.dtype, *xs: Tensor
) -> Tensor:
    """``work`` on the rows of all xs, whose batch axes broadcast to those of the result."""
    if shape.numel() and light(shape, *xs):
        return work(*xs)
    out = room(shape, kind, xs[0].device)
    if out.numel():
        fill(out, work, xs, -out.dim())
    return out


def fill(out: Tensor, work: Callable[..., Tensor], xs: Sequence[Tensor], axis: int) -> None:
    """Write ``work(*xs)``, in parts along this axis, and along the next one if they are large."""
    if out.numel() <= CACHE or axis == -1:
        out.copy_(work(*xs))
        return
    rows = out.shape[axis]
    step = max(FEWEST if axis == -2 else 1, CACHE * rows // out.numel())
    for start in range(0, rows, step):
        n = min(step, rows - start)
        cut = [x if x.dim() < -axis or x.shape[axis] == 1 else x.narrow(axis, start, n) for x in xs]
        fill(out.narrow(axis, start, n), work, cut, axis + 1)
