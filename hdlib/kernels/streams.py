"""The random bits of ``bits`` in unsigned arithmetic, for kernels that numba compiles."""

from __future__ import annotations

import functools

import numba
import numpy as np

from hdlib import bits
from hdlib.kernels.instructions import popcount

U = np.uint64
Array = np.ndarray
GAMMA, MIX_A, MIX_B = (U(c % 2**64) for c in (bits.GAMMA, bits.MIX_A, bits.MIX_B))
ALTERNATING = U(bits.ALTERNATING % 2**64)
HALF, LOW = U(32), U(bits.LOW)


@numba.njit(inline="always")
def mix(x: U) -> U:
    """``bits.mix`` in unsigned arithmetic: the same 64 bits."""
    x = (x ^ (x >> U(30))) * MIX_A
    x = (x ^ (x >> U(27))) * MIX_B
    return x ^ (x >> U(31))


@numba.njit(inline="always")
def stream(root: U, id_: U) -> tuple[U, U]:
    """``bits.streams`` of one id, given the mixed seed."""
    start = mix(root + id_ * GAMMA)
    step = mix(start + GAMMA) | U(1)
    if popcount(step ^ (step >> U(1))) < U(24):
        step ^= ALTERNATING
    return start, step


@numba.njit(inline="always")
def luck(start: U, step: U, w: int, more: U, same: U) -> U:
    """Word w of ``bits.tie_words``, given the stream of id 0."""
    return mix(mix(mix(start + U(w + 1) * step) ^ more) + same)


@functools.lru_cache(1024)
def rooted(seed: int) -> U:
    """``bits.root`` as an unsigned word."""
    return U(bits.root(seed) % 2**64)
