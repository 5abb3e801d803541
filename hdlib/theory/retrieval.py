"""A set out of its bundle: of the n items most similar to it, how many are members?"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from hdlib.theory.analogy import Array, binomial
from hdlib.theory.bundle import at_least, majority_agreement, member_similarity

SUMS = ("MAPI", "MBAT", "HRR", "VTB")
KNOWN = (*SUMS, "FHRR", "MAPB", "BSC", "SBC", "BSDC")
NORMAL = np.linspace(-6, 6, 97)  # scores of a normal variable, and their chances
CHANCE = np.exp(-(NORMAL**2) / 2) / np.exp(-(NORMAL**2) / 2).sum()
NODES, WEIGHTS = np.polynomial.legendre.leggauss(9)
TIES, SHARES = (NODES + 1) / 2, WEIGHTS / 2  # places in the queue of those that score alike

_erfc = np.frompyfunc(math.erfc, 1, 1)


def members_found(
    model: str, n: npt.ArrayLike, candidates: npt.ArrayLike, *, dim: npt.ArrayLike, block: int = 16
) -> Any:
    """Expected share of members among the n items most similar to a bundle of n of ``candidates``.

    The first experiment of Schlegel, Neubert & Protzel 2022, doi:10.1007/s10462-021-10110-3, with
    ties at the border drawn fairly. A member is found if fewer than n items beat it; the scores of
    all items are taken as independent, normal for sums (MAPI, MBAT, HRR, VTB) and for FHRR bundles
    normalised to phases, binomial for MAPB, BSC and SBC. In a BSDC bundle by OR all members score
    alike, and only strangers that are wholly covered are drawn in their place. Kind: approximate.
    Taught in notebook 04.

    >>> members_found("MAPB", [5, 15, 51], 1000, dim=400).round(2)
    array([1.  , 0.9 , 0.59])
    """
    if model not in KNOWN:
        raise ValueError(f"members_found: no model {model!r}, only {', '.join(KNOWN)}")
    items, many = at_least("n", n, 1), at_least("candidates", candidates, 1)
    d = at_least("dim", dim, 2)
    if (items > many).any():
        raise ValueError(f"members_found: {n!r} members of {candidates!r} candidates")

    def one(n: float, candidates: float, dim: float) -> float:
        return _found(model, int(n), int(candidates), int(dim), block)

    return np.vectorize(one, otypes=[np.float64])(items, many, d)[()]


@functools.lru_cache(maxsize=1 << 14)
def _found(model: str, n: int, candidates: int, dim: int, block: int) -> float:
    others = candidates - n
    if model == "BSDC":
        return _covered(n, others, dim)
    if model in (*SUMS, "FHRR"):
        return _chosen(*_normal(model, n, dim), n, others)
    if model == "SBC":
        kept = float(member_similarity("SBC", n, block=block)) * (1 - 1 / block) + 1 / block
        size, right, wrong = dim // block, min(1.0, kept), 1 / block
    else:
        size, right, wrong = dim, (1 + float(majority_agreement(n))) / 2, 0.5
    return _chosen(*_counted(binomial(size, right), binomial(size, wrong)), n, others)


def _normal(model: str, n: int, dim: int) -> tuple[Array, Array, Array]:
    """Chances of a member's scores, and those of a member and of a stranger to score more."""
    if model == "FHRR":  # the mean of n phasors has length sqrt(π / 4n), for many
        lead = math.sqrt(2 * dim) * (1.0 if n == 1 else math.sqrt(math.pi / (4 * n)))
        spread = 1.0
    else:
        lead, rest = math.sqrt(dim / n), max(1 - 1 / n, 1e-9)
        spread = rest if model in ("HRR", "VTB") else rest**1.5  # of a cosine: the bundle's length
    return CHANCE, _upper(NORMAL), _upper(lead + spread * NORMAL)


def _upper(z: Array) -> Array:
    return np.asarray(_erfc(z / math.sqrt(2)), dtype=np.float64) / 2


def _counted(right: Array, wrong: Array) -> tuple[Array, Array, Array]:
    """The same for whole scores; equal ones are put in order by chance."""
    likely = right > 1e-9
    above = [1 - np.minimum(law.cumsum(), 1) for law in (right, wrong)]
    first, second = (
        (more[likely] + np.outer(TIES, law[likely])).ravel()
        for more, law in zip(above, (right, wrong), strict=True)
    )
    return np.outer(SHARES, right[likely]).ravel(), first, second


def _chosen(chance: Array, member: Array, stranger: Array, n: int, others: int) -> float:
    """P(fewer than n others score more), averaged over a member's scores."""
    fewer = _masses(n - 1, member, n)  # (scores, n): so many members above
    upto = np.minimum(_masses(others, stranger, n).cumsum(-1), 1)
    return float(chance @ (fewer * upto[:, ::-1]).sum(-1)) / float(chance.sum())


def _masses(trials: int, p: Array, most: int) -> Array:
    """P(Bin(trials, p) = 0 … most - 1): ``(S,) -> (S, most)``."""
    j = np.arange(most)
    steps = np.log(np.maximum(trials - j[:-1], 1e-300)) - np.log(j[1:])
    logs = np.concatenate([[0.0], steps.cumsum()])
    p = np.clip(p, 1e-300, 1 - 1e-15)[:, None]
    return np.asarray(np.exp(logs + j * np.log(p) + np.maximum(trials - j, 0) * np.log1p(-p)))


def _covered(n: int, others: int, dim: int) -> float:
    """n / E[n + strangers that are wholly covered], over the ones of an OR of n atoms."""
    ones = max(1, round(math.sqrt(dim)))
    full = dim * (1 - (1 - ones / dim) ** n)
    place = np.arange(ones)
    chance = float(np.prod(np.clip((full - place) / (dim - place), 0, 1)))
    return n / (n + others * chance)
