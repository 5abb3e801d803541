"""Integers on a circle (MCR, CGR): what one place of a vector scores, and the sum of D places.

A place of two vectors scores cos(2πk/r), k their difference mod r. Its law is an array of r
probabilities, those of k = 0 … r - 1.
"""

from __future__ import annotations

import functools
import math

import numpy as np

from hdlib.theory.analogy import Array, binomial, wins
from hdlib.theory.bundle import majority_agreement, member_similarity, phasor_offsets

MODULAR = ("MCR", "CGR")
FEW_WAYS = 60_000  # that are gone through one by one
UNITS = {2: 2.0, 3: 1.5, 4: 1.0, 6: 0.5}  # moduli whose cosines are rational, and their distance
FINE = 10.0  # samples of a score's law in one standard deviation; what is faster is nil
FAR = 10.0  # and the standard deviations that are taken to each side


def score_mass(dim: int, law: Array) -> tuple[Array, Array]:
    """Every sum of ``dim`` scores and its probability, for a modulus of 2, 3, 4 or 6.

    >>> values, mass = score_mass(2, np.full(3, 1 / 3))
    >>> values.tolist(), mass.round(4).tolist()
    ([-1.0, 0.5, 2.0], [0.4444, 0.4444, 0.1111])
    """
    scores, unit = cosines(len(law)), UNITS[len(law)]
    least = float(np.rint(2 * scores).min()) / 2  # all are halves
    step = np.bincount(np.rint((scores - least) / unit).astype(int), weights=law)
    if len(step) == 2:
        mass = binomial(dim, float(step[1]))
    elif len(step) == 3 and math.isclose(step[1] ** 2, 4 * step[0] * step[2], rel_tol=1e-12):
        mass = binomial(2 * dim, math.sqrt(step[2]))  # a step is two coins
    else:
        size = dim * (len(step) - 1) + 1
        mass = np.maximum(np.fft.irfft(np.fft.rfft(step, size) ** dim, size), 0.0)
    values: Array = dim * least + unit * np.arange(len(mass), dtype=np.float64)
    return values, mass


def score_wave(u: Array, law: Array) -> Array:
    """The characteristic function of one score: ``(m,) -> (m,)``, complex."""
    wave: Array = np.exp(1j * np.multiply.outer(u, cosines(len(law)))) @ law
    return wave


@functools.lru_cache(maxsize=4096)
def member_law(model: str, n: int, modulus: int) -> tuple[float, ...]:
    """The law of a member minus its bundle of n, at one place.

    - CGR: 0 with the leader's share, else any other difference as often: the vote treats all
      symbols alike. Exact.
    - MCR of modulus 2 and 4: one and two votes, half a turn apart. Exact. Others by all ways to put
      n phasors on r angles while they are at most 60,000 (r = 16: n <= 6). Exact. Beyond, n - 1
      phasors are a walk without a preferred direction, so the angle of the sum has the harmonics
      j ∫ J_j(t) J0(t)^(n - 1) dt / t, and a sector of it the same times sin(πj/r) / (πj/r); the
      first of them is set to ``member_similarity``. Approximate: what it gives for clean-up is
      right to 2e-4 at r = 16, else to 2e-3.
    """
    if model == "CGR" or modulus == 2:
        kept = float(member_similarity(model, n, modulus=modulus))
        law = np.full(modulus, (1 - kept) / modulus)
        law[0] += kept
    elif modulus == 4:
        p = (1 + float(majority_agreement(n))) / 2
        law = np.array([p * p, p * (1 - p), (1 - p) ** 2, p * (1 - p)])
    elif math.comb(n + modulus - 1, n) <= FEW_WAYS:
        law = phasor_offsets(n, modulus)
    else:
        law = _walked(n, modulus)
    return tuple(law.tolist())


def race(law: Array, dim: int, candidates: int) -> float:
    """Chance that a member beats ``candidates - 1`` strangers, its scores following ``law``.

    Strangers are uniform at every place, and independent given the bundle. Where cosines are
    rational the scores are summed, ties shared. Else ties need equal vectors, and both laws are had
    from their characteristic functions, at so many points that nothing is lost.
    """
    r = len(law)
    fair = np.full(r, 1 / r)
    if r in UNITS:
        return wins(score_mass(dim, law)[1], score_mass(dim, fair)[1], candidates)
    scores = cosines(r)
    mean, square = float(law @ scores), float(law @ scores**2)
    spread, luck = math.sqrt(max(0.0, square - mean**2) * dim), math.sqrt(dim / 2)
    if spread < 1e-9 * luck:
        return 1.0  # the bundle is its only member
    low = min(mean * dim - FAR * spread, -FAR * luck)
    length = max(mean * dim + FAR * spread, FAR * luck) - low
    points = 2 * math.ceil(FINE * length / min(spread, luck) / 2)
    u: Array = 2 * math.pi / length * np.arange(points // 2 + 1, dtype=np.float64)
    shift = np.exp(1j * u * low)
    right, wrong = (np.conj(score_wave(u, each) ** dim) * shift for each in (law, fair))
    height = np.fft.irfft(right, points)  # of the member's score, times the distance of two points
    ripple = np.fft.irfft(np.append(0, wrong[1:] / (1j * u[1:])), points) * points / length
    below = np.clip(np.arange(points) / points + ripple - ripple[0], 0, 1)  # P(a stranger is)
    return float(min(1.0, max(0.0, height @ below ** (candidates - 1))))


def cosines(modulus: int) -> Array:
    """What a place scores for each difference: ``-> (r,)``."""
    turns: Array = np.cos(2 * math.pi / modulus * np.arange(modulus))
    return turns


def _walked(n: int, r: int) -> Array:
    """``member_law`` of MCR by harmonics."""
    harmonics = np.arange(1, min(r // 2, 24) + 1)  # those after the second hardly matter
    t, walk, bessel = _bessels(len(harmonics), 40.0 if n < 16 else 4.0)  # J0(4)^15 is 1e-6
    turned = harmonics * (bessel @ (walk ** (n - 1) / t)) * 2 * t[0] * np.sinc(harmonics / r)
    turned[0] = member_similarity("MCR", n, modulus=r)
    waves = np.cos(np.multiply.outer(np.arange(r), harmonics) * 2 * math.pi / r)
    weights = np.where(2 * harmonics == r, 1.0, 2.0)
    law: Array = (1 + waves @ (weights * turned)) / r
    return law


@functools.lru_cache(maxsize=8)
def _bessels(orders: int, last: float) -> tuple[Array, Array, Array]:
    """Points from 0 to ``last``, J0 there and J1, J2, …: ``-> (2000,), (2000,), (orders, 2000)``.

    J_j(t) is the mean of cos(j a - t sin a) over half a circle.
    """
    t = (np.arange(2000) + 0.5) * last / 2000
    angles = math.pi * (np.arange(64) + 0.5) / 64
    turns = np.multiply.outer(t, np.sin(angles))
    j0, *others = (np.cos(j * angles - turns).mean(-1) for j in range(orders + 1))
    return t, j0, np.array(others)
