"""Bloom filters: how full they get, how often they err, and how large one must be.

A filter has m bits; each of n different keys sets k of them. Three kinds of places:

- "plain": k independent places, which may coincide (the textbook's filter);
- "distinct": k different places, a sparse binary bundle (BSDC) by OR;
- "partitioned": one place in each of k slices of m/k bits.

All forms take numbers or arrays and broadcast. What they share: the chance that none of n keys
touches j given places is A_j^n, so every probability here is a short sum of such powers.
"""

from __future__ import annotations

import decimal
import functools
import math
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from hdlib.theory.bundle import at_least

Floats = npt.NDArray[np.float64]

KINDS = ("plain", "distinct", "partitioned")


def checked(
    verb: str, n: npt.ArrayLike, bits: npt.ArrayLike, hashes: npt.ArrayLike, kind: str
) -> tuple[Floats, Floats, Floats]:
    """The three numbers of a filter as floats, or a ValueError that says what is wrong."""
    if kind not in KINDS:
        raise ValueError(f"{verb}: kind must be one of {', '.join(KINDS)}, got {kind!r}")
    items, m, k = at_least("n", n, 0), at_least("bits", bits, 1), at_least("hashes", hashes, 1)
    if kind != "plain" and (k > m).any():
        raise ValueError(f"{verb}: {hashes!r} different places do not fit {bits!r} bits")
    return items, m, k


def log_missed(bits: Floats, hashes: Floats, kind: str) -> Floats:
    """log A_1: a key misses one given place."""
    with np.errstate(divide="ignore"):
        return hashes * np.log1p(-1 / bits) if kind == "plain" else np.log1p(-hashes / bits)


def bloom_fill(
    n: npt.ArrayLike, *, bits: npt.ArrayLike, hashes: npt.ArrayLike, kind: str = "plain"
) -> Any:
    """Expected share of ones after n different keys, 1 - A_1^n.

    A_1 is (1 - 1/m)^k for plain places and 1 - k/m for the other kinds. Assumes places that are
    uniform and independent between keys. Kind: exact. Source: Bloom 1970,
    doi:10.1145/362686.362692. Taught in notebook 05.

    >>> bloom_fill([100, 200, 400], bits=1024, hashes=7).round(3)
    array([0.495, 0.745, 0.935])
    """
    items, m, k = checked("bloom_fill", n, bits, hashes, kind)
    with np.errstate(invalid="ignore"):
        return np.where(items > 0, -np.expm1(items * log_missed(m, k, kind)), 0.0)[()]


def bloom_fill_sd(
    n: npt.ArrayLike, *, bits: npt.ArrayLike, hashes: npt.ArrayLike, kind: str = "plain"
) -> Any:
    """Standard deviation of the share of ones after n different keys.

    From the chance that two given places both stay empty, averaged over all pairs of places.
    Assumptions as in ``bloom_fill``. Kind: exact. Taught in notebook 05.

    >>> round(float(bloom_fill_sd(100, bits=1024, hashes=7)), 4)
    0.0086
    """
    items, m, k = checked("bloom_fill_sd", n, bits, hashes, kind)
    one, two, same = pair_logs(m, k, kind)
    return np.sqrt(zeros_covariance(m, (items, one), (items, one), (items, two), same))[()]


def pair_logs(m: Floats, k: Floats, kind: str) -> tuple[Floats, tuple[Floats, ...], Floats]:
    """log A_1, log A_2 for two places of different and of one slice, and the share of the latter.

    Only a partitioned filter has slices; the other kinds are one slice.
    """
    one, many = log_missed(m, k, kind), np.maximum(m, 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        if kind == "plain":
            two = k * np.log1p(-np.minimum(2 / m, 1))
            return one, (two, two), np.ones_like(m)
        if kind == "distinct":
            two = one + np.log1p(-np.minimum(k / (many - 1), 1))
            return one, (two, two), np.ones_like(m)
        return one, (2 * one, np.log1p(-np.minimum(2 * k / m, 1))), (m / k - 1) / (many - 1)


Power = tuple[Floats, Any]  # how many keys, and the logarithm of what each contributes


def power(keys: Floats, log: Floats) -> Floats:
    """exp(keys · log), with 0 keys always 1."""
    with np.errstate(invalid="ignore", over="ignore"):
        return np.where(keys > 0, np.exp(keys * log), 1.0)


def zeros_covariance(m: Floats, x: Power, y: Power, both: Power, same: Floats) -> Floats:
    """Covariance of the shares of zeros of two filters, the first within the second or equal.

    ``x`` and ``y`` give the chance that one place is empty; ``both`` that one given place is empty
    in the first and another in the second: logarithms for places of different and of equal slices.
    """
    first, second = power(*x), power(*y)
    apart = sum(
        share * power(both[0], log) for share, log in zip((1 - same, same), both[1], strict=True)
    )
    inner = np.minimum(first, second)  # one place empty in both: in the one that holds more keys
    return np.maximum(inner / m + (1 - 1 / m) * apart - first * second, 0.0)


def bloom_textbook(n: npt.ArrayLike, *, bits: npt.ArrayLike, hashes: npt.ArrayLike) -> Any:
    """The textbook's false-positive rate of a plain filter, (1 - (1 - 1/m)^(k n))^k.

    It puts the expected fill where the fill belongs, so it is always low (Jensen), by .1 to 2.5 %
    for filters of a thousand to a few hundred bits. Kind: approximate, to O(k²/m).
    Source: Bloom 1970; the error: Bose et al. 2008, doi:10.1016/j.ipl.2008.05.018.
    Taught in notebook 05.

    >>> round(float(bloom_textbook(10, bits=128, hashes=4)), 5)
    0.00526
    """
    return (bloom_fill(n, bits=bits, hashes=hashes) ** np.asarray(hashes, dtype=np.float64))[()]


def bloom_false_positive(
    n: npt.ArrayLike, *, bits: npt.ArrayLike, hashes: npt.ArrayLike, kind: str = "plain"
) -> Any:
    """Chance that a filter of n different keys says yes to another key, averaged over filters.

    d given places are all set with probability Σ_j (-1)^j C(d, j) A_j^n; plain places are d
    different ones with a probability of their own, partitioned slices are independent. Equal to the
    sum over all occupancies, at any size: the alternating sum is taken with as many digits as it
    needs. Assumptions as in ``bloom_fill``. Kind: exact. Source: Bose et al. 2008,
    doi:10.1016/j.ipl.2008.05.018; the inclusion-exclusion derived for this course.
    Taught in notebook 05.

    >>> bloom_false_positive([100, 200, 400], bits=1024, hashes=7).round(5)
    array([0.00737, 0.12827, 0.62615])
    >>> round(float(bloom_false_positive(25, bits=256, hashes=7, kind="distinct")), 5)
    0.00737
    """
    items, m, k = checked("bloom_false_positive", n, bits, hashes, kind)
    if kind == "partitioned":
        return (bloom_fill(items, bits=m, hashes=k, kind=kind) ** k)[()]
    if (m % 1).any() or (k % 1).any():
        raise ValueError(f"bloom_false_positive: bits {bits!r} and hashes {hashes!r} must be whole")

    def one(n: float, m: float, k: float) -> float:
        return _all_set(n, int(m), int(k), kind)

    return np.vectorize(one, otypes=[np.float64])(items, m, k)[()]


@functools.lru_cache(maxsize=1 << 16)
def _all_set(n: float, m: int, k: int, kind: str) -> float:
    """The k places of a stranger are all set: the alternating sum, in enough digits."""
    rough = float(bloom_fill(n, bits=m, hashes=k, kind=kind))
    if n == 0 or rough == 0:
        return 0.0
    with decimal.localcontext() as context:
        context.prec = 25 + math.ceil(k * math.log10(4 / rough))
        keys, most = Decimal(n), min(k, m)
        empty = [(keys * log).exp() for log in _log_missed_all(m, k, most, kind, context.prec)]
        if kind == "distinct":
            signs = ((-1) ** j * math.comb(k, j) for j in range(len(empty)))
            return float(sum(sign * part for sign, part in zip(signs, empty, strict=True)))
        total, different = Decimal(0), _different(k, m, context.prec)
        for d in range(1, most + 1):
            signs = ((-1) ** j * math.comb(d, j) for j in range(d + 1))
            given = sum(sign * part for sign, part in zip(signs, empty, strict=False))
            total += different[d] * given
        return float(total)


@functools.lru_cache(maxsize=4096)
def _log_missed_all(m: int, k: int, most: int, kind: str, digits: int) -> tuple[Decimal, ...]:
    """log A_j for j = 0 … most, as long as it is finite; what is missing is the logarithm of 0."""
    logs = []
    with decimal.localcontext() as context:
        context.prec = digits
        for j in range(most + 1):
            if kind == "plain":
                left, step = Decimal(m - j) / m, k
            else:
                left, step = Decimal(math.comb(m - j, k)) / math.comb(m, k), 1
            logs.append(step * left.ln())
    return tuple(logs)


@functools.lru_cache(maxsize=4096)
def _different(k: int, m: int, digits: int) -> tuple[Decimal, ...]:
    """P(k throws into m boxes hit exactly d of them), d = 0 … k."""
    with decimal.localcontext() as context:
        context.prec = digits
        chances = [Decimal(1)] + [Decimal(0)] * k
        for _ in range(k):
            for d in range(k, 0, -1):
                again, new = chances[d] * d, chances[d - 1] * max(0, m - d + 1)
                chances[d] = (again + new) / m
            chances[0] = Decimal(0)
    return tuple(chances)


def bloom_false_positive_now(
    ones: npt.ArrayLike, *, bits: npt.ArrayLike, hashes: npt.ArrayLike, kind: str = "plain"
) -> Any:
    """Chance that a stranger gets a yes from a filter in which ``ones`` of the bits are set.

    Plain: (ones/m)^k. Distinct: C(ones, k) / C(m, k). Kind: exact. Partitioned: (ones/m)^k, exact
    if every slice is equally full, else an upper bound. Taught in notebook 05.

    >>> float(bloom_false_positive_now(512, bits=1024, hashes=7))
    0.0078125
    """
    full, m, k = checked("bloom_false_positive_now", ones, bits, hashes, kind)
    if (full > m).any():
        raise ValueError(f"bloom_false_positive_now: {ones!r} of {bits!r} bits cannot be set")
    if kind != "distinct":
        return ((full / m) ** k)[()]
    chance = np.ones(np.broadcast_shapes(full.shape, m.shape, k.shape))
    for i in range(int(k.max())):
        more = np.maximum(full - i, 0) / np.maximum(m - i, 1)
        chance = chance * np.where(i < k, more, 1.0)
    return chance[()]


def bloom_bits_per_key(error: npt.ArrayLike) -> Any:
    """Bits per key of the best filter for a false-positive rate: log2(1/error) / ln 2.

    Assumes a large filter and its best number of hashes, log2(1/error), which need not be whole.
    Kind: approximate, a lower bound for whole hashes. Source: Bloom 1970,
    doi:10.1145/362686.362692. Taught in notebook 05.

    >>> bloom_bits_per_key([0.01, 0.001]).round(3)
    array([ 9.585, 14.378])
    """
    f = np.asarray(error, dtype=np.float64)
    if not ((f > 0) & (f < 1)).all():
        raise ValueError(f"bloom_bits_per_key: error must lie between 0 and 1, got {error!r}")
    return (-np.log(f) / math.log(2) ** 2)[()]


def bloom_hashes(n: npt.ArrayLike, *, bits: npt.ArrayLike) -> Any:
    """The number of hashes at which n keys err least, (m/n) ln 2: half of the bits are then set.

    Kind: approximate (large filters; round to a whole number). Taught in notebook 05.

    >>> bloom_hashes([100, 200, 400], bits=1024).round(1)
    array([7.1, 3.5, 1.8])
    """
    return (at_least("bits", bits, 1) / at_least("n", n, 1) * math.log(2))[()]


@functools.lru_cache(maxsize=1024)
def bloom_size(n: int, error: float, *, kind: str = "plain") -> tuple[int, int]:
    """The smallest filter whose exact false-positive rate after n keys is at most ``error``.

    Returns bits and hashes; a partitioned filter has a multiple of its hashes. Kind: exact.
    Taught in notebook 05.

    >>> bloom_size(1_000_000, 0.01)
    (9592957, 7)
    """
    checked("bloom_size", n, 1, 1, kind)
    best = float(bloom_bits_per_key(error)) * math.log(2)  # hashes, not whole
    sizes = []
    for k in sorted({max(1, math.floor(best)), math.ceil(best)}):
        share = error ** (1 / k)  # of ones, when the filter errs this often
        guess = math.ceil(max(n, 1) * (k if kind == "plain" else 1) / -math.log1p(-share))
        unit = k if kind == "partitioned" else 1  # what the size is counted in
        if kind != "plain":
            guess = math.ceil(k / -math.expm1(math.log1p(-share) / max(n, 1)))
        sizes.append((_least(n, error, math.ceil(guess / unit), k, kind, unit), k))
    return min(sizes)


def _least(n: int, error: float, guess: int, k: int, kind: str, unit: int) -> int:
    """The least size at which the exact rate is low enough, found near a guess by halving."""

    def fits(size: int) -> bool:
        return bool(bloom_false_positive(n, bits=size * unit, hashes=k, kind=kind) <= error)

    floor = 1 if kind != "distinct" else k
    step, high = 1, max(floor, guess)
    while not fits(high):
        high, step = high + step, 2 * step
    low, step = high - 1, 1
    while low >= floor and fits(low):
        high, low, step = low, low - step, 2 * step
    low = max(low, floor - 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle, high)
    return high * unit
