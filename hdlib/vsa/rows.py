"""Where the results of large batches go, and work on some rows at a time, in the cache."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from hdlib.devices import room

CACHE = 1 << 18  # numbers of a result that are made at once


def traced(*xs: Tensor) -> bool:
    """Do gradients have to pass? Then nothing is written in place."""
    return torch.is_grad_enabled() and any(x.requires_grad for x in xs)


def result(*xs: Tensor) -> Tensor | None:
    """Room for what the xs broadcast to, as an ``out=``; None where gradients have to pass."""
    if traced(*xs):
        return None
    shape, kind = xs[0].shape, xs[0].dtype
    for x in xs[1:]:
        shape = shape if x.shape == shape else torch.broadcast_shapes(shape, x.shape)
        kind = torch.promote_types(kind, x.dtype)
    return room(shape, kind, xs[0].device)


def by_rows(
    work: Callable[..., Tensor], shape: torch.Size, kind: torch.dtype, *xs: Tensor
) -> Tensor:
    """``work`` on the rows of all xs, whose batch axes broadcast to those of the result."""
    out = room(shape, kind, xs[0].device)
    if out.numel() == 0:
        return out
    if traced(*xs):
        return work(*xs)
    fill(out, work, xs, -out.dim())
    return out


def fill(out: Tensor, work: Callable[..., Tensor], xs: Sequence[Tensor], axis: int) -> None:
    """Write ``work(*xs)``, in parts along this axis, and along the next one if they are large."""
    if out.numel() <= CACHE or axis == -1:
        out.copy_(work(*xs))
        return
    rows = out.shape[axis]
    step = max(1, CACHE * rows // out.numel())
    for start in range(0, rows, step):
        n = min(step, rows - start)
        cut = [x if x.dim() < -axis or x.shape[axis] == 1 else x.narrow(axis, start, n) for x in xs]
        fill(out.narrow(axis, start, n), work, cut, axis + 1)
