"""What it costs to take keys out of a counting filter that were never in it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from hdlib.theory.analogy import binomial
from hdlib.theory.bloom import checked
from hdlib.theory.bundle import at_least


def deletion_miss(
    n: npt.ArrayLike, removed: npt.ArrayLike, *, bits: npt.ArrayLike, hashes: npt.ArrayLike
) -> Any:
    """Chance that one of n members is missed after ``removed`` strangers were subtracted unchecked.

    A counter of a member holds 1 + Bin(n - 1, k/m) - Bin(removed, k/m), exactly, and the member is
    missed if one of its k counters is at 0 or below: 1 - (1 - P)^k, the counters taken as
    independent. Distinct places. Kind: approximate. Source: derived for this course.
    Taught in notebook 05.

    >>> deletion_miss(100, [0, 10, 100], bits=1024, hashes=5).round(3)
    array([0.   , 0.14 , 0.786])
    """
    items, m, k = checked("deletion_miss", n, bits, hashes, "distinct")
    gone = at_least("removed", removed, 0)

    def one(n: float, gone: float, m: float, k: float) -> float:
        taken, kept = binomial(int(gone), k / m), binomial(max(int(n) - 1, 0), k / m)
        below = np.concatenate([[0.0], np.cumsum(kept)])  # P(others < j)
        emptied = taken @ below[np.minimum(np.arange(len(taken)), len(kept))]
        return float(1 - (1 - min(emptied, 1.0)) ** k)

    return np.vectorize(one, otypes=[np.float64])(items, gone, m, k)[()]
