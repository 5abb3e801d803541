"""Is this item in the bundle? The chance of a wrong answer, for one question and for all of them.

The test compares the bundle with the item's atom and says yes from a threshold on. The score is
x · a / a · a for models that add (its mean is 1 for a member, 0 for a stranger), the model's
``similarity`` for those that keep a sign or a symbol. The threshold is by default half of a
member's mean score. The same laws hold for key–value pairs with fresh keys, for sequences of
different symbols at different positions and for products of k fresh atoms, wherever binding is
exact: what is bundled then are independent vectors again.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hdlib.theory.bundle import at_least, member_similarity
from hdlib.theory.modular import UNITS, member_law
from hdlib.theory.sparse import count_laws, log_covered
from hdlib.theory.tails import (
    FORMS,
    Law,
    binomial_law,
    log1p,
    log_below,
    log_sum,
    log_tail,
)

Floats = npt.NDArray[np.float64]
SUMS = ("MAPI", "MBAT", "FHRR", "HRR", "VTB")  # a bundle is a sum: groups in groups change nothing
SIGNS = ("MAPB", "BSC")
TESTED = (*SUMS, *SIGNS, "BSDC", "SBC", "MCR", "CGR")
ANGLES = np.cos((np.arange(64) + 0.5) * math.pi / 64)


@dataclasses.dataclass(frozen=True)
class Laws:
    """Two laws of one test, in units in which a score is shift + threshold · scale.

    ``proxies`` are the variances of the normal laws that bound theirs (Hoeffding), if known.
    """

    member: Law
    stranger: Law
    scale: Floats
    kept: Floats  # a member's mean score
    proxies: tuple[Floats, Floats] | None = None
    forms: tuple[str, ...] = FORMS


def false_positive(
    model: str,
    n: npt.ArrayLike,
    *,
    dim: npt.ArrayLike,
    threshold: npt.ArrayLike | None = None,
    form: str = "exact",
    log: bool = False,
    **options: Any,
) -> Any:
    """Probability that a stranger scores the threshold or more against a bundle of n atoms.

    - MAPI, MBAT: a walk of D n signs. MAPB, BSC: of D signs. SBC: a binomial number of equal
      blocks. FHRR: a sum of D n cosines. HRR, VTB: a sum of D products of normal numbers.
      Form exact: the whole law, by ``tails.log_tail``.
      CGR, and MCR of modulus 2 and 4: a sum of D cosines, exact where they are rational.
      BSDC: an OR (a Bloom filter with distinct places) never misses a member, and takes no other
      threshold than 1; counts (bundles="count") are a sum of hypergeometric overlaps.
    - form="sufficient": Hoeffding's bound, exp(-threshold² D / 2n) for MAPI; HRR and VTB: a
      Chernoff bound. MCR and CGR of other moduli have this and the normal form only.
    - form="approximate": the normal tail.

    log: return the natural logarithm. Options: ``density``, ``bundles`` (BSDC), ``block`` (SBC),
    ``modulus`` (MCR, CGR), ``within`` (sizes of the bundles around this one, for nested bundles),
    ``order`` (each of the n members is a product of so many fresh atoms; only HRR and VTB notice,
    and then the one form is approximate). Assumes independent random atoms. Source: derived for
    this course; Hoeffding 1963, doi:10.1080/01621459.1963.10500830. Taught in notebook 04.

    >>> round(float(false_positive("MAPI", 50, dim=1000)), 5)
    0.01282
    >>> round(float(false_positive("MAPI", 50, dim=1000, form="approximate")), 5)
    0.01267
    >>> round(float(false_positive("HRR", 100, dim=10**6, log=True)), 1)  # exp of it is 0 as float
    -1253.3
    """
    out, _ = _logs(model, n, dim, threshold, form, 0, options)
    return out if log else np.exp(out)


def false_negative(
    model: str,
    n: npt.ArrayLike,
    *,
    dim: npt.ArrayLike,
    threshold: npt.ArrayLike | None = None,
    form: str = "exact",
    log: bool = False,
    **options: Any,
) -> Any:
    """Probability that a member of a bundle of n atoms scores less than the threshold.

    Laws, forms and options as in ``false_positive``; a member adds D to a walk of D (n - 1) signs
    (MAPI), or agrees in Bin(D, (1 + β_n) / 2) places (MAPB, BSC). Taught in notebook 04.

    >>> round(float(false_negative("MAPI", 50, dim=1000)), 5)
    0.01181
    """
    _, out = _logs(model, n, dim, threshold, form, 0, options)
    return out if log else np.exp(out)


def membership_error(
    model: str,
    n: npt.ArrayLike,
    universe: npt.ArrayLike,
    *,
    dim: npt.ArrayLike,
    threshold: npt.ArrayLike | None = None,
    form: str = "exact",
    log: bool = False,
    nudge: int = 0,
    **options: Any,
) -> Any:
    """Probability that any of ``universe`` answers is wrong, n of them about members; at most.

    n · FN + (universe - n) · FP, the sum over all answers, which share the bundle and so are not
    independent. The sum is never too small; as long as it is small it is close. The form is that of
    FP and FN. "sufficient" takes the worse of both for all answers, which gives the textbook's
    universe · exp(-D / 8n) for MAPI. ``nudge`` moves the threshold against us by so many of the
    values that a score can take, which takes out the saw-tooth. Taught in notebook 04.

    >>> membership_error("MAPI", 10, 500, dim=[500, 502, 504, 506]).round(4)
    array([0.1058, 0.0978, 0.1003, 0.0927])
    """
    items, many = np.broadcast_arrays(at_least("n", n, 1), at_least("universe", universe, 1))
    if (many < items).any():
        raise ValueError(f"membership_error: universe {universe!r} is smaller than n {n!r}")
    positive, negative = _logs(model, n, dim, threshold, form, nudge, options)
    with np.errstate(divide="ignore"):
        if form == "sufficient":
            total = np.log(many) + np.maximum(positive, negative)
        else:
            total = log_sum(np.log(items) + negative, np.log(many - items) + positive)
    total = np.minimum(total, 0.0)[()]
    return total if log else np.exp(total)


def membership_forms(model: str, **options: Any) -> tuple[str, ...]:
    """Which forms ``false_positive`` and its companions have for a model.

    >>> membership_forms("MAPI"), membership_forms("MCR"), membership_forms("HRR", order=2)
    (('exact', 'sufficient', 'approximate'), ('sufficient', 'approximate'), ('approximate',))
    """
    if _covering(model, options):
        return ("exact", "sufficient")
    return membership_test(model, 2, 64, **options).forms


def membership_test(
    model: str,
    n: npt.ArrayLike,
    dim: npt.ArrayLike,
    *,
    block: int = 16,
    modulus: int = 16,
    within: Sequence[int] = (),
    order: int = 1,
    density: float | None = None,
    bundles: str = "count",
) -> Laws:
    """The two laws behind every function here."""
    if model not in TESTED:
        raise ValueError(f"membership: no model {model!r} among {', '.join(TESTED)}")
    at_least("order", order, 1)
    n, d = np.broadcast_arrays(at_least("n", n, 1), at_least("dim", dim, 1))
    for size in within:
        at_least("within", size, 1)
    if model == "BSDC":
        member, stranger, scale = count_laws(n * math.prod(within), d, density)
        return Laws(member, stranger, scale, np.ones(d.shape))
    if model in SUMS:
        return _of_sums(model, n * math.prod(within), d, order)
    kept = np.asarray(member_similarity(model, n, block=block, modulus=modulus))
    for size in within:  # symbols that are not kept are uniform, so the similarities multiply
        kept = kept * member_similarity(model, size, block=block, modulus=modulus)
    if model in SIGNS:
        member = binomial_law(d, (1 + kept) / 2, start=-d, step=2)
        stranger = binomial_law(d, 0.5 + 0 * kept, start=-d, step=2)
        return Laws(member, stranger, d, kept, (d, d))
    if model == "SBC":
        if (d % at_least("block", block, 2)).any():
            raise ValueError(f"membership: SBC: dim {dim!r} is no multiple of block {block}")
        blocks, rest = d / block, 1 - 1 / block
        member = binomial_law(blocks, np.minimum(kept * rest + 1 / block, 1))
        stranger = binomial_law(blocks, np.full(d.shape, 1 / block))
        return Laws(member, stranger, blocks * rest, kept, (blocks / 4, blocks / 4))
    return _of_angles(model, n, d, kept, modulus, bool(within))


def _of_sums(model: str, n: Floats, d: Floats, order: int) -> Laws:
    one = np.ones(d.shape)
    if model in ("MAPI", "MBAT"):
        member = binomial_law(d * (n - 1), 0.5 * one, start=d - d * (n - 1), step=2)
        stranger = binomial_law(d * n, 0.5 * one, start=-d * n, step=2)
        return Laws(member, stranger, d, one, (d * (n - 1), d * n))
    if model == "FHRR":
        laws = _cosines(d * (n - 1), d), _cosines(d * n, 0 * d)
        return Laws(*laws, d, one, (d * (n - 1) / 2, d * n / 2))
    if order > 1:
        # |bound product|² is 1 on average and varies more: per frequency 2^order - 1 in HRR
        excess = 2 * (2**order - 1) if model == "HRR" else order * (order + 1)
        laws = _normal(d, d * (n - 1 + excess)), _normal(0 * d, d * n)
        return Laws(*laws, d, one, None, ("approximate",))
    x, root = d[..., None], np.sqrt(n)

    def of_member(s: Any) -> Any:
        return -x / 2 * log1p(-s * (2 + s * (n[..., None] - 1)))

    def of_stranger(s: Any) -> Any:
        return -x / 2 * log1p(-(s**2) * n[..., None])

    with np.errstate(divide="ignore"):
        back = np.where(n > 1, 1 / np.maximum(root - 1, 1e-300), math.inf)
    member = Law(of_member, d, d * (n + 1), limit=1 / (1 + root), back=back)
    return Laws(member, Law(of_stranger, 0 * d, d * n, limit=1 / root, back=1 / root), d, one)


def _cosines(n: Floats, start: Floats) -> Law:
    """start + the sum of n cosines of uniform angles; E exp(s cos) is the Bessel function I0(s)."""

    def cumulants(s: Any) -> Any:
        return s * start[..., None] + n[..., None] * log1p(_bessel_i0_less_1(s))

    return Law(cumulants, start, n / 2, least=start - n, most=start + n, limit=40.0, back=40.0)


def _bessel_i0_less_1(s: Any) -> Any:
    """I0(s) - 1 = Σ (s²/4)^k / k!² for small s, else the mean of exp(s cos θ) - 1."""
    quarter, out = s * s / 4, np.ones_like(s)
    for k in range(14, 1, -1):
        out = 1 + out * quarter / k**2
    out = out * quarter
    large = np.abs(s) > 3
    if large.any():
        out[large] = np.expm1(s[large][:, None] * ANGLES).mean(-1)
    return out


def _normal(mean: Floats, variance: Floats) -> Law:
    return Law(lambda s: s * mean[..., None] + s**2 / 2 * variance[..., None], mean, variance)


def _of_angles(model: str, n: Floats, d: Floats, kept: Floats, modulus: int, deep: bool) -> Laws:
    """Cosines of angles on a grid of r: sums of rational ones are exact, the others normal."""
    r = int(at_least("modulus", modulus, 2))
    turns = np.arange(r, dtype=np.float64) * (2 * math.pi / r)
    cosines: Floats = np.cos(turns).round(15)
    fair = np.full(r, 1 / r)
    stranger = _of_places(np.broadcast_to(fair, (*d.shape, r)), cosines, d)
    if model == "CGR":  # all others are equally likely
        law = (1 - kept[..., None]) * fair + kept[..., None] * (np.arange(r) == 0)
    elif deep:
        return Laws(stranger, stranger, d, kept, (d, d), ("sufficient",))
    else:
        rows = [member_law(model, int(count), r) for count in n.reshape(-1)]
        law = np.array(rows).reshape(*d.shape, r)
    rational = r in UNITS and (model == "CGR" or r in (2, 4))
    forms = FORMS if rational else FORMS[1:]
    return Laws(_of_places(law, cosines, d), stranger, d, law @ cosines, (d, d), forms)


def _of_places(law: Floats, cosines: Floats, d: Floats) -> Law:
    def cumulants(s: Any) -> Any:
        less = (np.expm1(s[..., None] * cosines) * law[..., None, :]).sum(-1)
        return d[..., None] * log1p(less)

    mean = law @ cosines
    least = d * cosines.min()
    step = UNITS.get(len(cosines), 0.0)
    variance = d * (law @ cosines**2 - mean**2)
    return Law(cumulants, d * mean, variance, step, least, least, d)


def _logs(
    model: str, n: Any, dim: Any, threshold: Any, form: str, nudge: int, options: dict[str, Any]
) -> tuple[Any, Any]:
    """Logarithms of FP and FN; the threshold nudged to make both greater."""
    forms = membership_forms(model, **options)
    if form not in forms:
        raise ValueError(f"membership: {model} has no form {form!r} here, only {', '.join(forms)}")
    if _covering(model, options):
        if threshold is not None and (np.asarray(threshold) != 1).any():
            raise ValueError(f"membership: an OR has all of a member: threshold 1, not {threshold}")
        density, within = options.get("density"), options.get("within", ())
        items = at_least("n", n, 1) * math.prod(within)
        items, d = np.broadcast_arrays(items, at_least("dim", dim, 1))
        return log_covered(items, d, density, form)[()], np.full(items.shape, -math.inf)[()]
    test = membership_test(model, n, dim, **options)
    at = test.kept / 2 if threshold is None else np.asarray(threshold, dtype=np.float64)
    at = test.stranger.mean + at * test.scale
    if form == "sufficient" and test.proxies:
        return (
            _hoeffding(at - test.stranger.mean, test.proxies[1]),
            _hoeffding(test.member.mean - at, test.proxies[0]),
        )
    return (
        log_tail(test.stranger, at, form, nudge=-nudge),
        log_below(test.member, at, form, nudge=nudge),
    )


def _covering(model: str, options: dict[str, Any]) -> bool:
    return model == "BSDC" and options.get("bundles", "or") == "or"


def _hoeffding(gap: Any, proxy: Any) -> Any:
    """log of exp(-gap² / 2 proxy), 0 where the gap is none."""
    with np.errstate(divide="ignore"):
        return np.where(gap > 0, -(np.maximum(gap, 0) ** 2) / (2 * np.asarray(proxy)), 0.0)[()]
