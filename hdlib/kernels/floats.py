"""What float models do with every number, in one pass on a CPU: draw it, or move and flip it.

reference.py says what each means; these are for numbers that need no gradient.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from hdlib.kernels.cpu import HALF, LOW, Array, U, compiled, mix, rooted, stream, unsigned

TURN = np.float32(2 * math.pi * 2.0**-32)
UNIT = np.float32(2.0**-32)


def _shuffle(
    first: int, last: int, rows: Array, codes: Array, top: U, forward: bool, out: Array
) -> None:
    near = np.empty_like(rows[0])  # one end of each jump stays in the first-level cache
    for r in range(first, last):
        code, new = codes[r % len(codes)], out[r]
        if forward:
            near[:] = rows[r]
            for d in range(len(new)):
                new[d] = near[code[d] >> U(1)] ^ U(code[d] & U(1)) << top
        else:
            row = rows[r]
            for d in range(len(new)):
                near[code[d] >> U(1)] = row[d] ^ U(code[d] & U(1)) << top
            new[:] = near


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


run_shuffle, run_polar, run_planar = compiled(_shuffle), compiled(_polar), compiled(_planar)


def shuffle(x: Tensor, codes: Tensor, forward: bool) -> Tensor:
    """``reference.shuffle``: a sign is the bit above all others."""
    out = torch.empty(x.shape, dtype=x.dtype, device="cpu")
    unit, top = (np.uint32, U(31)) if x.dtype == torch.float32 else (np.uint64, U(63))
    rows, into = x.detach().contiguous().resolve_neg().numpy().view(unit), out.numpy().view(unit)
    run_shuffle(len(x), x.numel(), rows, codes.numpy().view(np.uint32), top, forward, into)
    return out


def normals(seed: int, ids: Tensor, n: int) -> Tensor:
    """``bits.normals`` of ``words``, bit for bit: torch's own functions between two passes."""
    angle, radius = torch.empty(2, ids.numel(), (n + 1) // 2, dtype=torch.float32, device="cpu")
    picked = unsigned(ids.reshape(-1))
    run_polar(len(picked), angle.numel(), rooted(seed), picked, angle.numpy(), radius.numpy())
    radius.log_().mul_(-2).sqrt_()
    cos, sin = angle.cos(), angle.sin_()
    out = torch.empty(len(picked), n, dtype=torch.float32, device="cpu")
    planes = (part.numpy() for part in (radius, cos, sin, out))
    run_planar(len(picked), out.numel() // 2, *planes)
    return out.view(*ids.shape, n)
