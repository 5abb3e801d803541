"""Tails of sums of independent numbers, with all their digits: one integral in the complex plane.

A sum S is known by its cumulants K(s) = log E exp(s S), which are simple for all scores of this
course. A tail of S is an integral along a line through the complex plane; laid through the saddle
point the integrand does not oscillate, so that a probability of 1e-300 keeps its digits. It needs
no table and no convolution, and a sum of 10^9 terms costs no more than one of ten.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Cumulants = Callable[[Any], Any]
FORMS = ("exact", "sufficient", "approximate")

SPACING, BEND = 0.2, 0.35  # of the nodes along the line, which grow apart as a sinh
PLACES = np.arange(0, 13, SPACING)
LINE = np.sinh(BEND * PLACES) / BEND
LINE_WEIGHTS = np.cosh(BEND * PLACES) * np.where(PLACES > 0, SPACING, SPACING / 2)
RING = np.arange(len(PLACES)) / (len(PLACES) - 1)  # half a period, for sums of few values
RING_WEIGHTS = np.where((RING == 0) | (RING == 1), 0.5, 1.0) / (len(RING) - 1)
STEEPEST = 60.0  # s · step beyond which only the greatest value counts
HALVINGS = 16  # the line need not meet the saddle point, only come near

_erfc = np.frompyfunc(math.erfc, 1, 1)


@dataclasses.dataclass(frozen=True)
class Law:
    """The law of a sum S: its cumulants, moments, bounds, and the grid of its values if any.

    ``cumulants(s)`` is log E exp(s S) for complex s with one more axis than the parameters, real
    parts between ``-back`` and ``limit``. Values are ``start`` and whole multiples of ``step`` from
    there, or any number where ``step`` is 0.
    """

    cumulants: Cumulants
    mean: Floats
    variance: Floats
    step: float = 0.0
    start: Any = 0.0
    least: Any = -math.inf
    most: Any = math.inf
    limit: Any = math.inf
    back: Any = math.inf


def binomial_law(n: npt.ArrayLike, p: npt.ArrayLike, *, start: Any = 0, step: float = 1) -> Law:
    """The law of start + step · Bin(n, p)."""
    n, p, start = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in (n, p, start)))

    def cumulants(s: Any) -> Any:
        return s * start[..., None] + n[..., None] * log1p(p[..., None] * np.expm1(step * s))

    variance = n * p * (1 - p) * step**2
    return Law(cumulants, start + step * n * p, variance, step, start, start, start + step * n)


def log_tail(law: Law, at: npt.ArrayLike, form: str = "exact", *, nudge: int = 0) -> Any:
    """log P(S >= at); broadcasts ``at`` against the parameters of the law.

    - "exact": the contour integral, to about 1e-10 of the probability.
    - "sufficient": a Chernoff bound, exp(K(s) - s · at) near its smallest; 1 below the mean.
    - "approximate": the normal tail with the same mean and variance, whatever the grid.

    A threshold within rounding of a value of S counts as that value; ``nudge`` moves it by so many
    values. Source: Chernoff 1952, doi:10.1214/aoms/1177729330; Daniels 1954,
    doi:10.1214/aoms/1177728652.

    >>> round(float(np.exp(log_tail(binomial_law(4, 0.5), 3))), 12)
    0.3125
    """
    if form not in FORMS:
        raise ValueError(f"form must be one of {', '.join(FORMS)}, got {form!r}")
    t, mean, variance = np.broadcast_arrays(
        np.asarray(at, dtype=np.float64), law.mean, law.variance
    )
    if law.step and form != "approximate":
        t = _value(law, t, nudge)
    sure = variance <= 0  # one value only
    certain = np.where(t <= mean + 1e-12 * np.abs(mean), 0.0, -np.inf)
    if form == "approximate":
        z = (t - mean) / np.sqrt(np.where(sure, 1, variance))
        return np.where(sure, certain, log_normal_tail(z))[()]
    upper = t > mean
    if form == "sufficient":
        bound = np.minimum(_along(law, np.maximum(t, mean), np.ones(t.shape), True), 0.0)
        return np.where(sure, certain, np.where(upper, bound, 0.0))[()]
    # below the mean the rest is the tail of -S: P(S < t) = P(-S >= step - t)
    near = _along(law, np.where(upper, t, law.step - t), np.where(upper, 1.0, -1.0), False)
    near = np.minimum(near, -1e-300)
    return np.where(sure, certain, np.where(upper, near, log_rest(near)))[()]


def log_below(law: Law, at: npt.ArrayLike, form: str = "exact", *, nudge: int = 0) -> Any:
    """log P(S < at), the tail on the other side: ``log_tail`` of -S."""
    other = Law(
        lambda s: law.cumulants(-s),
        -law.mean,
        law.variance,
        law.step,
        -np.asarray(law.start),
        -np.asarray(law.most),
        -np.asarray(law.least),
        law.back,
        law.limit,
    )
    t: Floats = np.asarray(at, dtype=np.float64)
    if law.step and form != "approximate":  # S < at is S <= the value below
        t = _value(law, t, nudge - 1)
    given = np.asarray(at, dtype=np.float64)
    sure = np.where(given > law.mean + 1e-12 * np.abs(law.mean), 0.0, -np.inf)
    return np.where(law.variance <= 0, sure, log_tail(other, -t, form))[()]


def _value(law: Law, t: Floats, nudge: int) -> Floats:
    """The least value of S from t on, or one ``nudge`` values from it."""
    rung = (t - law.start) / law.step
    rung = np.ceil(rung - 1e-9 - 1e-15 * np.abs(rung)) + nudge
    return np.asarray(rung * law.step + law.start)


def _along(law: Law, t: Floats, sign: Floats, bound: bool) -> Any:
    """log P(±S >= t) by the line through the saddle point, or Chernoff's bound at its real end."""
    t, sign = t[..., None], sign[..., None]
    forward = sign > 0

    def ends(up: npt.ArrayLike, down: npt.ArrayLike) -> Any:
        up, down = (np.asarray(v, dtype=np.float64)[..., None] for v in (up, down))
        return np.broadcast_to(np.where(forward, up, down), t.shape)

    def cumulants(s: Any) -> Any:
        return law.cumulants(sign * s)

    def slope(s: Floats) -> Any:  # a step along the imaginary axis differentiates to rounding
        h = 1e-12 * s
        return cumulants(s + 1j * h).imag / h

    spread = np.sqrt(np.maximum(law.variance, 1e-300))[..., None] + 0 * t
    ceiling = STEEPEST / law.step if law.step else 1e5 / spread
    high = np.log(np.minimum(ceiling, ends(law.limit, law.back) * (1 - 1e-7)))
    low = np.minimum(np.log(0.02 / spread), high)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for _ in range(HALVINGS):
            s = np.exp((low + high) / 2)
            pull = law.step / np.expm1(law.step * s) if law.step else 1 / s
            beyond = slope(s) > t + (0 if bound else pull)
            low, high = np.where(beyond, low, np.log(s)), np.where(beyond, np.log(s), high)
        s = np.exp(low)
        peak = cumulants(s + 0j).real - s * t
        if bound:
            log_p = peak[..., 0]
        else:
            bend = (slope(s) - slope(0.9 * s)) / (0.1 * s) + 1 / s**2
            width = 1 / np.sqrt(np.maximum(bend, 1e-300))
            u, weights = LINE * width, LINE_WEIGHTS * width
            if law.step:
                period = math.pi / law.step
                few = period < 12 * width
                u = np.where(few, RING * period, np.minimum(u, period))
                weights = np.where(few, RING_WEIGHTS * period, weights * (LINE * width < period))
            z = s + 1j * u
            below = -np.expm1(-z * law.step) / law.step if law.step else z
            waves = (np.exp(cumulants(z) - z * t - peak) / below).real
            total = np.where(weights > 0, waves * weights, 0).sum(-1)
            log_p = np.log(np.maximum(total, 0) / math.pi) + peak[..., 0]
    most = ends(law.most, -np.asarray(law.least, dtype=np.float64))
    return np.where((t > most + 1e-9 * np.abs(most))[..., 0], -np.inf, log_p)


def log1p(z: Any) -> Any:
    """log(1 + z) of complex numbers, small ones to rounding too; numpy's own is not."""
    if not np.iscomplexobj(z):
        return np.log1p(z)
    x, y = z.real, z.imag
    return 0.5 * np.log1p(x * (2 + x) + y * y) + 1j * np.arctan2(y, 1 + x)


def log_rest(log_p: Any) -> Any:
    """log(1 - p), from log p < 0."""
    with np.errstate(divide="ignore"):
        return np.where(log_p < -0.7, np.log1p(-np.exp(log_p)), np.log(-np.expm1(log_p)))


def log_sum(*logs: Any) -> Any:
    """log(Σ p), from each log p."""
    return np.logaddexp.reduce(np.broadcast_arrays(*logs), axis=0)


def log_normal_tail(z: npt.ArrayLike) -> Any:
    """log Q(z), Q the upper tail of a standard normal number; to rounding at any z."""
    z = np.asarray(z, dtype=np.float64)
    x = np.clip(z, -25, 25)
    direct = np.log(np.asarray(_erfc(x / math.sqrt(2)), dtype=np.float64) / 2)
    far = np.maximum(z, 25)
    series = 1 - (1 - (3 - (15 - 105 / far**2) / far**2) / far**2) / far**2
    beyond = -(far**2) / 2 - np.log(far * math.sqrt(2 * math.pi)) + np.log(series)
    other = np.asarray(_erfc(-np.minimum(x, -1) / math.sqrt(2)), dtype=np.float64) / 2
    return np.where(z > 25, beyond, np.where(z < -1, np.log1p(-other), direct))[()]


def normal_quantile(tail: float) -> float:
    """The z with Q(z) = tail, also for a tail of 1e-300."""
    return -NormalDist().inv_cdf(tail)
