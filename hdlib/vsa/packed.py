"""Rows of packed bits: what lies beyond the last bit, distances of all pairs, cyclic moves."""

from __future__ import annotations

import functools
from collections.abc import Callable

import torch
from torch import Tensor

from hdlib import bits, kernels
from hdlib.kernels.rows import broadcast


@functools.lru_cache(maxsize=64)
def beyond(dim: int, device: torch.device) -> Tensor:
    """Ones where the words of a row reach beyond its ``dim`` bits: ``-> (W,)``."""
    return ~bits.mask(dim, device)


def stray(x: Tensor, dim: int) -> str | None:
    """The flaw of packed rows that another dimension has made."""
    rows = x if x.dim() == 2 else x.reshape(-1, x.shape[-1])
    # every verb comes here, with what is known to be words: their type is not asked for again
    if dim == 64 * x.shape[-1] or not kernels.path(x.device).stray(rows, dim):
        return None
    return f"ones beyond bit {dim}; make it with the same dim"


def pairs(kernel: Callable[[Tensor, Tensor], Tensor], x: Tensor, y: Tensor) -> Tensor:
    """A kernel on all pairs, int32: ``(…, n, W), (…, m, W) -> (…, n, m)``."""
    if x.dim() == y.dim() == 2:
        return kernel(x, y)
    batch = broadcast(x.shape[:-2], y.shape[:-2])
    shape = (*batch, x.shape[-2], y.shape[-2])
    if y.shape[:-2].numel() == 1:  # one set of items: every query in one call
        return kernel(x.flatten(0, -2), y.flatten(0, -2)).reshape(shape)
    out = torch.empty(shape, dtype=torch.int32, device=x.device)
    left, right = (v.expand(*batch, *v.shape[-2:]).flatten(0, -3) for v in (x, y))
    for a, b, count in zip(left, right, out.view(-1, *shape[-2:]), strict=True):
        count[:] = kernel(a, b)
    return out


def rotate(x: Tensor, shift: Tensor | int, dim: int) -> Tensor:
    """Move the first ``dim`` bits of packed rows up by ``shift (…,)``, or by one number for all."""
    if isinstance(shift, Tensor):
        batch = broadcast(x.shape[:-1], shift.shape)
        x, places = x.expand(*batch, x.shape[-1]), (shift % dim).expand(batch).reshape(-1)
    rows = x if x.dim() == 2 else x.reshape(-1, x.shape[-1])
    if isinstance(shift, int):
        places = torch.full(rows.shape[:1], shift % dim, device=x.device)
    return kernels.rotate(rows, places, dim).view(x.shape)
