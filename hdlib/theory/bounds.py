"""The law n ln(d / δ) with its constants: what a proof guarantees, beside what is needed."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from hdlib.theory.bundle import at_least

CONSTANTS = {
    "MAPI": 8.0,
    "MBAT": 8.0,
    "FHRR": 4.0,
    "MAPB": 4 * math.pi,
    "BSC": 4 * math.pi,
    "bloom": 1 / math.log(2) ** 2,
    "paper": 56.0,
}


def sufficient_dimension(
    model: str, n: npt.ArrayLike, universe: npt.ArrayLike, failure: npt.ArrayLike
) -> Any:
    """Dimensions with which all ``universe`` answers are right, by a proof in one line.

    constant · n · ln(universe / failure), so that any answer about a set of n is wrong with
    probability ``failure`` at most:

    - MAPI, MBAT: 8, by Hoeffding's inequality at half of a member's mean; FHRR 4.
    - MAPB, BSC: 4π, by the same and β_n >= sqrt(2 / πn), which holds for odd n; an even n is
      counted as n + 1, which it equals.
    - "paper": 56 n ln(2 · universe / failure) for MAP-B, the constant that the proof of Theorem 16
      of arXiv 2301.10352 gives, as reported by a reader: from a signal of m / sqrt(7n) and the
      threshold sqrt(2 m ln(2d / δ)). The theorem itself says O(n log(d / δ)).
    - "Hopfield": 1 + the greater of 4 (sqrt(n L) + L) and sqrt(24 n L), L = ln(universe / failure):
      for strangers the chi-square tail of Laurent & Massart 2000, doi:10.1214/aos/1015957395, for
      members the lower tail of a sum of squares. Rows of an m × m matrix, not a vector.
    - "bloom": 1 / ln(2)² = 2.08, bits of a Bloom filter with the best number of hashes. Form
      approximate (the usual formula of its false positives).

    Form: sufficient, but for "bloom". Source: derived for this course but for the last two.
    Taught in notebook 04.

    >>> [round(float(sufficient_dimension(m, 25, 500, 0.1))) for m in ("MAPI", "MAPB", "paper")]
    [1703, 2676, 12894]
    """
    items, many = at_least("n", n, 1), at_least("universe", universe, 1)
    chance = np.asarray(failure, dtype=np.float64)
    if not ((chance > 0) & (chance < 1)).all():
        raise ValueError(f"sufficient_dimension: failure lies between 0 and 1, got {failure!r}")
    log = np.log(many / chance)
    if model == "Hopfield":
        strangers, members = 4 * (np.sqrt(items * log) + log), np.sqrt(24 * items * log)
        return (1 + np.maximum(strangers, members))[()]
    if model not in CONSTANTS:
        known = ", ".join([*CONSTANTS, "Hopfield"])
        raise ValueError(
            f"sufficient_dimension: no constant for {model!r}, only for {known}; "
            "capacity.dimension_for has more"
        )
    if model in ("MAPB", "BSC"):
        items = items + 1 - np.fmod(items, 2)
    log = log + math.log(2) if model == "paper" else log
    return (CONSTANTS[model] * items * log)[()]
