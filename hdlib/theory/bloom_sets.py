"""How many keys are in a Bloom filter, how many are in two: the estimators and their errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from hdlib.theory.bloom import (
    Floats,
    Power,
    checked,
    log_missed,
    pair_logs,
    power,
    zeros_covariance,
)
from hdlib.theory.bundle import at_least


def bloom_count(
    ones: npt.ArrayLike, *, bits: npt.ArrayLike, hashes: npt.ArrayLike, kind: str = "plain"
) -> Any:
    """The number of keys of which one expects this many ones, log(zeros/m) / log A_1.

    A full filter may hold any number: infinite. Kind: approximate (asymptotically unbiased).
    Source: Swamidass & Baldi 2007, doi:10.1021/ci600526a. Taught in notebook 05.

    >>> bloom_count([0, 507, 1024], bits=1024, hashes=7).round(2)
    array([ 0.  , 99.93,   inf])
    """
    full, m, k = checked("bloom_count", ones, bits, hashes, kind)
    if (full > m).any():
        raise ValueError(f"bloom_count: {ones!r} of {bits!r} bits cannot be set")
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.log1p(-full / m) / log_missed(m, k, kind)
    return np.where(full == 0, 0.0, np.where(full == m, np.inf, found))[()]


def bloom_count_sd(
    n: npt.ArrayLike, *, bits: npt.ArrayLike, hashes: npt.ArrayLike, kind: str = "plain"
) -> Any:
    """Standard deviation of ``bloom_count`` when the filter holds n keys.

    Kind: approximate (delta method on the exact spread of the fill; good while some tens of zeros
    are left). Taught in notebook 05.

    >>> round(float(bloom_count_sd(100, bits=1024, hashes=7)), 2)
    2.49
    """
    items, m, k = checked("bloom_count_sd", n, bits, hashes, kind)
    return np.sqrt(log_covariance(items, items, m, k, kind))[()]


def log_covariance(x: Floats, y: Floats, m: Floats, k: Floats, kind: str) -> Any:
    """Covariance of the estimated counts of two filters, the first's x keys among the other's y."""
    one, two, same = pair_logs(m, k, kind)
    crossed = tuple(x * log + (y - x) * one for log in two)
    unit = np.ones_like(x)
    both: Power = (unit, crossed)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = zeros_covariance(m, (x, one), (y, one), both, same)
        found = spread / (power(x, one) * power(y, one) * one**2)
    return np.where(x > 0, found, 0.0)


def shared_covariance(a: Floats, b: Floats, c: Floats, m: Floats, k: Floats, kind: str) -> Any:
    """Covariance of the estimated counts of two filters of a and b keys, c of them in both."""
    one, two, same = pair_logs(m, k, kind)
    share_one, rest = power(c, one), power(a + b - 2 * c, one)
    inner = power(a + b - c, one)
    apart = sum(
        share * power(c, log) * rest for share, log in zip((1 - same, same), two, strict=True)
    )
    spread = inner / m + (1 - 1 / m) * apart - share_one**2 * rest
    with np.errstate(divide="ignore", invalid="ignore"):
        found = spread / (share_one**2 * rest * one**2)
    return np.where((a > 0) & (b > 0), found, 0.0)


def bloom_overlap(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    c: npt.ArrayLike,
    *,
    bits: npt.ArrayLike,
    hashes: npt.ArrayLike,
    kind: str = "plain",
) -> Any:
    """Expected ones in the AND of two filters of a and b keys, c of them in both.

    m (1 - A_1^a - A_1^b + A_1^(a + b - c)): also disjoint sets overlap. Kind: exact.
    Taught in notebook 05.

    >>> round(float(bloom_overlap(50, 40, 0, bits=1024, hashes=4, kind="distinct")), 1)
    26.4
    """
    x, y, both, m, k = three("bloom_overlap", a, b, c, bits, hashes, kind)
    one = log_missed(m, k, kind)
    return (m * (1 - power(x, one) - power(y, one) + power(x + y - both, one)))[()]


def three(
    verb: str,
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    c: npt.ArrayLike,
    bits: npt.ArrayLike,
    hashes: npt.ArrayLike,
    kind: str,
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Two sets, their intersection and a filter as floats of one shape, or a ValueError."""
    x, m, k = checked(verb, a, bits, hashes, kind)
    y, both = at_least("b", b, 0), at_least("c", c, 0)
    x, y, both, m, k = np.broadcast_arrays(x, y, both, m, k)
    if (both > np.minimum(x, y)).any():
        raise ValueError(f"{verb}: {c!r} common keys in sets of {a!r} and {b!r}")
    return x, y, both, m, k


def bloom_intersection_sd(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    c: npt.ArrayLike,
    *,
    bits: npt.ArrayLike,
    hashes: npt.ArrayLike,
    kind: str = "plain",
) -> Any:
    """Standard deviation of the estimate n(X) + n(Y) - n(X or Y) of an intersection.

    Each n is ``bloom_count`` of a filter, the last of the OR of both. Kind: approximate (delta
    method on the exact covariances of the three fills). Source: the estimator, Swamidass & Baldi
    2007, doi:10.1021/ci600526a; its error derived for this course. Taught in notebook 05.

    >>> bloom_intersection_sd(50, 40, 20, bits=1024, hashes=[4, 8, 16], kind="distinct").round(2)
    array([0.94, 1.02, 1.19])
    """
    x, y, both, m, k = three("bloom_intersection_sd", a, b, c, bits, hashes, kind)
    return np.sqrt(quadratic(x, y, both, m, k, kind, (1.0, 1.0, -1.0)))[()]


def bloom_jaccard_sd(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    c: npt.ArrayLike,
    *,
    bits: npt.ArrayLike,
    hashes: npt.ArrayLike,
    kind: str = "plain",
) -> Any:
    """Standard deviation of (n(X) + n(Y)) / n(X or Y) - 1, the estimated Jaccard similarity.

    Kind: approximate (delta method, as ``bloom_intersection_sd``). Taught in notebook 05.

    >>> round(float(bloom_jaccard_sd(50, 40, 20, bits=1024, hashes=4, kind="distinct")), 4)
    0.0169
    """
    x, y, both, m, k = three("bloom_jaccard_sd", a, b, c, bits, hashes, kind)
    union = np.maximum(x + y - both, 1e-300)
    gradient = (1 / union, 1 / union, -(x + y) / union**2)
    return np.where(x + y > 0, np.sqrt(quadratic(x, y, both, m, k, kind, gradient)), 0.0)[()]


def quadratic(
    a: Floats, b: Floats, c: Floats, m: Floats, k: Floats, kind: str, g: tuple[Any, Any, Any]
) -> Floats:
    """Variance of g · (n(X), n(Y), n(X or Y))."""
    union = a + b - c
    diagonal = [log_covariance(n, n, m, k, kind) for n in (a, b, union)]
    mixed = shared_covariance(a, b, c, m, k, kind)
    with_x, with_y = (log_covariance(n, union, m, k, kind) for n in (a, b))
    total = sum(w**2 * v for w, v in zip(g, diagonal, strict=True))
    cross = g[0] * g[1] * mixed + g[0] * g[2] * with_x + g[1] * g[2] * with_y
    return np.asarray(np.maximum(total + 2 * cross, 0.0))
