"""Room for large results: in huge pages where Linux lends them, and used more than once."""

from __future__ import annotations

import math
import weakref

import numpy as np
import torch
from torch import Tensor

LARGE = 1 << 23  # bytes from which it pays: smaller ones share the cache with all that malloc has
IDLE = 1 << 29  # bytes that wait for later results at most
SPARE = 4  # a block may be larger than what it is used for by one part in so many
ALIGNED = 64  # bytes: vector code likes results to start at a multiple

Block = np.ndarray  # of bytes
_idle: dict[int, Block] = {}  # what nobody uses, by address; what was given back last comes last


def room(shape: tuple[int, ...], kind: torch.dtype, device: torch.device) -> Tensor:
    """An empty tensor. A large one on the CPU lies where an earlier one lay, if it can.

    The first write to a page of memory costs far more than the write itself, and torch has large
    results in new pages each time. Here few blocks are kept when their tensors are gone. New ones
    come from numpy, which asks for huge pages: they are 512 times fewer.

    >>> room((2, 3), torch.float32, torch.device("cpu")).shape
    torch.Size([2, 3])
    """
    size = math.prod(shape) * kind.itemsize
    if size < LARGE or device.type != "cpu":
        sizes = shape or ((),)  # unpacked, torch reads them in half the time
        return torch.empty(*sizes, dtype=kind, device=device)
    with torch.device("cpu"):
        octets = torch.from_numpy(borrowed(size + ALIGNED))
    start = -octets.data_ptr() % ALIGNED
    return octets[start : start + size].view(kind).view(shape)


def borrowed(size: int) -> Block:
    """So many bytes, which return to the idle ones when nothing refers to them any more."""
    for block in reversed(list(_idle.values())):  # the last may still be in the cache
        fits = size <= len(block) <= size + size // SPARE
        if fits and _idle.pop(block.ctypes.data, None) is not None:  # None: another was quicker
            break
    else:
        block = np.empty(size, np.uint8)
    lent: Block = block[:size]
    weakref.finalize(lent, give_back, block).atexit = False
    return lent


def give_back(block: Block) -> None:
    """Keep a block for later, and forget those that have waited longest if they are too many."""
    if len(block) > IDLE:
        return
    _idle[block.ctypes.data] = block
    while sum(map(len, list(_idle.values()))) > IDLE:
        _idle.pop(next(iter(list(_idle)), 0), None)
