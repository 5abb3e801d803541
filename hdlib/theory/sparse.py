"""Sparse bundles as set memories (BSDC): an OR is a Bloom filter, counts are a counting filter.

An item is k = round(density · D) places. By OR the score is the share of them that are set, and a
member has them all; by counts it is the sum of the counters there, less what strangers leave.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from hdlib.theory.bloom import bloom_false_positive, bloom_fill
from hdlib.theory.tails import Law

Floats = npt.NDArray[np.float64]


def ones(dim: Floats, density: float | None) -> Floats:
    """Places of an item, as ``BSDC`` rounds them."""
    share = 1 / np.sqrt(np.maximum(dim, 2)) if density is None else density
    k: Floats = np.maximum(1.0, np.rint(share * dim))
    if (k >= dim).any():
        raise ValueError(f"membership: BSDC of density {density} sets all of some dim; take less")
    return k


def log_covered(n: Floats, dim: Floats, density: float | None, form: str) -> Any:
    """log of the chance that an OR of n items covers a stranger.

    Exact by ``bloom_false_positive``; sufficient as if its places were set independently, which
    overestimates, as n items of k places each cannot all crowd on a few.
    """
    k = ones(dim, density)
    with np.errstate(divide="ignore"):
        if form == "sufficient":
            return k * np.log(bloom_fill(n, bits=dim, hashes=k, kind="distinct"))
        return np.log(bloom_false_positive(n, bits=dim, hashes=k, kind="distinct"))


def count_laws(n: Floats, dim: Floats, density: float | None) -> tuple[Law, Law, Floats]:
    """The sums of counters of a member and of a stranger, and how far apart their means are.

    n independent hypergeometric overlaps of two sets of k places; a member has k and n - 1.
    """
    k = ones(dim, density)
    heights, many = _overlap(dim, k), np.arange(int(k.max()) + 1)

    def law(items: Floats, start: Floats) -> Law:
        def cumulants(s: Any) -> Any:
            tilted = heights + s.real[..., :1] * many  # real parts are the same along a row
            peak = tilted.max(-1, keepdims=True)
            parts = np.exp(tilted - peak)
            seen = np.flatnonzero((parts > 1e-22).reshape(-1, len(many)).any(0))
            turn, total = np.exp(1j * s.imag), np.zeros_like(s)
            for j in range(seen[-1], seen[0] - 1, -1):  # a polynomial on the unit circle
                total = total * turn + parts[..., j, None]
            logs = peak + np.log(total) + 1j * s.imag * seen[0]
            return s * start[..., None] + items[..., None] * logs

        mean, share = k * k / dim, k / dim
        variance = k * share * (1 - share) * (dim - k) / np.maximum(dim - 1, 1)
        top = start + items * k
        return Law(cumulants, start + items * mean, items * variance, 1.0, 0.0, start, top)

    return law(n - 1, k), law(n, 0 * k), k - k * k / dim


def _overlap(dim: Floats, k: Floats) -> Floats:
    """log of the chances that two sets of k places of dim share 0, 1, 2, …: one more axis.

    By the ratios of neighbours, so that nothing as long as dim is ever made.
    """
    j, d, k = np.arange(int(k.max())), dim[..., None], k[..., None]
    free = d - 2 * k + j + 1
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = 2 * np.log(k - j) - np.log((j + 1) * free)
    steps = np.where((free > 0) & (j < k), steps, 0.0)
    logs = np.concatenate([np.zeros((*dim.shape, 1)), steps.cumsum(-1)], -1)
    j = np.arange(logs.shape[-1])
    logs = np.where((j <= k) & (j >= 2 * k - d), logs, -np.inf)
    logs -= logs.max(-1, keepdims=True)
    out: Floats = logs - np.log(np.exp(logs).sum(-1, keepdims=True))
    return out
