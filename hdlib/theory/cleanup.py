"""Clean-up after bundling: how often does a member beat everything that was never bundled?"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from hdlib.theory.analogy import Array, binomial, wins
from hdlib.theory.bundle import at_least, majority_agreement, member_similarity
from hdlib.theory.modular import MODULAR, member_law, race

NODES = np.linspace(-8.5, 8.5, 273)  # of a standard normal variable; the trapezoid rule is exact
WEIGHTS = np.exp(-(NODES**2) / 2) / np.exp(-(NODES**2) / 2).sum()  # for such bells, to rounding
FIVE, FIVE_WEIGHTS = np.polynomial.hermite_e.hermegauss(5)  # the same for what varies little
FIVE_WEIGHTS = FIVE_WEIGHTS / FIVE_WEIGHTS.sum()
EXACT_CLEANUP = ("MAPB", "BSC", "SBC", "CGR")  # models whose accuracy below is exact

_erfc = np.frompyfunc(math.erfc, 1, 1)


def cleanup_accuracy(
    model: str,
    n: npt.ArrayLike,
    candidates: npt.ArrayLike,
    *,
    dim: npt.ArrayLike,
    density: float | None = None,
    block: int = 16,
    modulus: int = 16,
) -> Any:
    """Probability that a member of a bundle of n atoms is the best of ``candidates`` atoms.

    The other ``candidates - 1`` are no members; ties are shared fairly. The same holds for one of n
    bound pairs, unbound with its key, where unbinding is exact and keys are fresh.

    - MAPB, BSC: a member agrees with the bundle in Bin(D, (1 + β_n) / 2) places, a stranger in
      Bin(D, 1/2), independently. SBC: the same with blocks and symbols. Kind: exact.
    - CGR, MCR: the same with cosines; D places score independently, a stranger's each of r cosines
      as often, a member's by the law of its distance from the vote (``theory.modular``). Kind:
      exact for CGR (ties of equal vectors apart, r^-D of them), and for MCR of modulus 2 and 4, or
      while C(n + r - 1, n) <= 60,000 (r = 16: n <= 6); else approximate, to 2e-4 at r = 16.
    - MAPI, MBAT: a member scores D + h σ, σ² = D (n - 1), h standard normal; strangers see the
      length of the bundle, which holds the member's own noise, so that their variance is
      D n + 2 h σ. FHRR: the same at 2 D. Strangers are sums of bounded numbers, so their tails are
      lighter than normal (Edgeworth's first term), and the length varies. Kind: approximate, to
      0.005 at D = 64 and better beyond.
    - HRR, VTB: the cosine of two normal vectors with correlation 1/sqrt(n), by Fisher's z. Kind:
      approximate, to O(1/D).
    - BSDC with OR: a member is always covered, a stranger only by chance, and then it ties. Kind:
      approximate (the number of zeros left is taken as normal).

    Source: the winner-take-all integral of Frady, Kleyko & Sommer 2018,
    doi:10.1162/neco_a_01084; the correlated variance of MAPI and the exact forms derived for this
    course. Taught in notebook 02.

    >>> round(float(cleanup_accuracy("MAPI", 50, 1000, dim=1024)), 3)
    0.893
    >>> cleanup_accuracy("MAPB", [5, 51], 1000, dim=1024).round(3)
    array([1.   , 0.633])
    """
    if model not in ("MAPI", "MAPB", "BSC", "BSDC", "SBC", "HRR", "FHRR", "VTB", "MBAT", *MODULAR):
        raise ValueError(f"cleanup_accuracy: no model {model!r}")
    items, many, d = (
        at_least("n", n, 1),
        at_least("candidates", candidates, 1),
        at_least("dim", dim, 4),
    )
    if model == "SBC" and (block < 2 or (d % block).any()):
        raise ValueError(f"cleanup_accuracy: SBC: dim {dim!r} is no multiple of block {block}")
    if model in MODULAR:
        at_least("modulus", modulus, 2)

    def one(n: float, candidates: float, dim: float) -> float:
        return _accuracy(model, int(n), int(candidates), int(dim), density, block, int(modulus))

    return np.vectorize(one, otypes=[np.float64])(items, many, d)[()]


@functools.lru_cache(maxsize=8192)
def _accuracy(
    model: str, n: int, candidates: int, dim: int, density: float | None, block: int, modulus: int
) -> float:
    if model in ("MAPB", "BSC"):
        beta = float(majority_agreement(n))
        return wins(binomial(dim, (1 + beta) / 2), binomial(dim, 0.5), candidates)
    if model == "SBC":
        agree = float(member_similarity("SBC", n, block=block)) * (1 - 1 / block) + 1 / block
        blocks = dim // block
        return wins(binomial(blocks, min(1.0, agree)), binomial(blocks, 1 / block), candidates)
    if model in MODULAR:
        return race(np.array(member_law(model, n, modulus)), dim, candidates)
    if model == "BSDC":
        return _covered(n, candidates, dim, density)
    if model in ("HRR", "VTB"):
        if n == 1:
            return 1.0
        lead = NODES + math.sqrt(dim - 2) * math.atanh(1 / math.sqrt(n))
        return float(WEIGHTS @ _all_below(lead, candidates - 1))
    return _summed(n, candidates, dim, model == "FHRR")


def _all_below(lead: Array, others: int, excess: float = 0.0) -> Array:
    """P(all of ``others`` numbers are below ``lead``), normal but for this excess kurtosis."""
    bell = np.exp(-(lead**2) / 2) / math.sqrt(2 * math.pi)
    above = normal_above(lead) + bell * excess / 24 * (lead**3 - 3 * lead)
    below: Array = np.exp(others * np.log1p(-np.clip(above, 0, 1 - 1e-16)))
    return below


def _summed(n: int, candidates: int, dim: int, phases: bool) -> float:
    """Sums of n signs or phases a place: E over the member's noise and the length of the bundle."""
    d = 2 * dim if phases else dim
    noise = NODES * math.sqrt(d * (n - 1))
    spread = math.sqrt((4 if phases else 2) * (n - 1) * max(0, n - 2) * dim)  # of the square length
    square = d * n + 2 * noise + spread * FIVE[:, None]
    lead = (d + noise) / np.sqrt(np.maximum(square, 1e-9))  # (5, nodes)
    # of a stranger's score: -2 E t⁴ / (E t²)² / D for signs, t a sum of n; -3/2 of it for phases
    excess = -1.5 * (2 - 1 / n) / dim if phases else -2 * (3 - 2 / n) / dim
    return float(FIVE_WEIGHTS @ _all_below(lead, candidates - 1, excess) @ WEIGHTS)


def normal_above(x: npt.ArrayLike) -> Array:
    """P(a standard normal number exceeds x).

    >>> float(normal_above(0.0))
    0.5
    """
    return np.asarray(_erfc(np.asarray(x) / math.sqrt(2)), dtype=np.float64) / 2


def _covered(n: int, candidates: int, dim: int, density: float | None) -> float:
    """OR bundles: E[share of the tie], over a normal number of zeros left by n atoms."""
    ones, zeros = zeros_left(n, dim, density)
    place = np.arange(ones)[:, None]
    chance = np.exp(np.log((dim - zeros - place) / (dim - place)).sum(0))  # a stranger is covered
    missed = -np.expm1(candidates * np.log1p(-np.minimum(chance, 1 - 1e-16)))
    share = np.where(
        chance * candidates > 1e-9, missed / np.maximum(candidates * chance, 1e-300), 1
    )
    return float(WEIGHTS @ share)


def zeros_left(n: int, dim: int, density: float | None) -> tuple[int, Array]:
    """The ones of an atom, and the zeros that n atoms leave in an OR, at each of ``NODES``.

    >>> ones, zeros = zeros_left(1, 10_000, None)
    >>> ones, round(zeros.mean().item())
    (100, 9900)
    """
    ones = max(1, round(dim * (1 / math.sqrt(dim) if density is None else density)))
    u = (1 - ones / dim) ** n  # expected share of zeros
    both = max(0.0, u * (1 - ones / (dim - 1)) ** n)  # two given places are zero
    spread = max(0.0, (u - u * u) / dim + (1 - 1 / dim) * (both - u * u))  # variance of the share
    return ones, np.clip(dim * (u + NODES * math.sqrt(spread)), 0, dim - ones)
