"""Sparse bundles as set memories (BSDC): an OR is a Bloom filter, counts are a counting filter.

An item is k = round(density · D) places. By OR the score is the share of them that are set, and a
member has them all; by counts it is the sum of the counters there, less what strangers leave.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import numpy.typing as npt

from hdlib.theory.bloom import bloom_false_positive, bloom_fill
from hdlib.theory.orthogonality import hypergeometric
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
    most = int(k.max()) + 1
    masses, tops = np.zeros((*dim.shape, most)), np.zeros((*dim.shape, most))
    for place in np.ndindex(dim.shape):
        values, mass = _overlap(int(dim[place]), int(k[place]))
        masses[place][values] = mass
        tops[place][int(k[place]) - values] = mass  # counted from the greatest

    def law(items: Floats, start: Floats) -> Law:
        def cumulants(s: Any) -> Any:
            up = s.real > 0
            small, total = np.exp(np.where(up, -s, s)), np.zeros_like(s)
            for j in range(most - 1, -1, -1):  # a polynomial in what is below 1
                total = total * small + np.where(up, tops[..., j, None], masses[..., j, None])
            logs = np.where(up, s * k[..., None], 0) + np.log(total)
            return s * start[..., None] + items[..., None] * logs

        mean, share = k * k / dim, k / dim
        variance = k * share * (1 - share) * (dim - k) / np.maximum(dim - 1, 1)
        top = start + items * k
        return Law(cumulants, start + items * mean, items * variance, 1.0, 0.0, start, top)

    return law(n - 1, k), law(n, 0 * k), k - k * k / dim


@functools.lru_cache(maxsize=1024)
def _overlap(dim: int, k: int) -> tuple[Any, Any]:
    values, mass = hypergeometric(dim, k)
    return values.astype(int), mass
