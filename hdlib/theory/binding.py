"""Binding again and again: what is left of a filler after many keys were put on and taken off."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from hdlib.theory.bundle import EXACT, ORTHOGONAL, at_least


def rebind_similarity(
    model: str, times: npt.ArrayLike, kind: str | None = None, *, dim: npt.ArrayLike = math.inf
) -> Any:
    """Expected similarity to x of x bound to ``times`` fresh keys and unbound from all of them.

    1 where binding is undone exactly. In HRR every key multiplies the energy of x at each frequency
    by an exponential variable: 2^(-times / 2) in the limit; at finite D the mean of the ratio is
    integrated over all of them. The matrices of VTB and Gaussian MBAT multiply to a product W of
    Wishart type, and m = d E tr(W²) / E tr(W)² grows by one a key, m = times + 1 in the limit; then
    1 / sqrt(m).

    Assumes independent atoms. Kind: exact (1), else approximate: to O(1 / D) for HRR; for VTB too
    low, with 7 keys by 0.04 at D = 64 and by 0.015 at D = 2,304. Source: Plate 1995,
    doi:10.1109/72.377968, for one key; derived for this course beyond. Taught in notebook 02.

    >>> rebind_similarity("HRR", [1, 2, 3]).round(3), rebind_similarity("VTB", [1, 2, 3]).round(3)
    (array([0.707, 0.5  , 0.354]), array([0.707, 0.577, 0.5  ]))
    >>> float(rebind_similarity("BSC", 7))
    1.0
    """
    count, d = np.broadcast_arrays(at_least("times", times, 0), at_least("dim", dim, 1))
    if model in EXACT or (model == "MBAT" and (kind or "permutation") in ORTHOGONAL):
        return np.ones(count.shape)[()]
    if model == "HRR":
        return np.vectorize(_convolved, otypes=[np.float64])(count, d)[()]
    if model in ("VTB", "MBAT"):
        side = np.sqrt(d) if model == "VTB" else d
        moment = np.vectorize(_product_moment, otypes=[np.float64])(count, 1 / side)
    else:
        raise ValueError(f"rebind_similarity: no model {model!r}")
    return (1 / np.sqrt(moment))[()]


LOGS = np.arange(-30, 12, 0.05)  # of the energy that is left at a frequency
SCALES = np.exp(np.arange(-30, 25, 0.25))


@functools.lru_cache(maxsize=1024)
def _convolved(times: float, dim: float) -> float:
    """E[Σ e p / sqrt(Σ e · Σ e p²)] over D/2 frequencies, p a product of exponentials, e another.

    1 / sqrt(M) = ∫ exp(-s M) / sqrt(π s) ds makes the mean a product over frequencies.
    """
    if times == 0:
        return 1.0
    if not math.isfinite(dim):
        return float(2 ** (-times / 2))
    step = np.exp(LOGS - np.exp(LOGS)) * 0.05  # the logarithm of an exponential variable
    mass = step
    for _ in range(int(times) - 1):
        zero = int(np.argmin(np.abs(LOGS)))
        mass = np.convolve(mass, step)[zero : zero + len(LOGS)]
    energy, half = np.exp(LOGS), max(1.0, dim / 2)
    q = SCALES[:, None] * energy**2 / half
    one = (energy / (1 + q) ** 2) @ mass
    others = np.exp((half - 1) * np.log1p(-np.minimum((q / (1 + q)) @ mass, 1 - 1e-12)))
    total = (np.sqrt(SCALES) * one * others).sum() * 0.25 / math.sqrt(math.pi)
    return float(min(1.0, total))


def _product_moment(times: float, inverse: float) -> float:
    """d E tr(S²) / E tr(S)² for S = AᵀA, A a product of d × d matrices with entries N(0, 1/d).

    With W Wishart, E tr(W S W S) = (1 + 1/d) tr(S²) + tr(S)² / d and
    E tr(W S)² = tr(S)² + (2/d) tr(S²).
    """
    square, trace = 1.0, 1.0
    for _ in range(int(times)):
        square, trace = (1 + inverse) * square + trace, trace + 2 * inverse**2 * square
    return square / trace
