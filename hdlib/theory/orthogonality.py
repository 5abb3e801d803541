"""How nearly orthogonal random atoms are: the law of one similarity, and of the largest of many.

Two unrelated atoms never have exactly the similarity 0. What they have is a random number, and for
every model its law is known: a sum of independent signs, a count of shared ones, a point of a
sphere, a walk of unit steps. All functions assume independent atoms, as ``vsa.atoms`` makes them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from hdlib.theory.analogy import binomial
from hdlib.theory.bundle import at_least
from hdlib.theory.modular import MODULAR, UNITS, score_mass, score_wave

Floats = npt.NDArray[np.float64]
SIGNS = ("MAPI", "MAPB", "BSC", "MBAT")  # a similarity is a mean of D independent signs
COUNTS = (*SIGNS, "BSDC", "SBC")  # a similarity takes one of finitely many values
DIRECTIONS = ("HRR", "VTB")  # normal components: every direction is equally likely
WALKS = ("FHRR", *MODULAR)  # a similarity is a mean of D cosines of random angles
EDGE = 1e-9  # a tolerance that is one of the values includes it, whatever floats make of it


def similarity_mass(
    model: str, dim: int, *, block: int = 16, density: float | None = None, modulus: int = 16
) -> tuple[Floats, Floats]:
    """Every value that the similarity of two unrelated atoms can take, and its probability.

    - MAPI, MAPB, BSC, MBAT: (2 k - D) / D, k binomial(D, 1/2).
    - BSDC: the overlap of two sets of K ones is hypergeometric, centred and scaled as Pearson's
      correlation is; density defaults to 1/sqrt(dim) and is rounded to whole ones.
    - SBC: the equal blocks are binomial(D / block, 1 / block), centred at chance.
    - MCR, CGR of modulus 2, 3, 4 or 6, whose cosines are rational: sums of D of them. (Those of
      other moduli have sums without number; they have a density.)

    Kind: exact (modulus 6: to 1e-15). Source: direct calculation; for bits Kanerva 2009,
    doi:10.1007/s12559-009-9009-8. Taught in notebook 01.

    >>> values, mass = similarity_mass("BSC", 4)
    >>> values.tolist(), mass.round(4).tolist()
    ([-1.0, -0.5, 0.0, 0.5, 1.0], [0.0625, 0.25, 0.375, 0.25, 0.0625])
    """
    size = int(at_least("dim", dim, 1))
    if model in SIGNS:
        return (2 * np.arange(size + 1) - size) / size, binomial(size, 0.5)
    if model == "BSDC":
        ones = max(1, round(size * (1 / math.sqrt(size) if density is None else density)))
        if ones >= size:
            raise ValueError(f"similarity_mass: {ones} ones fill all of dim {dim}; take fewer")
        overlap, mass = hypergeometric(size, ones)
        return (overlap - ones**2 / size) / (ones * (1 - ones / size)), mass
    if model == "SBC":
        symbols = int(at_least("block", block, 2))
        if size % symbols:
            raise ValueError(f"similarity_mass: dim {dim} is not a multiple of block {block}")
        n, chance = size // symbols, 1 / symbols
        return (np.arange(n + 1) / n - chance) / (1 - chance), binomial(n, chance)
    if _whole(model, modulus):
        sums, mass = score_mass(size, np.full(modulus, 1 / modulus))
        return sums / size, mass
    raise ValueError(
        f"similarity_mass: no model {model!r} among {', '.join(COUNTS)}; HRR, VTB, FHRR, "
        f"and {' and '.join(MODULAR)} of most moduli, have a density instead: similarity_density"
    )


def similarity_density(model: str, dim: int, at: npt.ArrayLike, *, modulus: int = 16) -> Any:
    """Density of the similarity of two unrelated atoms of a model with continuous values.

    - HRR, VTB: the cosine of two random directions, (1 - s²)^((D - 3) / 2) / B(1/2, (D - 1) / 2).
    - FHRR: the mean of D cosines of random angles has the characteristic function J0(t / D)^D;
      it is inverted numerically, to about 1e-9 of the peak. D at least 8.
    - MCR, CGR of modulus 5, or 7 and more: the same with the mean of exp(i t cos(2πk/r) / D) over k
      in place of J0. The law has steps, ever closer as D grows, and here they are smoothed: at
      r = 16 the share of pairs beyond a tolerance is right to 2e-3 at D = 16, 2e-4 at D = 64.

    Kind: exact, but for those steps. Source: direct calculation; the sphere: Cai, Fan & Jiang
    2013, JMLR 14, 1837; the walk: Pearson 1905, doi:10.1038/072294b0. Taught in notebook 01.

    >>> round(float(similarity_density("HRR", 3, 0.7)), 9)  # in space every height is as likely
    0.5
    >>> [round(float(similarity_density(model, 1000, 0.0)), 2) for model in ("FHRR", "MCR")]
    [17.84, 17.84]
    """
    s = np.asarray(at, dtype=np.float64)
    if model in DIRECTIONS:
        size = float(at_least("dim", dim, 2))
        inside = np.abs(s) < 1
        logs = (size - 3) / 2 * np.log1p(-(np.where(inside, s, 0.0) ** 2)) - _log_beta(size)
        return np.where(inside, np.exp(logs), 0.0)[()]
    if model in WALKS and not _whole(model, modulus):
        size = float(at_least("dim", dim, 8))
        # J0(u)^D is below 1e-17 beyond the last node: by its bell, or by the decay of J0 itself
        last = 13 / math.sqrt(size) if size >= 64 else 60.0
        if model in MODULAR:  # these rise again at about u = r: that makes the steps
            last = min(last, max(2.4, modulus / 2))
        u = np.linspace(0, last, 4097)
        step, late = _bessel_j0(u), np.zeros_like(u)
        if model in MODULAR:
            wave = score_wave(u, np.full(modulus, 1 / modulus))
            step, late = (wave.real, late) if modulus % 2 == 0 else (np.abs(wave), np.angle(wave))
        weights = step**size * (u[1] * size / math.pi)
        weights[0] /= 2
        waves = np.cos(np.multiply.outer(s, u * size) - late * size)
        return np.where(np.abs(s) <= 1, np.maximum(waves @ weights, 0.0), 0.0)[()]
    raise ValueError(
        f"similarity_density: no model {model!r} among {', '.join((*DIRECTIONS, *WALKS))}; "
        "the others, and moduli 2, 3, 4 and 6, take finitely many values: similarity_mass"
    )


def similarity_tail(
    dim: int,
    tolerance: npt.ArrayLike,
    *,
    model: str = "MAPI",
    block: int = 16,
    density: float | None = None,
    modulus: int = 16,
) -> Any:
    """Probability that two unrelated atoms have a similarity of tolerance or more, or -tolerance.

    The mass or density of the model's law beyond the tolerance, summed or integrated there, so that
    small probabilities keep their digits (FHRR, MCR, CGR: down to 1e-10). Kind: as theirs.
    Taught in notebook 01.

    >>> f"{similarity_tail(10_000, 0.05):.2e}"
    '6.01e-07'
    >>> round(float(similarity_tail(3, 0.25, model="HRR")), 6)
    0.75
    """
    wanted = at_least("tolerance", tolerance, 0)
    if model in COUNTS or _whole(model, modulus):
        values, mass = similarity_mass(model, dim, block=block, density=density, modulus=modulus)
        order = np.argsort(-np.abs(values), kind="stable")
        beyond = np.concatenate([[0.0], mass[order].cumsum()])
        count = np.searchsorted(-np.abs(values[order]), -(wanted - EDGE), side="right")
        return np.minimum(beyond[count], 1.0)[()]
    nodes, weights = np.polynomial.legendre.leggauss(80)
    reach = 14 / math.sqrt(dim)  # beyond it nothing is left
    start = np.arcsin(np.minimum(wanted, 1.0))  # s = sin θ: smooth up to the pole
    width = np.minimum(math.pi / 2 - start, reach)
    theta = start[..., None] + width[..., None] * (nodes + 1) / 2
    sides = np.sin(theta), -np.sin(theta)  # odd moduli are not the same on both
    heights = sum(similarity_density(model, dim, side, modulus=modulus) for side in sides)
    return np.minimum((heights * np.cos(theta)) @ weights * width / 2, 1.0)[()]


def hoeffding_tail(dim: npt.ArrayLike, tolerance: npt.ArrayLike) -> Any:
    """A bound of ``similarity_tail`` that needs no table: 2 exp(-D tolerance² / 2).

    For a mean of D independent numbers in [-1, 1] whose mean is 0: MAPI, MAPB, BSC, MBAT, FHRR,
    MCR, CGR. Kind: sufficient. Source: Hoeffding 1963, doi:10.1080/01621459.1963.10500830. Taught
    in notebook 01.

    >>> f"{hoeffding_tail(10_000, 0.05):.2e}"
    '7.45e-06'
    """
    d, eps = at_least("dim", dim, 1), at_least("tolerance", tolerance, 0)
    return np.minimum(2 * np.exp(-d * eps**2 / 2), 1.0)[()]


def all_separated(dim: int, n: npt.ArrayLike, tolerance: npt.ArrayLike, **law: Any) -> Any:
    """Probability that all pairs of n atoms are closer to 0 than tolerance: (1 - p)^pairs.

    There are n (n - 1) / 2 pairs, and p is ``similarity_tail``, which takes ``model``, ``block``,
    ``density`` and ``modulus``. Any two pairs are independent, three that close a triangle not
    quite: kind approximate. Without approximation it is at least 1 - n (n - 1) p / 2. Taught in
    notebook 01.

    >>> round(float(all_separated(10_000, 100, 0.04)), 3)
    0.722
    """
    count = at_least("n", n, 1)
    p = np.minimum(similarity_tail(dim, tolerance, **law), 1 - 1e-16)
    return np.exp(count * (count - 1) / 2 * np.log1p(-p))[()]


def largest_similarity(dim: int, n: int, *, model: str = "MAPI") -> float:
    """Mean of the largest absolute similarity among all pairs of n atoms (MAPI, MAPB, BSC, MBAT).

    About sqrt(4 ln n / D). Summed over ``all_separated``, hence of the same kind: approximate.
    Taught in notebook 01.

    >>> round(largest_similarity(1000, 100), 3)
    0.122
    """
    if model not in SIGNS:
        raise ValueError(f"largest_similarity: no model {model!r} among {', '.join(SIGNS)}")
    at_least("n", n, 2)
    values, _ = similarity_mass(model, dim)
    rungs = values[values > EDGE]
    steps = np.diff(rungs, prepend=0.0)  # E[max] = Σ P(max >= rung) · step
    return float(steps @ (1 - all_separated(dim, n, rungs, model=model)))


def codebook_size(
    dim: npt.ArrayLike, tolerance: float, *, failure: float = 0.01, method: str = "union"
) -> Any:
    """How many random atoms fit so that all pairs are closer to 0 than tolerance.

    All of them are with probability 1 - failure at least. For MAPI, MAPB, BSC and MBAT.

    - "hoeffding": n (n - 1) exp(-D tolerance² / 2) <= failure, so that n grows like
      exp(D tolerance² / 4). Kind: sufficient.
    - "union": the same with the exact tail of one pair. Kind: sufficient.
    - "independent": pairs taken as independent, ``all_separated``. Kind: approximate.

    Infinite where it exceeds the floats. Source: Johnson & Lindenstrauss 1984,
    doi:10.1090/conm/026/737400, for the exponential. Taught in notebook 01.

    >>> [float(codebook_size(1000, 0.2, method=m)) for m in ("hoeffding", "union", "independent")]
    [2203.0, 8562.0, 8583.0]
    """
    if not 0 < failure < 1:
        raise ValueError(f"codebook_size: failure is a probability between 0 and 1, got {failure}")
    if method not in ("hoeffding", "union", "independent"):
        raise ValueError(
            f"codebook_size: method must be hoeffding, union or independent, got {method!r}"
        )
    dims = at_least("dim", dim, 1)
    if method == "hoeffding":
        tails = hoeffding_tail(dims, tolerance)
    else:
        tails = np.vectorize(similarity_tail, otypes=[np.float64])(dims.astype(int), tolerance)
    with np.errstate(divide="ignore", over="ignore"):
        if method == "independent":
            pairs = math.log1p(-failure) / np.log1p(-np.minimum(tails, 1 - 1e-16))
        else:
            pairs = failure / tails
        return np.maximum(1.0, np.floor((1 + np.sqrt(1 + 8 * pairs)) / 2))[()]


def _whole(model: str, modulus: int) -> bool:
    """Whether this is a model of integers whose cosines are rational."""
    return model in MODULAR and int(at_least("modulus", modulus, 2)) in UNITS


def hypergeometric(size: int, ones: int) -> tuple[Floats, Floats]:
    """How many ones two random sets of ``ones`` places share: values and probabilities."""
    log_factorial = np.concatenate([[0.0], np.log(np.arange(1, size + 1)).cumsum()])
    k = np.arange(max(0, 2 * ones - size), ones + 1)
    rest = size - 2 * ones + k
    logs = -(log_factorial[k] + 2 * log_factorial[ones - k] + log_factorial[rest])
    mass = np.exp(logs - logs.max())
    return k.astype(np.float64), mass / mass.sum()


def _log_beta(dim: float) -> float:
    """Logarithm of B(1/2, (D - 1) / 2)."""
    return math.lgamma(0.5) + math.lgamma((dim - 1) / 2) - math.lgamma(dim / 2)


def _bessel_j0(u: Floats) -> Floats:
    """J0(u) = mean of cos(u sin θ) over a circle; for |u| <= 60 exact to rounding in 128 points."""
    angles = np.sin(np.pi * (np.arange(64) + 0.5) / 64)  # half of the circle, the rest mirrors it
    out: Floats = np.cos(np.multiply.outer(u, angles)).mean(-1)
    return out
