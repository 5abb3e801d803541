"""How well "the dollar of Mexico" works: exact forms for two bundled records (MAPB, BSC)."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def binomial(n: int, p: float) -> Array:
    """P(Bin(n, p) = 0 … n), by logarithms so that nothing overflows: ``-> (n + 1,)``. Exact.

    >>> binomial(4, 0.5).round(4).tolist()
    [0.0625, 0.25, 0.375, 0.25, 0.0625]
    """
    if p in (0.0, 1.0):
        sure: Array = (np.arange(n + 1) == n * p).astype(np.float64)
        return sure
    log_factorial = _log_factorial(n)
    k = np.arange(n + 1)
    logs = (
        log_factorial[n]
        - log_factorial
        - log_factorial[::-1]
        + k * np.log(p)
        + (n - k) * np.log1p(-p)
    )
    mass = np.exp(logs)
    out: Array = mass / mass.sum()  # takes out the rounding of n logarithms, about 1e-12
    return out


@functools.lru_cache(maxsize=8)
def _log_factorial(n: int) -> Array:
    """log k! for k = 0 … n."""
    return np.concatenate([[0.0], np.log(np.arange(1, n + 1)).cumsum()])


def tilt(start: Array, walk: int) -> Array:
    """E[sign(start + R)], R a walk of random signs, sign(0) = 0: a tie falls either way."""
    upto = np.concatenate([[0.0], binomial(walk, 0.5).cumsum()])
    half = (walk - start) / 2  # so many steps up make R = -start
    less = np.ceil(half).clip(0, walk + 1).astype(int)
    no_more = (np.floor(half) + 1).clip(0, walk + 1).astype(int)
    out: Array = upto[-1] - upto[no_more] - upto[less]
    return out


def analogy_similarity(
    fields: int, *, shared: int = 0, same: bool = False, noise: float = 0.0
) -> float:
    """Expected similarity of the answer to the right value, ``(r1 ⊗ r2 ⊗ a) · b / D``. Exact.

    Two records bundle ``fields`` facts under the same roles; ``a`` is a value of the first, ``b``
    the value of the second under the same role, ``same`` says that both are one value, ``shared``
    counts the other fields whose values agree, and ``noise`` is the share of the answer's
    components flipped at the end.

    Assumes independent random atoms and fair, independent ties. With nothing shared it is
    ``majority_agreement(fields) ** 2 · (1 - 2 noise)``. Each shared value pulls both records the
    same way; the walk of the shared facts is summed over exactly. Source: derived for this course,
    after Kanerva 2010 ("What is the dollar of Mexico?", AAAI Fall Symposium). Taught in notebook
    00.

    >>> round(analogy_similarity(5), 4), round(analogy_similarity(3, noise=0.1), 4)
    (0.1406, 0.2)
    """
    others = fields - 1 - shared
    if fields < 1 or shared < 0 or others < 0:
        raise ValueError(
            f"analogy_similarity: fields = {fields}, shared = {shared}; one field is asked about, "
            "so shared can be at most fields - 1"
        )
    if not 0 <= noise <= 1:
        raise ValueError(f"analogy_similarity: noise is a share of components, 0 to 1, got {noise}")
    if same and others == 0:
        return 1 - 2 * noise  # two equal records, with equal ties
    mass, common = binomial(shared, 0.5), (2 * np.arange(shared + 1) - shared).astype(np.float64)
    first, second = tilt(1 + common, others), tilt(1 - common, others)
    aligned, opposed = float(mass @ (first * first)), float(mass @ (first * second))
    # a · b is 1 for one and the same value; else it aligns the shared facts in half of the places
    return (aligned if same else (aligned + opposed) / 2) * (1 - 2 * noise)


@functools.lru_cache(maxsize=256)
def best_unrelated(dim: int, candidates: int) -> tuple[float, float]:
    """Mean and sd of the similarity of the best of many unrelated atoms. Exact for ±1.

    >>> mean, sd = best_unrelated(1000, 100)
    >>> round(mean, 3), round(sd, 3)
    (0.079, 0.014)
    """
    if candidates < 1:
        raise ValueError(f"best_unrelated: candidates must be at least 1, got {candidates}")
    below = np.minimum(binomial(dim, 0.5).cumsum(), 1.0)  # P(one agrees in at most k components)
    largest = np.diff(below**candidates, prepend=0.0)
    scores = (2 * np.arange(dim + 1) - dim) / dim
    mean = float(largest @ scores)
    return mean, float(largest @ (scores - mean) ** 2) ** 0.5


def margin(dim: int, similarity: float, candidates: int) -> tuple[float, float]:
    """Mean and sd of the lead of the right value over the best of the other candidates.

    Exact for ±1 components, independent values and a right value of the given expected
    ``similarity``. Taught in notebook 00.

    >>> mean, sd = margin(1000, 0.25, 101)
    >>> round(mean, 3), round(sd, 3)
    (0.171, 0.033)
    """
    if candidates < 2:
        raise ValueError(f"margin: a lead needs at least 2 candidates, got {candidates}")
    mean, sd = best_unrelated(dim, candidates - 1)
    return similarity - mean, float(np.hypot(sd, ((1 - similarity**2) / dim) ** 0.5))


def recognition(dim: int, similarity: float, candidates: int) -> float:
    """Probability that the right value wins among ``candidates``, ties shared fairly. Exact for ±1.

    Assumes independent components and unrelated wrong values: sums over the right value's binomial
    score the chance that every wrong one stays below. Taught in notebook 00.

    >>> round(recognition(256, 0.25, 101), 3)
    0.919
    """
    if not -1 <= similarity <= 1:
        raise ValueError(f"recognition: a similarity lies in [-1, 1], got {similarity}")
    right = binomial(dim, (1 + similarity) / 2)
    return _weighted(right, _among_fair_bits(dim, candidates))


def wins(right: Array, wrong: Array, candidates: int) -> float:
    """Chance that the right value's score is the best, ties shared fairly. Exact.

    ``right`` and ``wrong`` are the probabilities of the scores 0, 1, 2, … of the right value and of
    each of the ``candidates - 1`` others, all independent.

    >>> wins(binomial(1, 1.0), binomial(1, 0.5), 2)
    0.75
    """
    return _weighted(right, _winning(wrong, candidates))


def _weighted(right: Array, winning: Array) -> float:
    """The mean of ``winning`` over the right value's score."""
    likely = right > 1e-30  # products of still smaller numbers are denormal: slow, and nothing
    return min(1.0, float(right[likely] @ winning[likely]))


@functools.lru_cache(maxsize=64)
def _among_fair_bits(dim: int, candidates: int) -> Array:
    """``_winning`` among atoms of ``dim`` fair bits, kept for the next question."""
    return _winning(binomial(dim, 0.5), candidates)


def _winning(wrong: Array, candidates: int) -> Array:
    """Chance that a right value of score 0, 1, 2, … wins: ``-> (scores,)``."""
    upto = np.minimum(wrong.cumsum(), 1.0)
    before = np.concatenate([[0.0], upto[:-1]])
    # E[1 / (1 + ties), nobody above] = (F(k)^n - F(k - 1)^n) / (n f(k)) for n candidates in all
    part = wrong / np.maximum(upto, 1e-300)
    exact = (upto**candidates - before**candidates) / np.maximum(candidates * wrong, 1e-300)
    few = upto ** (candidates - 1) * (1 - (candidates - 1) * part / 2)  # where that cancels
    share: Array = np.where(candidates * part > 1e-6, exact, few)
    return share
