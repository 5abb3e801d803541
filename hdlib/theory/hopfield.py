"""A Hopfield network as a set memory: sums of squared walks, and MAP-I on pair products.

W = Σ a aᵀ over the n items of a set, each of m signs; the test of an item is aᵀ W a. Every stored
item adds the square of its dot product with a: for a stranger a squared walk of m signs, for the
item itself m². Written out, aᵀ W a = m n + 2 Σ_(i<j) a_i a_j W_ij: a bundle of MAP-I whose atoms
are the m (m - 1) / 2 products of two components.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from hdlib.theory.analogy import binomial
from hdlib.theory.bundle import at_least
from hdlib.theory.tails import (
    FORMS,
    Law,
    binomial_law,
    log_below,
    log_rest,
    log_sum,
    log_tail,
)

Floats = npt.NDArray[np.float64]
FEW = 40  # items below which the lattice of squares shows in the sum
LONGEST = {True: 1 << 23, False: 1 << 18}  # convolution, for few items and for many


def hopfield_false_positive(
    n: npt.ArrayLike,
    *,
    dim: npt.ArrayLike,
    threshold: npt.ArrayLike = 0.5,
    signed: bool = False,
    form: str = "exact",
    log: bool = False,
) -> Any:
    """Probability that a stranger passes for one of n items stored in a Hopfield network.

    The score is (aᵀ W a - n m) / (m² - m), m = dim: 1 on average for a member, 0 for a stranger,
    with or without the diagonal of W. signed: W = Σ ±a aᵀ with a random sign for each item, score
    ``|aᵀ W a| / m²`` (our reading of the variant called Hopfield± in arXiv 2301.10352).

    Forms: "exact", the n-fold convolution of the law of a squared walk (by its saddle point where
    that is long: to 1e-6 for n >= 40 items; fewer items beyond n m² = 2^25 to 0.3 %); "sufficient",
    a Chernoff bound; "approximate", normal with variance n (2 m² - 2 m), signed n (3 m² - 2 m).
    Source: derived for this course. Taught in notebook 04.

    >>> round(float(hopfield_false_positive(100, dim=64)), 4)
    0.0183
    >>> round(float(hopfield_false_positive(100, dim=64, signed=True)), 4)
    0.064
    """
    return _rate(_positive, n, dim, threshold, signed, form, log)


def hopfield_false_negative(
    n: npt.ArrayLike,
    *,
    dim: npt.ArrayLike,
    threshold: npt.ArrayLike = 0.5,
    signed: bool = False,
    form: str = "exact",
    log: bool = False,
) -> Any:
    """Probability that one of n items stored in a Hopfield network is taken for a stranger.

    Arguments and forms as in ``hopfield_false_positive``. Taught in notebook 04.

    >>> round(float(hopfield_false_negative(100, dim=64)), 4)
    0.0062
    """
    return _rate(_negative, n, dim, threshold, signed, form, log)


def hopfield_flip(n: npt.ArrayLike, *, dim: npt.ArrayLike, ties: str = "random") -> Any:
    """Probability that one step of recall flips a given bit of a stored item (zero diagonal).

    P(m - 1 + R < 0), R a walk of (n - 1)(m - 1) signs, and half of the ties (ties="random") or none
    (ties="keep": a bit without a vote stays). About Q(sqrt(m / n)). Form: exact. Source: Hopfield
    1982, doi:10.1073/pnas.79.8.2554; the law is standard. Taught in notebook 04.

    >>> [round(float(hopfield_flip(100, dim=64, ties=ties)), 4) for ties in ("random", "keep")]
    [0.2125, 0.2089]
    """
    if ties not in ("random", "keep"):
        raise ValueError(f'hopfield_flip: ties must be "random" or "keep", got {ties!r}')
    n, m = np.broadcast_arrays(at_least("n", n, 1), at_least("dim", dim, 2))
    steps = (n - 1) * (m - 1)
    law = binomial_law(steps, 0.5, start=m - 1 - steps, step=2)
    below, upto = np.exp(log_below(law, 0.0)), np.exp(log_below(law, 1.0))
    return (below if ties == "keep" else (below + upto) / 2)[()]


def hopfield_intersection_moments(
    a: int, b: int, shared: int, *, dim: npt.ArrayLike, signed: bool = False
) -> tuple[Any, Any]:
    """Mean and standard deviation of the intersection that two networks' weights speak for.

    From G = Σ_ij X_ij Y_ij: (G - a b m) / (m² - m), or G / m² with signs (an item has the same sign
    in both sets). Without bias; variance (a b + c² - 2 c) (2 m² - 2 m) / (m² - m)², with signs
    (a b + c² - 2 c) (3 m² - 2 m) / m⁴. Form: exact. Source: derived for this course. Taught in
    notebook 04.

    >>> round(float(hopfield_intersection_moments(50, 40, 20, dim=46)[1]), 3)  # 1035 products
    1.51
    """
    first, second, c = at_least("a", a, 1), at_least("b", b, 1), at_least("shared", shared, 0)
    if (c > np.minimum(first, second)).any():
        raise ValueError(f"shared {shared!r} is more than the smaller of a = {a} and b = {b}")
    m = at_least("dim", dim, 2)
    square = 3 * m**2 - 2 * m if signed else 2 * m**2 - 2 * m
    scale = m**2 if signed else m**2 - m
    sd = np.sqrt((first * second + c**2 - 2 * c) * square) / scale
    return np.broadcast_to(c, sd.shape)[()], sd[()]


def hopfield_error(
    n: npt.ArrayLike,
    universe: npt.ArrayLike,
    *,
    dim: npt.ArrayLike,
    signed: bool = False,
    form: str = "exact",
) -> Any:
    """Probability that any of ``universe`` answers is wrong, at most: n · FN + (universe - n) · FP.

    The sum over all answers, as in ``membership_error``. Taught in notebook 04.

    >>> hopfield_error(10, 500, dim=[47, 48]).round(3)
    array([0.105, 0.087])
    """
    items, many = np.broadcast_arrays(at_least("n", n, 1), at_least("universe", universe, 1))
    if (many < items).any():
        raise ValueError(f"hopfield_error: universe {universe!r} is smaller than n {n!r}")
    positive, negative = (
        rate(n, dim=dim, signed=signed, form=form, log=True)
        for rate in (hopfield_false_positive, hopfield_false_negative)
    )
    with np.errstate(divide="ignore"):
        total = log_sum(np.log(items) + negative, np.log(many - items) + positive)
    return np.exp(np.minimum(total, 0.0))[()]


def _rate(rule: Any, n: Any, dim: Any, threshold: Any, signed: bool, form: str, log: bool) -> Any:
    if form not in FORMS:
        raise ValueError(f"form must be one of {', '.join(FORMS)}, got {form!r}")
    items, m = at_least("n", n, 1), at_least("dim", dim, 2)

    def one(count: float, size: float, at: float) -> float:
        return float(rule(int(count), int(size), float(at), signed, form))

    out = np.vectorize(one, otypes=[np.float64])(items, m, threshold)
    return (out if log else np.exp(out))[()]


@functools.lru_cache(maxsize=4096)
def _positive(n: int, m: int, threshold: float, signed: bool, form: str) -> float:
    if signed:
        return min(0.0, math.log(2) + _log_tail(m, n, True, threshold * m * m, form))
    return _log_tail(m, n, False, n * m + threshold * (m * m - m), form)


@functools.lru_cache(maxsize=4096)
def _negative(n: int, m: int, threshold: float, signed: bool, form: str) -> float:
    if not signed:
        at = (n - 1) * m - (1 - threshold) * (m * m - m)  # the rest is below this
        return _log_below(m, n - 1, at, form)
    # |m² + S| < threshold · m²: S is symmetric, so that both ends are upper tails
    near = _log_tail(m, n - 1, True, (1 - threshold) * m * m, form, beyond=True)
    far = _log_tail(m, n - 1, True, (1 + threshold) * m * m, form)
    if form == "sufficient" or far == -math.inf or near == -math.inf:
        return near
    return near + float(log_rest(min(far - near, -1e-300)))


@functools.lru_cache(maxsize=64)
def _square(m: int, signed: bool) -> tuple[Floats, Floats, int]:
    """Values, rising, and probabilities of one squared walk of m signs; the step of their grid."""
    squares, where = np.unique((2.0 * np.arange(m + 1) - m) ** 2, return_inverse=True)
    mass: Floats = np.bincount(where, binomial(m, 0.5)).astype(np.float64)
    if not signed:
        return squares, mass, 4 if m % 2 == 0 else 8
    values: Floats = np.concatenate([-squares[::-1], squares])
    return values, np.concatenate([mass[::-1], mass]) / 2, 4 if m % 2 == 0 else 2


def _log_tail(m: int, n: int, signed: bool, at: float, form: str, *, beyond: bool = False) -> float:
    """log P(a sum of n squares >= at), or > at."""
    values, mass, step = _square(m, signed)
    start = n * values[0]
    rung = (at - start) / step
    rung = math.floor(rung + 1e-9) + 1 if beyond else math.ceil(rung - 1e-9)
    least = at if form == "approximate" else start + rung * step
    return _sum_tail(values, mass, step, n, least, form)


def _log_below(m: int, n: int, at: float, form: str) -> float:
    """log P(a sum of n squares < at)."""
    values, mass, step = _square(m, False)
    start = n * values[0]
    rung = math.ceil((at - start) / step - 1e-9) - 1
    last = at if form == "approximate" else start + rung * step
    return _sum_tail(-values[::-1], mass[::-1], step, n, -last, form)


def _sum_tail(values: Floats, mass: Floats, step: int, n: int, at: float, form: str) -> float:
    """log P(the sum of n independent such values >= at)."""
    if n == 0:
        return 0.0 if at <= 0 else -math.inf

    def cumulants(s: Any) -> Any:
        logs = s[..., None] * values
        top = logs.real.max(-1, keepdims=True)
        return n * (np.log((np.exp(logs - top) * mass).sum(-1)) + top[..., 0])

    mean = float(mass @ values)
    law = Law(
        cumulants,
        np.array(n * mean),
        np.array(n * float(mass @ (values - mean) ** 2)),
        float(step),
        n * values[0],
        n * values[0],
        n * values[-1],
    )
    length = n * (values[-1] - values[0]) / step
    if form == "exact" and length < LONGEST[n < FEW] and n * mean < at:
        return _convolved(values, mass, step, n, at)
    return float(log_tail(law, at, form))


def _convolved(values: Floats, mass: Floats, step: int, n: int, at: float) -> float:
    """The same by n-fold convolution of the law tilted towards ``at``, which keeps small tails."""
    if at > n * values[-1]:
        return -math.inf
    low, high = 0.0, 60.0 / step
    for _ in range(60):
        s = (low + high) / 2
        tilted = mass * np.exp(s * (values - values[-1]))
        low, high = (s, high) if n * (tilted @ values) / tilted.sum() < at else (low, s)
    whole = tilted.sum()
    places = np.rint((values - values[0]) / step).astype(int)
    size = 1 << int(n * places[-1]).bit_length()
    spectrum = np.fft.rfft(np.bincount(places, tilted / whole), size) ** n
    first = round((at - n * values[0]) / step)
    law = np.fft.irfft(spectrum, size)[first:].clip(0)
    total = float(law @ np.exp(-s * step * np.arange(len(law))))
    back = n * (math.log(whole) + s * float(values[-1])) - s * at
    return math.log(max(total, 1e-300)) + back
