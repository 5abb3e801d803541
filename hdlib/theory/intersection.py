"""How many items do two sets share? Estimated from their bundles alone, with the error of it.

The score is x · y / a · a for models that add (the mean square of an atom), the ``similarity`` for
those that keep a sign. For BSDC with counts it is (x · y - a b K² / D) / (K - K² / D).
Blocks of two symbols and circles of two angles hold a sign as well (SBC, MCR, CGR), circles of four
angles two independent ones (MCR): their forms are those of signs, at D / 2, D and 2 D of them.
With more symbols the winners of two votes are one plurality in another, and no form is known.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from hdlib.theory.analogy import binomial, tilt
from hdlib.theory.bundle import at_least
from hdlib.theory.tails import binomial_law, log_below, log_normal_tail, log_tail

Floats = npt.NDArray[np.float64]
SIGNS = ("MAPB", "BSC")
VOTES = {"SBC": {2: 0.5}, "MCR": {2: 1.0, 4: 2.0}, "CGR": {2: 1.0}}  # signs in a dimension
UNBIASED = ("MAPI", "MBAT", "FHRR", "HRR", "VTB", "BSDC")  # scores whose mean is the size itself


def intersection_similarity(
    model: str, a: int, b: int, shared: npt.ArrayLike, *, block: int = 16, modulus: int = 16
) -> Any:
    """Expected score of the bundles of two sets of a and b items that have ``shared`` in common.

    The size itself for models that add. For MAPB and BSC a sum over the walk of the common items,
    Σ P(C) E[sign(C + A)] E[sign(C + B)], about (2/π) arcsin(shared / sqrt(a b)); 1 for equal sets,
    whose ties are equal. The same for SBC of block 2, CGR of modulus 2 and MCR of 2 and 4.
    Form: exact. Assumes independent atoms. Source: derived for this course. Taught in notebook 04.

    >>> float(intersection_similarity("MAPI", 50, 40, 20))
    20.0
    >>> intersection_similarity("BSC", 50, 40, [0, 10, 20, 40]).round(4)
    array([0.    , 0.1417, 0.2906, 0.6849])
    """
    first, second, common = _sets(a, b, shared)
    if model in UNBIASED:
        return common[()]
    _votes(model, block, modulus)
    table = _profile(first, second)
    if (common != np.rint(common)).any():
        raise ValueError(f"shared must be a whole number of items, got {shared!r}")
    return table[common.astype(int)][()]


def intersection_estimate(
    model: str,
    score: npt.ArrayLike,
    a: int,
    b: int,
    *,
    form: str = "exact",
    block: int = 16,
    modulus: int = 16,
) -> Any:
    """The number of common items that a score speaks for, a and b being known.

    The score itself for models that add: without bias. For those that keep signs the inverse of
    ``intersection_similarity``, by straight lines between whole numbers, and beyond the ends; or,
    form="approximate", sqrt(a b) sin(π score / 2). Taught in notebook 04.

    >>> intersection_estimate("BSC", [0.0, 0.2906], 50, 40).round(2)
    array([ 0., 20.])
    """
    first, second, _ = _sets(a, b, 0)
    value = np.asarray(score, dtype=np.float64)
    if form not in ("exact", "approximate"):
        raise ValueError(f"intersection_estimate: form must be exact or approximate, got {form!r}")
    if model in UNBIASED:
        return value[()]
    _votes(model, block, modulus)
    if form == "approximate":
        return (math.sqrt(first * second) * np.sin(np.pi / 2 * value.clip(-1, 1)))[()]
    table = _profile(first, second)
    most, last = len(table) - 1, table[-1] - table[-2]
    size = np.abs(value)  # the profile is odd: unlike sets below chance
    inside = np.interp(size, table, np.arange(most + 1))
    guess = np.where(size > table[-1], most + (size - table[-1]) / last, inside)
    return (np.sign(value) * guess)[()]


def intersection_moments(
    model: str,
    a: int,
    b: int,
    shared: int,
    *,
    dim: npt.ArrayLike,
    block: int = 16,
    modulus: int = 16,
) -> tuple[Any, Any]:
    """Mean and standard deviation of ``intersection_estimate``; its bias is the mean less shared.

    - MAPI, MBAT: variance (a b + c² - 2 c) / D, c = shared; FHRR half of it; HRR, VTB
      (a b + c²) / D; BSDC with counts (a b + c² - 2 c) / (D - 1), whatever the density. No bias.
    - MAPB, BSC: over the binomial number of places where the bundles agree. SBC of block 2, CGR of
      modulus 2 and MCR of 2 and 4 likewise, over D / 2, D, D and 2 D places.

    Form: exact. Assumes independent atoms. Source: derived for this course; arXiv 2301.10352 has
    O(·) bounds. Taught in notebook 04.

    >>> mean, sd = intersection_moments("MAPI", 50, 40, 20, dim=1024)
    >>> float(mean), round(float(sd), 3)
    (20.0, 1.518)
    >>> mean, sd = intersection_moments("BSC", 50, 40, 20, dim=1024)
    >>> round(float(mean), 3), round(float(sd), 3)
    (19.977, 1.916)
    """
    first, second, common = _sets(a, b, shared)
    d, c = at_least("dim", dim, 2), float(common)
    if model in UNBIASED:
        twice = 0 if model in ("HRR", "VTB") else 2 * c
        size = 2 * d if model == "FHRR" else d - 1 if model == "BSDC" else d
        variance = (first * second + c * c - twice) / size
        return np.full(d.shape, c)[()], np.sqrt(variance)[()]
    law: dict[str, Any] = {"block": block, "modulus": modulus}
    similarity = float(intersection_similarity(model, first, second, int(c), **law))

    def one(size: float) -> tuple[float, float]:
        mass = binomial(int(size), (1 + similarity) / 2)
        scores = (2 * np.arange(int(size) + 1) - size) / size
        guess = intersection_estimate(model, scores, first, second, **law)
        mean = float(mass @ guess)
        return mean, math.sqrt(max(0.0, float(mass @ (guess - mean) ** 2)))

    size = d * _votes(model, block, modulus)
    mean, sd = np.vectorize(one, otypes=[np.float64, np.float64])(size)
    return mean[()], sd[()]


def intersection_error(
    model: str,
    a: int,
    b: int,
    shared: int,
    *,
    dim: npt.ArrayLike,
    error: float = 0.5,
    form: str = "exact",
    nudge: int = 0,
    block: int = 16,
    modulus: int = 16,
) -> Any:
    """Probability that the estimate is off by ``error`` or more; 0.5: that it rounds wrongly.

    - "exact": a binomial sum (models that keep signs; the others have none).
    - "sufficient": Chebyshev's inequality on the exact moments, or, where it is less, for MAPI,
      MBAT, HRR and VTB 4 exp(-D (ε²/4 - ε³/6)) with ε = 2 error / (a + b) <= 1: the lengths of
      x + y and x - y by the lemma of Johnson and Lindenstrauss. Models without bias only.
    - "approximate": the normal law with the exact moments.

    ``nudge`` moves both thresholds of the binomial sum against us by so many values. Source:
    Achlioptas 2003, doi:10.1016/S0022-0000(03)00025-4, for the constants. Taught in
    notebook 04.

    >>> rough = intersection_error("MAPI", 50, 40, 20, dim=9440, error=1, form="approximate")
    >>> round(float(rough), 4)
    0.0455
    >>> round(float(intersection_error("BSC", 50, 40, 20, dim=9440, error=1)), 3)
    0.114
    """
    d = at_least("dim", dim, 2)
    forms = intersection_forms(model, block=block, modulus=modulus)
    if form not in forms:
        raise ValueError(f"intersection: {model} has no form {form!r}, only {', '.join(forms)}")
    if not error > 0:
        raise ValueError(f"intersection_error: error must be above 0, got {error!r}")
    if model not in UNBIASED:
        kind: dict[str, Any] = {"block": block, "modulus": modulus}
        similarity = float(intersection_similarity(model, a, b, shared, **kind))
        d = d * _votes(model, block, modulus)
        law = binomial_law(d, np.full(d.shape, (1 + similarity) / 2), start=-d, step=2)
        table = _profile(int(a), int(b))
        high, low = (_score(table, shared + off) * d for off in (error, -error))
        above = log_tail(law, high, form, nudge=-nudge)
        under = log_below(law, low, form, nudge=nudge)
        return np.minimum(np.exp(above) + np.exp(under), 1.0)[()]
    _, sd = intersection_moments(model, a, b, shared, dim=d)
    if form == "approximate":
        with np.errstate(divide="ignore"):  # two equal sets of one item: no spread
            return (2 * np.exp(log_normal_tail(error / sd)))[()]
    bound, eps = (sd / error) ** 2, 2 * error / (a + b)
    if model in ("MAPI", "MBAT", "HRR", "VTB") and eps <= 1:
        bound = np.minimum(bound, 4 * np.exp(-d * (eps**2 / 4 - eps**3 / 6)))
    return np.minimum(bound, 1.0)[()]


def intersection_forms(model: str, *, block: int = 16, modulus: int = 16) -> tuple[str, ...]:
    """Which forms ``intersection_error`` has for a model.

    >>> intersection_forms("MAPI"), intersection_forms("BSC"), intersection_forms("MCR", modulus=4)
    (('sufficient', 'approximate'), ('exact', 'approximate'), ('exact', 'approximate'))
    """
    if model in UNBIASED:
        return ("sufficient", "approximate")
    _votes(model, block, modulus)
    return ("exact", "approximate")


def _votes(model: str, block: int, modulus: int) -> float:
    """Independent signs that a model keeps in a dimension; or a ValueError."""
    if model in SIGNS:
        return 1.0
    known, symbols = VOTES.get(model, {}), block if model == "SBC" else modulus
    if symbols in known:
        return known[symbols]
    name, what = repr(model), "block" if model == "SBC" else "modulus"
    if known:
        name += f" of {what} {symbols}, only of {' and '.join(map(str, known))}, and"
    raise ValueError(
        f"intersection: no closed form for {name} only for {', '.join((*UNBIASED, *SIGNS))}"
    )


def _sets(a: int, b: int, shared: npt.ArrayLike) -> tuple[int, int, Floats]:
    first, second = (int(at_least(name, size, 1)) for name, size in (("a", a), ("b", b)))
    common = at_least("shared", shared, 0)
    if (common > min(first, second)).any():
        raise ValueError(f"shared {shared!r} is more than the smaller of a = {a} and b = {b}")
    return first, second, common


@functools.lru_cache(maxsize=64)
def _profile(a: int, b: int) -> Floats:
    """Similarity of two sign bundles for 0, 1, … min(a, b) common items."""
    out = np.zeros(min(a, b) + 1)
    for c in range(1, len(out)):
        mass, common = binomial(c, 0.5), (2 * np.arange(c + 1) - c).astype(np.float64)
        out[c] = mass @ (tilt(common, a - c) * tilt(common, b - c))
    if a == b:
        out[-1] = 1.0  # equal bundles have equal ties
    return out


def _score(table: Floats, size: float) -> float:
    """The similarity that ``intersection_estimate`` reads as ``size``."""
    most = len(table) - 1
    beyond = max(0.0, abs(size) - most) * (table[-1] - table[-2])
    return math.copysign(float(np.interp(abs(size), np.arange(most + 1), table)) + beyond, size)
