"""Counting Bloom filters: intersections, overflow, and what a threshold on the counts reads."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from hdlib.theory.analogy import binomial
from hdlib.theory.bloom import checked
from hdlib.theory.bloom_sets import three
from hdlib.theory.bundle import at_least


def counting_intersection_sd(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    c: npt.ArrayLike,
    *,
    bits: npt.ArrayLike,
    hashes: npt.ArrayLike,
    kind: str = "plain",
) -> Any:
    """Standard deviation of the intersection estimated from the counters of two filters.

    The estimate (x · y - a b k²/m) / (s - k²/m), with s the expected x · x of one key, is unbiased:
    s = k, for plain places k + k (k - 1)/m. Its variance is (a b + c² - 2c) / (m - 1) for distinct
    places, whatever k is, and the same over m - k for slices; plain places have 2c/k for 2c. Kind:
    exact. Source: derived for this course; for MAP-I it is the same over m, arXiv 2301.10352.
    Taught in notebook 05.

    >>> float(counting_intersection_sd(50, 40, 20, bits=1025, hashes=7, kind="distinct").round(3))
    1.518
    """
    x, y, both, m, k = three("counting_intersection_sd", a, b, c, bits, hashes, kind)
    own = both * (2 / k if kind == "plain" else 2)
    free = m - k if kind == "partitioned" else m - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sqrt(np.maximum(x * y + both**2 - own, 0) / free)[()]


def counting_overflow(
    n: npt.ArrayLike,
    *,
    bits: npt.ArrayLike,
    hashes: npt.ArrayLike,
    counter_bits: int = 4,
    kind: str = "plain",
) -> Any:
    """Bound on the chance that some counter overflows: m times the chance that a given one does.

    One counter holds Bin(k n, 1/m) for plain places, Bin(n, k/m) for the others, exactly; the union
    bound over all m makes it sufficient. Taught in notebook 05.

    >>> f"{counting_overflow(1000, bits=10_000, hashes=7):.1e}"
    '8.1e-13'
    """
    items, m, k = checked("counting_overflow", n, bits, hashes, kind)
    least = 1 << counter_bits

    def one(n: float, m: float, k: float) -> float:
        throws, chance = (n * k, 1 / m) if kind == "plain" else (n, k / m)
        return min(1.0, m * tail(int(throws), chance, least))

    return np.vectorize(one, otypes=[np.float64])(items, m, k)[()]


def tail(n: int, p: float, least: int) -> float:
    """P(Bin(n, p) >= least): terms from ``least`` upwards, or one minus those below."""
    if least <= 0:
        return 1.0
    if least > n or p <= 0:
        return 0.0
    if p >= 1:
        return 1.0
    rising = least > n * p
    logs = math.lgamma(n + 1) - math.lgamma(least + 1) - math.lgamma(n - least + 1)
    term = math.exp(logs + least * math.log(p) + (n - least) * math.log1p(-p))
    total, j, odds = 0.0, least, p / (1 - p)
    if rising:
        while j <= n and term > total * 1e-18:
            total += term
            term *= odds * (n - j) / (j + 1)
            j += 1
        return min(1.0, total)
    while j > 0:
        term *= j / (odds * (n - j + 1))
        j -= 1
        total += term
        if term < total * 1e-18:
            break
    return max(0.0, 1 - total)


def count_score(
    n: npt.ArrayLike, *, bits: npt.ArrayLike, hashes: npt.ArrayLike, kind: str = "plain"
) -> tuple[Any, Any]:
    """Expected sum of the counters at a key's places: of a member, of a stranger.

    n other keys leave n k²/m; a member's own places add s, as in ``counting_intersection_sd``.
    Kind: exact. Taught in notebook 05.

    >>> [float(score) for score in count_score(100, bits=1000, hashes=10, kind="distinct")]
    [19.9, 10.0]
    """
    items, m, k = checked("count_score", n, bits, hashes, kind)
    own = k + k * (k - 1) / m if kind == "plain" else k
    return ((items - 1) * k**2 / m + own)[()], (items * k**2 / m)[()]


def count_score_mass(n: int, *, bits: int, hashes: int) -> Any:
    """P(the counters at a stranger's places sum up to 0, 1, … k n), n keys with k distinct places.

    A sum of n independent hypergeometric overlaps of two sets of k places; a member adds k to that
    of n - 1 others. Kind: exact (to 1e-15). Source: derived for this course. Taught in notebook 05.

    >>> count_score_mass(2, bits=4, hashes=1).round(4)
    array([0.5625, 0.375 , 0.0625])
    """
    checked("count_score_mass", n, bits, hashes, "distinct")
    k, most = hashes, n * hashes
    ways = math.comb(bits, k)
    one = [math.comb(k, j) * math.comb(bits - k, k - j) / ways for j in range(k + 1)]
    size = 1 << most.bit_length()  # powers of the transform wrap round beyond
    mass = np.fft.irfft(np.fft.rfft(one, size) ** n, size)[: most + 1]
    return np.maximum(mass, 0.0)


def threshold_reading(
    n: int,
    *,
    bits: int,
    hashes: int,
    threshold: npt.ArrayLike = 0,
    accept: npt.ArrayLike | None = None,
) -> tuple[Any, Any]:
    """False- and true-positive rate of an autoscaling filter of n keys, plain places.

    A counter counts as set if it is above ``threshold``, and a key is accepted if at least
    ``accept`` of its k places are set (default: all). Takes places as independent. Kind:
    approximate, slightly low. Source: Kleyko et al. 2020, doi:10.1007/s00521-019-04397-1.
    Taught in notebook 05.

    >>> false, true = threshold_reading(400, bits=1024, hashes=7, threshold=[0, 1, 2], accept=6)
    >>> false.round(3), true.round(3)
    (array([0.929, 0.464, 0.073]), array([1.   , 0.929, 0.464]))
    """
    checked("threshold_reading", n, bits, hashes, "plain")
    theta = at_least("threshold", threshold, 0)
    votes = at_least("accept", hashes if accept is None else accept, 0)

    def one(theta: float, votes: float) -> tuple[float, float]:
        empty = tail(n * hashes, 1 / bits, int(theta) + 1)  # P(a place is set), of a stranger
        own = tail(n * hashes - 1, 1 / bits, int(theta)) if n else 0.0  # and of a member
        accepted = [binomial(hashes, p)[int(votes) :].sum() for p in (empty, own)]
        return min(1.0, accepted[0]), min(1.0, accepted[1])

    false, true = np.vectorize(one, otypes=[np.float64, np.float64])(theta, votes)
    return false[()], true[()]
