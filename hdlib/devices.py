"""Which device to compute on, and room for large results there."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

LARGE = 1 << 25  # bytes from which malloc hands out no memory that was used before


def best_device() -> torch.device:
    """CUDA where there is one, else the CPU. Taught in notebook 00.

    >>> best_device().type in ("cuda", "cpu")
    True
    """
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def room(shape: tuple[int, ...], kind: torch.dtype, device: torch.device) -> Tensor:
    """An empty tensor. A large one on the CPU lies in huge pages where Linux lends them.

    The first write to a page costs far more than the write itself, and huge pages are 512 times
    fewer. numpy asks for them and torch does not; torch's start at 64 bytes, as vector code likes.
    A smaller one often lies where another has just been given back, whose pages are there.

    >>> room((2, 3), torch.float32, torch.device("cpu")).shape
    torch.Size([2, 3])
    """
    size = math.prod(shape) * kind.itemsize
    if size < LARGE or device.type != "cpu":
        return torch.empty(shape, dtype=kind, device=device)
    with torch.device("cpu"):
        octets = torch.from_numpy(np.empty(size + 64, np.uint8))
    start = -octets.data_ptr() % 64
    return octets[start : start + size].view(kind).view(shape)
