"""A bundle of any model read as a set: is this in it, and how much do two have in common?"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from hdlib import bits, theory
from hdlib.sets.common import Estimate
from hdlib.vsa import BSDC, FHRR, MAPI, VSA
from hdlib.vsa.base import whole

SHARES = np.linspace(0.2, 0.8, 61)  # of a member's mean score, tried as thresholds


class Answers(NamedTuple):
    """What a bundle says of queries, and how often theory expects it to be wrong."""

    member: Tensor  # bool
    score: Tensor  # 1 on average for a member of a sum, its similarity for the other models
    threshold: float
    false_positive: float
    false_negative: float


def membership(
    vsa: VSA,
    bundle: Tensor,
    queries: Tensor,
    *,
    n: int | None = None,
    threshold: float | str = "optimal",
) -> Answers:
    """Which queries are in a bundle of independent atoms: ``(W,), (*s, W) -> (*s,)``.

    The score of a query is x · a / a · a for models that add, and for the others the similarity; of
    an OR bundle (BSDC) the share of the query's ones that are covered. From ``threshold`` on the
    answer is yes; "optimal" takes the one with the least sum of both errors, for an OR bundle 1.
    n: how many atoms the bundle holds. Sums and OR bundles show it themselves; for models that keep
    a sign or a symbol it must be given. The errors are those of ``theory.false_positive`` and its
    companion, exact but for CGR (approximate) and MCR (sufficient); of BSDC exact.
    Source: arXiv 2301.10352. Taught in notebook 05.

    >>> from hdlib import MAPB
    >>> vsa = MAPB(1000)
    >>> bundle = vsa.bundle(vsa.atoms(range(25)))
    >>> answers = membership(vsa, bundle, vsa.atoms([3, 24, 25]), n=25)
    >>> answers.member.tolist(), round(answers.false_positive, 4)
    ([True, True, False], 0.0052)
    """
    vsa._check("membership", bundle, queries)
    if bundle.dim() != 1:
        raise ValueError(f"membership: one bundle (W,) is needed, got {tuple(bundle.shape)}")
    if threshold != "optimal" and not isinstance(threshold, int | float):
        raise ValueError(f'membership: threshold must be a number or "optimal", got {threshold!r}')
    given = None if isinstance(threshold, str) else float(threshold)
    if isinstance(vsa, BSDC) and not vsa.additive:
        return _covered(vsa, bundle, queries, 1.0 if given is None else given)
    n = _size("membership", vsa, bundle, n)
    score = scores(vsa, bundle, queries, n)
    kept = 1.0 if vsa.additive else float(_kept(vsa, n))
    at = kept * SHARES if given is None else np.array([given])
    positive, negative = _errors(vsa, n, at)
    best = int((positive + negative).argmin())
    t = float(at[best])
    return Answers(score >= t - 1e-9, score, t, float(positive[best]), float(negative[best]))


def scores(vsa: VSA, x: Tensor, queries: Tensor, n: int) -> Tensor:
    """The score of each query: ``(W,), (*s, W) -> (*s,)`` float64."""
    if not vsa.additive:
        return vsa.similarity(queries, x).double()
    dots = inner(queries, x)
    if isinstance(vsa, BSDC):
        chance = vsa.ones**2 / vsa.dim
        return (dots - n * chance) / (vsa.ones - chance)
    return dots / energy(vsa)


def inner(x: Tensor, y: Tensor) -> Tensor:
    """Real part of the inner products of rows with a vector: ``(*s, W), (W,) -> (*s,)`` float64."""
    kind = torch.complex128 if x.is_complex() or y.is_complex() else torch.float64
    dots = x.to(kind) @ y.to(kind).conj()
    return dots.real if dots.is_complex() else dots


def energy(vsa: VSA) -> float:
    """Mean square length of an atom of a model that adds."""
    return float(vsa.dim if isinstance(vsa, MAPI | FHRR) else getattr(vsa, "ones", 1))


def _size(verb: str, vsa: VSA, x: Tensor, n: int | None) -> int:
    """How many atoms a bundle holds, as given or as its length tells."""
    if n is not None:
        return whole(f"{verb}: n", n, 1)
    if not vsa.additive:
        raise ValueError(f"{verb}: a bundle of {type(vsa).__name__} does not show its size; give n")
    if isinstance(vsa, BSDC):
        return max(1, round(float(x.double().sum()) / vsa.ones))
    return max(1, round(float(inner(x, x)) / energy(vsa)))


def _options(vsa: VSA) -> dict[str, Any]:
    return {k: v for k, v in vsa.options().items() if k in ("block", "modulus")}


def _kept(vsa: VSA, n: int) -> Any:
    return theory.member_similarity(type(vsa).__name__, n, dim=vsa.dim, **_options(vsa))


def _errors(vsa: VSA, n: int, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both errors at thresholds: ``(m,) -> (m,), (m,)``."""
    if isinstance(vsa, BSDC):
        k, chance = vsa.ones, vsa.ones**2 / vsa.dim
        least = np.ceil(n * chance + at * (k - chance) - 1e-6).astype(int).clip(0)
        stranger, others = (theory.count_score_mass(i, bits=vsa.dim, hashes=k) for i in (n, n - 1))
        positive = np.array([stranger[t:].sum() for t in least])
        return positive, np.array([others[: max(0, t - k)].sum() for t in least])
    model, options = type(vsa).__name__, _options(vsa)
    forms = theory.membership_forms(model, **options)
    form = next(f for f in ("exact", "approximate", "sufficient") if f in forms)
    call = {"dim": vsa.dim, "threshold": at, "form": form, **options}
    return theory.false_positive(model, n, **call), theory.false_negative(model, n, **call)


def _covered(vsa: BSDC, bundle: Tensor, queries: Tensor, threshold: float) -> Answers:
    """OR bundles: a member is always covered, a stranger by a hypergeometric number of its ones."""
    full, k, m = int(bits.popcount(bundle).sum()), vsa.ones, vsa.dim
    score = bits.popcount(queries & bundle).sum(-1).double() / bits.popcount(queries).sum(-1)
    least = max(0, math.ceil(threshold * k - 1e-9))
    ways = sum(math.comb(full, j) * math.comb(m - full, k - j) for j in range(least, k + 1))
    missed = 0.0 if threshold <= 1 else 1.0
    return Answers(score >= threshold - 1e-9, score, threshold, ways / math.comb(m, k), missed)


def intersection_size(
    vsa: VSA, x: Tensor, y: Tensor, *, a: int | None = None, b: int | None = None
) -> Estimate:
    """How many atoms two bundles share, with the standard error by theory: ``(W,), (W,) ->``.

    a, b: how many atoms each holds; needed for models that keep a sign. Models that add: the inner
    product, unbiased. MAPB, BSC: ``theory.intersection_estimate``. BSDC with OR: as two Bloom
    filters. Source: arXiv 2301.10352; ``theory.intersection_moments``. Taught in notebook 05.

    >>> from hdlib import MAPI
    >>> vsa = MAPI(4096)
    >>> x, y = (vsa.bundle(vsa.atoms(ids)) for ids in (range(50), range(30, 70)))
    >>> shared, error = intersection_size(vsa, x, y)
    >>> round(shared, 1), round(error, 2)
    (20.8, 0.78)
    """
    vsa._check("intersection_size", x, y)
    if x.dim() != 1 or y.dim() != 1:
        shapes = f"{tuple(x.shape)} and {tuple(y.shape)}"
        raise ValueError(f"intersection_size: two bundles (W,) are needed, got {shapes}")
    if isinstance(vsa, BSDC) and not vsa.additive:
        shape: dict[str, Any] = {"bits": vsa.dim, "hashes": vsa.ones, "kind": "distinct"}
        ones = [int(bits.popcount(v).sum()) for v in (x, y, x | y)]
        first, second, both = (float(theory.bloom_count(count, **shape)) for count in ones)
        if both == math.inf:
            raise ValueError("intersection_size: together the bundles are full; take a larger dim")
        shared = first + second - both
        c = min(max(shared, 0.0), first, second)
        return Estimate(shared, float(theory.bloom_intersection_sd(first, second, c, **shape)))
    a, b = _size("intersection_size", vsa, x, a), _size("intersection_size", vsa, y, b)
    model = type(vsa).__name__
    if vsa.additive:
        score = float(inner(x.unsqueeze(0), y)[0])
        if isinstance(vsa, BSDC):
            chance = vsa.ones**2 / vsa.dim
            shared = (score - a * b * chance) / (vsa.ones - chance)
        else:
            shared = score / energy(vsa)
    else:
        score = float(vsa.similarity(x, y).double())
        shared = float(theory.intersection_estimate(model, score, a, b))
    c = round(min(max(shared, 0), a, b))
    return Estimate(shared, float(theory.intersection_moments(model, a, b, c, dim=vsa.dim)[1]))
