"""How similar the hypervectors of two numbers are: the profiles of the basis encodings.

Every function takes numbers or arrays and broadcasts.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from hdlib.theory.bundle import at_least


def level_similarity(steps: npt.ArrayLike, n: npt.ArrayLike) -> Any:
    """Expected similarity of two of n levels that lie ``steps`` apart: 1 - steps / (n - 1).

    Assumes two independent end points and a share of components changed at each step. Kind: exact
    when n - 1 divides the number of components (else to one component); for HRR, VTB and BSDC,
    whose lengths vary, approximate to O(1/D) (BSDC: O(D^-1/2)). Source: direct calculation.
    Taught in notebook 03.

    >>> level_similarity([0, 1, 4], 5).tolist()
    [1.0, 0.75, 0.0]
    """
    apart, count = np.abs(np.asarray(steps, dtype=np.float64)), at_least("n", n, 2)
    return (1 - apart / (count - 1))[()]


def thermometer_similarity(steps: npt.ArrayLike, n: npt.ArrayLike) -> Any:
    """Similarity of two of n thermometer levels ``steps`` apart: 1 - 2 steps / (n - 1).

    Kind: exact, of every pair, when n - 1 divides D (else to two components); expected, for HRR and
    VTB, whose components vary. Source: direct calculation. Taught in notebook 03.

    >>> thermometer_similarity([0, 2, 4], 5).tolist()
    [1.0, 0.0, -1.0]
    """
    apart, count = np.abs(np.asarray(steps, dtype=np.float64)), at_least("n", n, 2)
    return (1 - 2 * apart / (count - 1))[()]


def circular_similarity(steps: npt.ArrayLike, n: npt.ArrayLike) -> Any:
    """Expected similarity of two of n vectors around a circle: 1 - 2 min(s, n - s) / n.

    Assumes two independent atoms. Kind: exact when 2 n divides the number of components (else to
    two components); approximate for HRR, VTB and BSDC as in ``level_similarity``. Source: Nunes et
    al. 2022, arXiv 2205.07920. Taught in notebook 03.

    >>> circular_similarity([0, 1, 2, 3, 5], 6).round(2).tolist()
    [1.0, 0.67, 0.33, 0.0, 0.67]
    """
    count = at_least("n", n, 1)
    s = np.mod(np.asarray(steps, dtype=np.float64), count)
    return (1 - 2 * np.minimum(s, count - s) / count)[()]


def projection_similarity(cosine: npt.ArrayLike, *, signs: bool = True) -> Any:
    """Expected similarity of two projected feature vectors, from their cosine.

    Signs of a Gaussian projection: 1 - 2θ/π, θ the angle. Kind: exact. Real projections keep the
    cosine itself. Kind: approximate, to O(1/D). Source: Charikar 2002, doi:10.1145/509907.509965.
    Taught in notebook 03.

    >>> projection_similarity([1.0, 0.5, -1.0]).round(2).tolist()
    [1.0, 0.33, -1.0]
    """
    c = np.asarray(cosine, dtype=np.float64)
    if not (np.abs(c) <= 1 + 1e-12).all():
        raise ValueError(f"projection_similarity: a cosine lies in -1 .. 1, got {cosine!r}")
    return (1 - 2 * np.arccos(c.clip(-1, 1)) / math.pi if signs else c)[()]


def fractional_power_similarity(
    distance: npt.ArrayLike,
    *,
    bandwidth: npt.ArrayLike = 1.0,
    kernel: str = "sinc",
    model: str = "FHRR",
    dim: npt.ArrayLike = math.inf,
) -> Any:
    """Expected similarity of the fractional powers of two numbers, from their distance.

    With u = distance / bandwidth: sin(πu) / (πu) for uniform phases, exp(-u²/2) for normal ones.
    HRR has one or two real components of D that stay 1. Kind: exact. Source: Frady et al. 2021,
    arXiv 2109.03429 (Bochner's theorem). Taught in notebooks 03 and 09.

    >>> fractional_power_similarity([0, 0.5, 1]).round(4).tolist()
    [1.0, 0.6366, 0.0]
    """
    u = np.asarray(distance, dtype=np.float64) / np.asarray(bandwidth, dtype=np.float64)
    if kernel not in ("sinc", "gaussian") or model not in ("FHRR", "HRR"):
        raise ValueError(f"fractional_power_similarity: no kernel {kernel!r} of model {model!r}")
    value = np.sinc(u) if kernel == "sinc" else np.exp(-(u**2) / 2)
    if model == "HRR":
        d = at_least("dim", dim, 1)
        fixed = np.where(np.fmod(np.where(np.isfinite(d), d, 0), 2) == 1, 1, 2) / d
        value = fixed + (1 - fixed) * value
    return value[()]
