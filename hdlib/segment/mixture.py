"""Two normal populations in one list of scores: where topics end, and where they go on."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from hdlib.segment.segmentation import Array

ROUNDS = 200


@dataclass(frozen=True)
class Mixture:
    """Means, common variance and the share of the upper population."""

    low: float
    high: float
    variance: float
    share: float

    @property
    def slope(self) -> float:
        """How fast the log-odds of the upper population rise with the score."""
        return (self.high - self.low) / self.variance

    @property
    def even(self) -> float:
        """The score at which both populations are equally likely."""
        middle = (self.high + self.low) / 2
        return middle - math.log(self.share / (1 - self.share)) / self.slope


def split(values: Array) -> float:
    """The threshold that parts values into the two tightest groups (Otsu 1979).

    >>> split(np.array([0.0, 0.1, 0.2, 0.9, 1.0]))
    0.55
    """
    x = np.sort(values)
    n = len(x)
    sums, k = np.cumsum(x), np.arange(1, n)
    apart = k * (n - k) * (sums[:-1] / k - (sums[-1] - sums[:-1]) / (n - k)) ** 2
    best = int(apart.argmax())
    return float(x[best] + x[best + 1]) / 2


def fit(values: Array) -> Mixture | None:
    """The likeliest mixture of two normals with one variance, by EM from Otsu's threshold.

    None where there is nothing to part: fewer than 8 values, or all equal.
    """
    if len(values) < 8 or np.ptp(values) < 1e-9:
        return None
    upper = np.where(values > split(values), 0.95, 0.05)
    found = Mixture(0, 0, 0, 0)
    for _ in range(ROUNDS):
        share = float(np.clip(upper.mean(), 1e-6, 1 - 1e-6))
        high = float((upper * values).sum() / max(upper.sum(), 1e-12))
        low = float(((1 - upper) * values).sum() / max((1 - upper).sum(), 1e-12))
        spread = upper * (values - high) ** 2 + (1 - upper) * (values - low) ** 2
        found = Mixture(low, high, max(float(spread.mean()), 1e-9), share)
        if found.slope < 1e-6:
            return None
        upper = chance(found.slope * (values - found.even))
    return found


def chance(odds: Array) -> Array:
    """Log-odds to probabilities.

    >>> chance(np.array([0.0])).tolist()
    [0.5]
    """
    return 1 / (1 + np.exp(-np.clip(odds, -500, 500)))  # type: ignore[no-any-return]
