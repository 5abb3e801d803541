"""Sketches of counts: how far an estimated frequency or inner product is from the truth."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from hdlib.theory.bundle import at_least


def sketch_frequency_sd(
    second_moment: npt.ArrayLike, frequency: npt.ArrayLike = 0, *, size: npt.ArrayLike
) -> Any:
    """Standard deviation of a frequency read from a signed sketch of ``size`` counters.

    sqrt((F₂ - f²) / size), F₂ the sum of all squared frequencies, f the one that is read. The same
    for MAP-I of that many dimensions and for the mean of the rows of a Count-Sketch, whatever their
    number. Assumes independent signs and places. Kind: exact. Source: Charikar, Chen &
    Farach-Colton 2004, doi:10.1016/S0304-3975(03)00400-6; Alon, Matias & Szegedy 1999,
    doi:10.1006/jcss.1997.1545. Taught in notebook 05.

    >>> float(sketch_frequency_sd(10_000, size=1024))
    3.125
    """
    f2, f, m = (
        at_least("second_moment", second_moment, 0),
        np.asarray(frequency),
        at_least("size", size, 1),
    )
    return np.sqrt(np.maximum(f2 - f.astype(np.float64) ** 2, 0) / m)[()]


def sketch_inner_sd(
    first: npt.ArrayLike,
    second: npt.ArrayLike,
    inner: npt.ArrayLike,
    *,
    size: npt.ArrayLike,
    fourth: npt.ArrayLike = 0,
) -> Any:
    """Standard deviation of an inner product f · g read from two signed sketches.

    sqrt((‖f‖² ‖g‖² + (f · g)² - 2 Σ f² g²) / size) for both kinds as in ``sketch_frequency_sd``;
    ``first`` and ``second`` are ‖f‖² and ‖g‖², ``fourth`` is Σ f² g². For two sets it is the error
    of an intersection. Kind: exact; without ``fourth``, an upper bound. Source: Alon, Gibbons,
    Matias & Szegedy 2002, doi:10.1006/jcss.2001.1813. Taught in notebook 05.

    >>> round(float(sketch_inner_sd(50, 40, 20, fourth=20, size=1024)), 3)
    1.518
    """
    a, b, m = at_least("first", first, 0), at_least("second", second, 0), at_least("size", size, 1)
    both, four = np.asarray(inner, dtype=np.float64), at_least("fourth", fourth, 0)
    return np.sqrt(np.maximum(a * b + both**2 - 2 * four, 0) / m)[()]


def count_min_bound(
    total: npt.ArrayLike, *, width: npt.ArrayLike, depth: npt.ArrayLike
) -> tuple[Any, Any]:
    """Error that a Count-Min frequency exceeds with at most the probability given beside it.

    The error is e · total / width, the probability exp(-depth); the estimate is never too low.
    Kind: sufficient (Markov's inequality in every row). Source: Cormode & Muthukrishnan 2005,
    doi:10.1016/j.jalgor.2003.12.001. Taught in notebook 05.

    >>> error, failure = count_min_bound(10_000, width=1024, depth=5)
    >>> round(float(error), 1), round(float(failure), 4)
    (26.5, 0.0067)
    """
    n, w, d = at_least("total", total, 0), at_least("width", width, 1), at_least("depth", depth, 1)
    return (math.e * n / w)[()], np.exp(-d)[()]
