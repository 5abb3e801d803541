"""Which profile is nearest, when counts are seen only through random projections."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from hdlib.theory.bundle import at_least

DRAWS = 8  # of the noise of each query: their error is that of 8 times as many queries


def profile_accuracy(
    cosines: npt.ArrayLike,
    profiles: npt.ArrayLike,
    right: npt.ArrayLike,
    dims: npt.ArrayLike,
    *,
    signs: bool = False,
) -> npt.NDArray[np.float64]:
    """Share of queries whose nearest of K profiles is the right one, at each dimension.

    cosines: of queries and profiles by exact counting, ``(Q, K)``; profiles: of profiles among
    themselves, ``(K, K)``; right: the place of the right one, ``(Q,)``. Hypervectors see these
    cosines with the covariances of correlation coefficients over D samples. With signs=True the
    profiles keep their signs alone, which turns a cosine of two profiles into (2/π) asin of it and
    leaves √(2/π) of the others. Assumes one independent atom of signs for each thing counted
    (n-grams that share letters are so but nearly). Kind: approximate (normal scores; the integral
    by 8 fixed draws a query). Source: the covariances of Pearson & Filon 1898,
    doi:10.1098/rsta.1898.0007. Taught in notebook 03.

    >>> profile_accuracy([[0.5, 0.4]], np.eye(2), [0], [10_000]).tolist()
    [1.0]
    """
    r, g = (np.asarray(part, dtype=np.float64) for part in (cosines, profiles))
    place, sizes = np.asarray(right), at_least("dims", dims, 1)
    if r.ndim != 2 or g.shape != (r.shape[1], r.shape[1]) or place.shape != r.shape[:1]:
        shapes = f"{r.shape}, {g.shape} and {place.shape}"
        raise ValueError(f"profile_accuracy: shapes {shapes} are not (Q, K), (K, K) and (Q,)")
    if signs:
        r, g = r * math.sqrt(2 / math.pi), np.arcsin(g.clip(-1, 1)) * (2 / math.pi)
    one, other = r[:, :, None], r[:, None, :]
    free = 1 - one**2 - other**2
    spread = g * free - one * other * (free - g**2) / 2  # (Q, K, K), divided by D
    roots = np.linalg.cholesky(spread + 1e-9 * np.eye(len(g)))
    draws = np.random.default_rng(0).standard_normal((*r.shape, DRAWS))
    noise = roots @ draws  # (Q, K, DRAWS)
    nearest = [(one + noise / math.sqrt(d)).argmax(1) == place[:, None] for d in sizes]
    return np.array([hit.mean() for hit in nearest])
