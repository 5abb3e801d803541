"""Is a vector in the bundle? How often half the expected similarity decides right."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from hdlib.theory.analogy import binomial
from hdlib.theory.bundle import at_least, member_similarity
from hdlib.theory.cleanup import WEIGHTS, normal_above, zeros_left
from hdlib.theory.modular import MODULAR, cosines, member_law

MODELS = ("MAPI", "MAPB", "BSC", "BSDC", "SBC", "HRR", "FHRR", "VTB", "MBAT", *MODULAR)


def edge_test(
    model: str,
    n: npt.ArrayLike,
    *,
    dim: npt.ArrayLike,
    density: float | None = None,
    block: int = 16,
    modulus: int = 16,
) -> tuple[Any, Any]:
    """How often a member of a bundle of n is recognised, and how often a stranger is taken for one.

    The test is ``similarity > member_similarity / 2``, as in ``encode.Graph.has_edge``. Assumes n
    independent atoms; the edges of a graph share their nodes, so that for them this is a model.

    - MAPB, BSC, SBC: both scores are binomial. Kind: exact.
    - MCR, CGR: normal sums of D cosines, the member's by its law at one place. Kind: approximate.
    - MAPI, MBAT, FHRR: normal scores, and a length that holds the member's own noise. HRR, VTB:
      cosines by Fisher's z. Kind: approximate, to O(1/D).
    - BSDC with OR: a member's ones are all covered, a stranger's overlap is hypergeometric given
      the zeros left, whose number is taken as normal. Kind: approximate.

    Source: derived for this course, with the scores of ``cleanup_accuracy``.
    Taught in notebook 03.

    >>> found, invented = edge_test("MAPI", 50, dim=1024)
    >>> round(float(found), 3), round(float(invented), 3)
    (0.99, 0.012)
    """
    if model not in MODELS:
        raise ValueError(f"edge_test: no model {model!r}")
    items, d = at_least("n", n, 1), at_least("dim", dim, 4)
    if model == "SBC" and (block < 2 or (d % block).any()):
        raise ValueError(f"edge_test: SBC: dim {dim!r} is no multiple of block {block}")
    at_least("modulus", modulus, 2)

    def one(n: float, dim: float) -> tuple[float, float]:
        return _rates(model, int(n), int(dim), density, block, int(modulus))

    found, taken = np.vectorize(one, otypes=[np.float64, np.float64])(items, d)
    return found[()], taken[()]


@functools.lru_cache(maxsize=8192)
def _rates(
    model: str, n: int, dim: int, density: float | None, block: int, modulus: int
) -> tuple[float, float]:
    options: dict[str, Any] = {"density": density, "block": block, "modulus": modulus}
    kept = float(member_similarity(model, n, dim=dim, **options))
    half = kept / 2
    if model in ("MAPB", "BSC", "SBC"):
        chance = 1 / block if model == "SBC" else 0.5
        places = dim // block if model == "SBC" else dim
        least = math.floor(places * (chance + half * (1 - chance)) + 1e-9) + 1  # agreeing places
        agree = min(1.0, chance + kept * (1 - chance))
        found, taken = (float(binomial(places, p)[least:].sum()) for p in (agree, chance))
        return found, taken
    if model in MODULAR:
        law, scores = np.array(member_law(model, n, modulus)), cosines(modulus)
        spread = math.sqrt(max(float(law @ scores**2) - kept**2, 0.0))
        lead = (kept - half) / spread if spread > 1e-9 else math.inf
        luck = math.sqrt(float((scores**2).mean()))
        found, taken = (float(normal_above(x * math.sqrt(dim))) for x in (-lead, half / luck))
        return found, taken
    if model == "BSDC":
        return _covered(n, dim, density, half)
    if model in ("HRR", "VTB"):
        bar, scale = math.atanh(half), math.sqrt(dim - 2)
        lead = math.inf if n == 1 else scale * (math.atanh(kept) - bar)
        return float(normal_above(-lead)), float(normal_above(scale * bar))
    d, square = (2 * dim if model == "FHRR" else dim), half**2
    if n == 1:
        return 1.0, float(normal_above(half * math.sqrt(d)))
    # (d + t)² = half² d (d n + 2 t) at the bar, t the member's noise, with variance d (n - 1)
    lead = 1 - square - math.sqrt(square * (n - 2) + square**2)
    found = float(normal_above(-lead * math.sqrt(d / (n - 1))))
    return found, float(normal_above(half * math.sqrt(d)))


def _covered(n: int, dim: int, density: float | None, half: float) -> tuple[float, float]:
    """OR bundles: over the number of zeros left, P(the correlation exceeds ``half``)."""
    ones, zeros = zeros_left(n, dim, density)
    left = np.rint(zeros).astype(int)[:, None]
    share = 1 - left / dim  # of ones in the bundle
    bar = half * np.sqrt(ones * (1 - ones / dim) * share * (1 - share) * dim) + ones * share
    overlap = np.arange(ones + 1)
    ways = _choose(dim - left, overlap) + _choose(left, ones - overlap)
    chance = np.exp(ways - _choose(np.array(dim), np.array(ones)))
    above = (overlap > bar) & (left > 0)  # a full bundle is similar to nothing
    return float(WEIGHTS @ above[:, -1]), float(WEIGHTS @ (chance * above).sum(1))


def _choose(n: npt.NDArray[np.int64], k: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """log C(n, k), of impossible choices minus infinity."""
    logs = np.concatenate([[0.0], np.log(np.arange(1, n.max() + 1)).cumsum()])
    rest = n - k
    value = logs[n] - logs[np.minimum(k, n)] - logs[np.maximum(rest, 0)]
    return np.where(rest >= 0, value, -np.inf)
