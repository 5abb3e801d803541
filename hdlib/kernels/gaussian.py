"""Normal numbers on a CPU: hashed, turned and laid out in two passes around torch's functions."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from hdlib.kernels.cpu import CPU, unsigned
from hdlib.kernels.streams import HALF, LOW, Array, U, mix, rooted, stream
from hdlib.kernels.team import compiled

TURN = np.float32(2 * math.pi * 2.0**-32)
UNIT = np.float32(2.0**-32)


def _polar(first: int, last: int, root: U, ids: Array, angle: Array, chance: Array) -> None:
    for i in range(first, last):
        (start, step), around, share = stream(root, ids[i]), angle[i], chance[i]
        for w in range(len(around)):
            word = mix(start + U(w + 1) * step)
            around[w] = np.float32(np.int64(word & LOW)) * TURN
            share[w] = np.float32(np.int64((word >> HALF) + U(1))) * UNIT


def _planar(first: int, last: int, radius: Array, cos: Array, sin: Array, out: Array) -> None:
    for i in range(first, last):
        far, x, y, new = radius[i], cos[i], sin[i], out[i]
        for w in range(len(new) // 2):
            new[2 * w] = far[w] * x[w]
            new[2 * w + 1] = far[w] * y[w]
        if len(new) % 2:
            new[-1] = far[-1] * x[-1]


run_polar, run_planar = compiled(_polar), compiled(_planar)


def normals(seed: int, ids: Tensor, n: int) -> Tensor:
    """``bits.normals`` of ``words``, bit for bit: torch's own functions between two passes."""
    angle, radius = torch.empty(2, ids.numel(), (n + 1) // 2, dtype=torch.float32, device=CPU)
    picked = unsigned(ids.reshape(-1))
    run_polar(len(picked), angle.numel(), rooted(seed), picked, angle.numpy(), radius.numpy())
    radius.log_().mul_(-2).sqrt_()
    cos, sin = angle.cos(), angle.sin_()
    out = torch.empty(len(picked), n, dtype=torch.float32, device=CPU)
    planes = (part.numpy() for part in (radius, cos, sin, out))
    run_planar(len(picked), out.numel() // 2, *planes)
    return out.view(*ids.shape, n)
