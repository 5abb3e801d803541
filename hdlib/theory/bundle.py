"""How similar a bundle is to its members, an unbound vector to the original, strangers to others.

Every function takes numbers or arrays and broadcasts. "Exact" means at every dimension;
"approximate" names the order of what is left out.
"""

from __future__ import annotations

import functools
import itertools
import math
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
EXACT = (
    "MAPI",
    "MAPB",
    "BSC",
    "BSDC",
    "SBC",
    "MCR",
    "CGR",
    "FHRR",
)  # models whose unbind undoes bind
ORTHOGONAL = ("permutation", "orthogonal", "hadamard")  # and kinds of MBAT

FEW = 15  # zeros left in a bundle below which its fill is no longer nearly normal

# C(2k, k) / 4^k is ∏ (2j - 1) / (2j); times sqrt(πk) it is a series in 1/k (from DLMF 5.11.13)
CENTRAL = np.concatenate([[1.0], np.cumprod(1 - 0.5 / np.arange(1, 65))])
SERIES = (1, -1 / 8, 1 / 128, 5 / 1024, -21 / 32768, -399 / 262144)


def at_least(name: str, value: Any, low: float) -> Floats:
    """The value as floats; a ValueError if any lies below ``low`` or is no number."""
    array = np.asarray(value, dtype=np.float64)
    if not (array >= low).all():
        raise ValueError(f"{name} must be at least {low:g}, got {value!r}")
    return array


def majority_agreement(n: npt.ArrayLike) -> Any:
    """β_n, the expected product of a voter's sign and the majority of n fair signs.

    β_n = C(n - 1, (n - 1) / 2) / 2^(n - 1) for odd n; with random ties an even n equals n + 1.
    Assumes independent voters and fair ties. Kind: exact (computed to 1e-13, also for huge n).
    Source: Minsky & Papert 1969; arXiv 2301.10352, section on MAP-B. Taught in notebook 04.

    >>> majority_agreement([1, 2, 3, 9])
    array([1.       , 0.5      , 0.5      , 0.2734375])
    >>> f"{majority_agreement(10**12):.4e}"
    '7.9788e-07'
    """
    k = np.floor(at_least("n", n, 1) / 2)  # (n - 1) / 2, even n rounded up
    large = np.maximum(k, 1.0)
    series = sum(c / large**i for i, c in enumerate(SERIES)) / np.sqrt(math.pi * large)
    exact = CENTRAL[np.minimum(k, len(CENTRAL) - 1).astype(int)]
    return np.where(k < len(CENTRAL), exact, series)[()]


def similarity_sd(
    dim: npt.ArrayLike,
    *,
    model: str = "MAPI",
    block: npt.ArrayLike = 16,
    modulus: npt.ArrayLike = 16,
) -> Any:
    """Standard deviation of the similarity of two unrelated atoms; its mean is 0.

    1/sqrt(D) for signs, bits and normal numbers; 1/sqrt(2 D) for phases (FHRR, and MCR and CGR of
    modulus 3 or more; of modulus 2 they are signs, 1/sqrt(D)); 1/sqrt(D - 1) for sets of a fixed
    size (BSDC, any density); 1/sqrt(D - D / block) for block codes (SBC). Assumes
    independent atoms. Kind: exact. Source: direct calculation; for bits also Kanerva 2009,
    doi:10.1007/s12559-009-9009-8. Taught in notebook 01.

    >>> float(similarity_sd(10_000))
    0.01
    >>> round(float(similarity_sd(1000, model="SBC", block=4)), 4)
    0.0365
    """
    d = at_least("dim", dim, 1)
    if model == "FHRR":
        d = 2 * d
    elif model in ("MCR", "CGR"):
        d = d * np.where(at_least("modulus", modulus, 2) < 3, 1, 2)
    elif model == "BSDC":
        d = d - 1
    elif model == "SBC":
        d = d - d / at_least("block", block, 2)
    return (1 / np.sqrt(d))[()]


def member_similarity(
    model: str,
    n: npt.ArrayLike,
    *,
    dim: npt.ArrayLike = math.inf,
    density: npt.ArrayLike | None = None,
    bundles: str = "or",
    block: npt.ArrayLike = 16,
    modulus: npt.ArrayLike = 16,
) -> Any:
    """Expected similarity of a member to its bundle of n independent atoms.

    - MAPB, BSC: β_n. Kind: exact.
    - SBC: by symmetry a voter agrees with the winner in E[greatest count] / n of the blocks,
      whichever way ties fall; centred as the model's similarity is. Kind: exact.
    - CGR: as SBC with blocks of the modulus: cosines to the r - 1 others add up to -1. Kind: exact.
    - MCR: E[greatest projection of the sum of phasors on an angle] / n. For even r a regular
      polygon is a sum of segments, and this is (r/2) sin(π/r) E|Σ sin θ_j| / n, θ_j half a step
      off the grid. Kind: exact for even r and n <= 256 (computed to 1e-4), and for odd r while
      C(n + r - 1, n) <= 50,000; else approximate, to O(n^-3/2), for r = 3 O(1/n).
    - MAPI, MBAT, FHRR, BSDC "count": (1 - σ² (n - 1) / (4 n)) / sqrt(n), σ = ``similarity_sd``;
      HRR and VTB, whose lengths vary, lose twice as much. Kind: approximate, to O(D^-3/2).
    - BSDC "or" with a share f of ones: sqrt(f (1 - f)^(n - 1) / (1 - (1 - f)^n)), and the spread
      of the fill to second order. Kind: approximate, to O(D^-3/2); when fewer than 15 zeros are
      left, over a Poisson number of them, to a few per cent.

    dim may stay infinite where the limit is wanted; density defaults to 1/sqrt(dim) and is rounded
    to whole ones. Source: arXiv 2301.10352 (MAP); corrections by the delta method.
    Taught in notebook 04.

    >>> float(member_similarity("BSC", 5)), round(float(member_similarity("MAPI", 5)), 4)
    (0.375, 0.4472)
    >>> member_similarity("SBC", [2, 10], block=16).round(4)
    array([0.5   , 0.1819])
    >>> round(float(member_similarity("BSDC", 5, dim=10_000)), 4)
    0.4427
    """
    count, d = at_least("n", n, 1), at_least("dim", dim, 1)
    if model in ("MAPB", "BSC"):
        return majority_agreement(count)
    if model == "SBC":
        b = at_least("block", block, 2)
        return ((_leader_share(count, b) - 1 / b) / (1 - 1 / b))[()]
    if model in ("MCR", "CGR"):
        r = at_least("modulus", modulus, 2)
        if model == "CGR":
            return ((_leader_share(count, r) - 1 / r) / (1 - 1 / r))[()]
        return np.vectorize(_phasor_share, otypes=[np.float64])(count, r)[()]
    if model == "BSDC" and bundles == "or":
        if density is None and not np.isfinite(d).all():
            raise ValueError("member_similarity: BSDC needs a density, or a dim to derive it from")
        f = 1 / np.sqrt(d) if density is None else np.asarray(density, dtype=np.float64)
        return _or_similarity(count, d, f)[()]
    if model not in ("MAPI", "MBAT", "FHRR", "BSDC", "HRR", "VTB"):
        raise ValueError(f"member_similarity: no model {model!r}")
    loss = 2 if model in ("HRR", "VTB") else 1
    variance = similarity_sd(d, model=model) ** 2
    return ((1 - loss * variance * (count - 1) / (4 * count)) / np.sqrt(count))[()]


def _or_similarity(n: Floats, d: Floats, density: Floats) -> Floats:
    """Pearson's correlation of member and OR: sqrt(k z / ((D - k) (D - z))) for z zeros left.

    Averaged over z by the delta method, or, where few are left, over a Poisson number of them.
    """
    n, d, density = np.broadcast_arrays(n, d, density)
    size = np.where(np.isfinite(d), d, 1e15)
    ones = np.maximum(1, np.rint(density * size))
    f = ones / size
    u = (1 - f) ** n  # expected share of zeros
    both = (u * (1 - ones / np.maximum(size - 1, 1)) ** n).clip(0)  # two given places are zero
    spread = ((u - u**2) / size + (1 - 1 / size) * (both - u**2)).clip(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        bend = (4 * u - 1) / (4 * u**1.5 * (1 - u) ** 2.5)
        smooth = np.sqrt(u / (1 - u)) + spread * bend / 2
    zeros = np.arange(1, 60).reshape(-1, *(1,) * u.ndim)
    factorials = np.cumsum(np.log(zeros), axis=0)
    mean = np.minimum(size * u, FEW).clip(1e-300)
    chances = np.exp(zeros * np.log(mean) - mean - factorials)
    rare = (chances * np.sqrt(zeros / np.maximum(size - zeros, 1))).sum(0)
    return np.asarray(np.where(size * u < FEW, rare, smooth) * np.sqrt(f / (1 - f)))


@functools.lru_cache(maxsize=4096)
def _greatest_count(n: int, block: int) -> float:
    """E[max count] of n throws into ``block`` boxes: Σ_m P(max > m), by powers of a series.

    P(max <= m) = n! [z^n] (Σ_(j<=m) z^j / j!)^block / block^n, with each z^j / j! weighted as a
    Poisson probability of mean n / block, so that nothing overflows.
    """
    mean = n / block
    logs = np.array([j * math.log(mean) - mean - math.lgamma(j + 1) for j in range(n + 1)])
    total = math.exp(n * math.log(n) - n - math.lgamma(n + 1))  # the sum is n
    expected = 0.0
    for m in range(n):
        base, power, rest = np.exp(logs[: m + 1]), np.ones(1), block
        while rest:
            if rest & 1:
                power = np.convolve(power, base)[: n + 1]
            base, rest = np.convolve(base, base)[: n + 1], rest >> 1
        below = power[n] / total if len(power) > n else 0.0
        expected += 1 - below
        if below > 1 - 1e-13:
            break
    return expected


def _leader_share(n: Floats, block: Floats) -> Floats:
    def share(voters: float, symbols: float) -> float:
        return _greatest_count(int(voters), int(symbols)) / voters

    return np.asarray(np.vectorize(share, otypes=[np.float64])(n, block))


def _phasor_share(n: float, modulus: float) -> float:
    """E[max over angles a of Σ_j cos(θ_j - a)] / n, the θ_j uniform on the same r angles."""
    size, r = int(n), int(modulus)
    if r in (2, 4):  # 4: two independent signs, half a turn apart
        return float(majority_agreement(size))
    if r % 2 and math.comb(size + r - 1, size) <= 50_000:
        turns = 2 * math.pi / r * np.arange(r)
        return float(phasor_offsets(size, r) @ np.cos(turns))
    return _phasors_walked(size, r)


@functools.lru_cache(maxsize=4096)
def phasor_offsets(n: int, r: int) -> Floats:
    """The law of a member minus the angle nearest to the sum of n phasors, in steps of 2π/r.

    Exact: by all ways to put n phasors on r angles, C(n + r - 1, n) of them; the nearest angles
    share what ties. ``-> (r,)``.

    >>> phasor_offsets(2, 3).round(4).tolist()
    [0.6667, 0.1667, 0.1667]
    """
    bars = np.array(list(itertools.combinations(range(n + r - 1), r - 1)))
    ends = np.full((len(bars), 1), n + r - 1)
    counts = np.diff(bars, axis=1, prepend=-1, append=ends) - 1  # (ways, r)
    logs = np.array([math.lgamma(j + 1) for j in range(n + 1)])
    chances = np.exp(logs[n] - logs[counts].sum(1) - n * math.log(r))
    turns = np.subtract.outer(np.arange(r), np.arange(r)) * (2 * math.pi / r)
    votes = counts @ np.cos(turns)
    best = votes >= votes.max(1, keepdims=True) - 1e-9
    ways, leader = np.nonzero(best)
    weight = chances[ways] / best.sum(1)[ways] / n
    law: Floats = np.array([weight @ counts[ways, (leader + k) % r] for k in range(r)])
    return law


@functools.lru_cache(maxsize=4096)
def _phasors_walked(n: int, r: int) -> float:
    """(r/2) sin(π/r) E|X| / n for X a sum of n sines: on a fine grid, or by Edgeworth's series.

    A value between two points of the grid is shared between them, which keeps the mean.
    """
    front = r / 2 * math.sin(math.pi / r) / n
    if n > 256:
        return front * math.sqrt(n / math.pi) * (1 + 1 / (16 * n))
    grid = 1 << 16
    fine = grid / (2 * n + 2)
    sines = np.sin((np.arange(r) + 0.5) * 2 * math.pi / r) * fine
    low = np.floor(sines).astype(int)
    step = np.zeros(grid)
    np.add.at(step, low % grid, (low + 1 - sines) / r)
    np.add.at(step, (low + 1) % grid, (sines - low) / r)
    walk = np.fft.irfft(np.fft.rfft(step) ** n, grid)
    places = np.minimum(np.arange(grid), grid - np.arange(grid))
    return float(front * (walk @ places) / fine)


def unbind_similarity(model: str, kind: str | None = None, *, dim: npt.ArrayLike = math.inf) -> Any:
    """Expected similarity of ``unbind(bind(x, y), y)`` to x, for independent atoms x and y.

    1 where binding is undone exactly. HRR, VTB and Gaussian MBAT unbind by a transpose, and MᵀM has
    mean eigenvalue 1 and mean square 2 + c: the similarity is (1 + e / D) / sqrt(2 + c), 1/sqrt(2)
    in the limit. c = 2/D (HRR; 1/D for odd D), 1/sqrt(D) (VTB), 1/D (MBAT); the spread of numerator
    and lengths gives e = 7/2, 7/4, 3/8. Assumes independent atoms.
    Kind: exact (1), else approximate, to O(D^-3/2). Source: Plate 1995, doi:10.1109/72.377968;
    Gosmann & Eliasmith 2019, doi:10.1162/neco_a_01179; moments of a Wishart matrix, delta method.
    Taught in notebook 02.

    >>> float(unbind_similarity("FHRR")), round(float(unbind_similarity("HRR")), 4)
    (1.0, 0.7071)
    >>> round(float(unbind_similarity("VTB", dim=100)), 4)
    0.7021
    """
    d = at_least("dim", dim, 1)
    if model in EXACT or (model == "MBAT" and kind in (None, *ORTHOGONAL)):
        return np.ones_like(d)[()]
    if model == "HRR":
        c, e = np.where(np.fmod(np.where(np.isfinite(d), d, 0), 2) == 1, 1, 2) / d, 7 / 2
    elif model == "VTB":
        c, e = 1 / np.sqrt(d), 7 / 4
    elif model == "MBAT" and kind == "gaussian":
        c, e = 1 / d, 3 / 8
    else:
        raise ValueError(f"unbind_similarity: no model {model!r} of kind {kind!r}")
    return ((1 + e / d) / np.sqrt(2 + c))[()]
