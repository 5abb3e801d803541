"""What float models do with every number, in one pass on a CPU: move, flip, add up, draw.

reference.py says what each means; these are for numbers that need no gradient. What a memory's
bandwidth limits runs on one thread: a second one gave nothing where it was measured.
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
import torch
from torch import Tensor

from hdlib.devices import room
from hdlib.kernels.cpu import HALF, LOW, Array, U, compiled, mix, rooted, stream, unsigned

WIDE = 2048  # columns of a sum that stay in the first-level cache
TURN = np.float32(2 * math.pi * 2.0**-32)
UNIT = np.float32(2.0**-32)
EXPONENTS: dict[torch.dtype, Any] = {  # all bits of a float's exponent, and the lowest of them
    torch.float32: (np.uint32(0xFF << 23), np.uint32(1 << 23)),
    torch.float64: (np.uint64(0x7FF << 52), np.uint64(1 << 52)),
}


@numba.njit(inline="always")
def copied(old: Array, new: Array, exponent: U, lowest: U) -> U:
    """Copy a row of bits. The greatest exponent is that of NaN and infinity: it carries over."""
    seen = exponent ^ exponent
    for d in range(len(old)):
        new[d] = old[d]
        seen |= (old[d] & exponent) + lowest
    return seen


def _roll(
    first: int, last: int, rows: Array, shift: int, exponent: U, lowest: U, out: Array
) -> bool:
    cut, seen = rows.shape[1] - shift, exponent ^ exponent
    for r in range(first, last):
        seen |= copied(rows[r, :cut], out[r, shift:], exponent, lowest)
        seen |= copied(rows[r, cut:], out[r, :shift], exponent, lowest)
    return bool(seen & (exponent + lowest))


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


def _sums(first: int, last: int, stacks: Array, out: Array) -> None:
    columns, n = -(-stacks.shape[2] // WIDE), stacks.shape[1]
    for task in range(first, last):
        s, some = task // columns, slice(WIDE * (task % columns), WIDE * (task % columns + 1))
        total, rows = out[s, some], stacks[s]
        total[:] = 0
        for r in range(n % 8):
            row = rows[r, some]
            for d in range(len(total)):
                total[d] += row[d]
        for r in range(n % 8, n, 8):  # in pairs of pairs: rounding grows with an eighth of n
            a, b, c, e = rows[r, some], rows[r + 1, some], rows[r + 2, some], rows[r + 3, some]
            f, g, h, i = rows[r + 4, some], rows[r + 5, some], rows[r + 6, some], rows[r + 7, some]
            for d in range(len(total)):
                left, right = (a[d] + b[d]) + (c[d] + e[d]), (f[d] + g[d]) + (h[d] + i[d])
                total[d] += left + right


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


run_roll, run_shuffle, run_sums = compiled(_roll), compiled(_shuffle), compiled(_sums)
run_polar, run_planar = compiled(_polar), compiled(_planar)


def plain(x: Tensor) -> Tensor:
    """The numbers one after another, complex ones as two: ``(…, n) -> (…, n or 2 n)``."""
    x = x.resolve_conj().resolve_neg().contiguous()
    return torch.view_as_real(x).flatten(-2) if x.is_complex() else x


def roll(x: Tensor, shift: int) -> tuple[Tensor, bool]:
    """``reference.roll``: numbers are moved and looked at together."""
    old, out = plain(x), room(x.shape, x.dtype, x.device)
    exponent, lowest = EXPONENTS[old.dtype]
    width, unit = old.shape[-1], exponent.dtype
    rows, into = (part.numpy().reshape(-1, width).view(unit) for part in (old, plain(out)))
    step = shift * width // x.shape[-1]
    return out, not any(run_roll(len(rows), 0, rows, step, exponent, lowest, into))


def sums(x: Tensor) -> Tensor:
    """``reference.sums``, some columns at a time, which stay in the cache."""
    numbers = plain(x)
    *batch, n, width = numbers.shape
    out = torch.empty(*batch, width, dtype=numbers.dtype, device="cpu")
    stacks = numbers.numpy().reshape(math.prod(batch), n, width)
    tasks = len(stacks) * -(-width // WIDE)
    run_sums(tasks, 0, stacks, out.numpy().reshape(-1, width))
    return torch.view_as_complex(out.unflatten(-1, (-1, 2))) if x.is_complex() else out


def shuffle(x: Tensor, codes: Tensor, forward: bool) -> Tensor:
    """``reference.shuffle``: a sign is the bit above all others."""
    out = torch.empty_like(x, memory_format=torch.contiguous_format)
    unit, top = (np.uint32, U(31)) if x.dtype == torch.float32 else (np.uint64, U(63))
    rows, into = plain(x).numpy().view(unit), out.numpy().view(unit)
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
