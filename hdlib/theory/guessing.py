"""What a segmenter scores that never reads a word."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from hdlib.theory.analogy import binomial


def random_segmentation(
    boundaries: npt.ArrayLike, rate: npt.ArrayLike, *, window: int
) -> tuple[Any, Any]:
    """Expected Pk and WindowDiff of coin flips: a boundary at each gap with probability ``rate``.

    boundaries: the truth, one truth value a gap. window: gaps in each window, k. A window is free
    of guesses with probability (1 - rate)^k, so that Pk is a(1 - rate)^k + (1 - a)(1 - (1 -
    rate)^k) where a share a of the windows holds an end; WindowDiff is the chance that Bin(k, rate)
    misses the true count. Between none and all boundaries Pk is a straight line in that
    probability: the best coin always falls on one side. Kind: exact. Source: derived for this
    course, from the definitions of Beeferman et al. 1999, doi:10.1023/A:1007506220214, and Pevzner
    & Hearst 2002, doi:10.1162/089120102317341756. Errors: ValueError for a rate outside 0 … 1, or
    no whole window. Taught in notebook 07.

    >>> truth = [0, 0, 1, 0, 0, 1, 0, 0]
    >>> [x.round(3).tolist() for x in random_segmentation(truth, [0, 0.3, 1], window=2)]
    [[0.571, 0.499, 0.429], [0.571, 0.55, 1.0]]
    """
    gaps, flips = np.asarray(boundaries, dtype=np.bool_), np.asarray(rate, dtype=np.float64)
    if not 1 <= window <= len(gaps):
        raise ValueError(f"random_segmentation: window {window} for {len(gaps)} gaps")
    if flips.size and not (flips.min() >= 0 and flips.max() <= 1):
        raise ValueError(f"random_segmentation: rate must lie in 0 … 1, got {rate!r}")
    sums = np.concatenate([[0], np.cumsum(gaps)])
    count = sums[window:] - sums[:-window]  # true ends in each window
    share = np.bincount(count, minlength=window + 1) / len(count)
    laws = np.array([binomial(window, p) for p in flips.ravel()])  # (rates, window + 1)
    empty = laws[:, 0]
    pk = (1 - share[0]) * empty + share[0] * (1 - empty)
    wd = 1 - laws @ share
    return pk.reshape(flips.shape)[()], wd.reshape(flips.shape)[()]
