"""Sequences with repeats: one symbol at many positions is not many symbols at one position each.

Different symbols at different positions are independent vectors, and all of ``membership`` holds.
But the rotations of one atom are only uncorrelated. A run of K of them has tails heavier than those
of K atoms: the score is a quadratic form in one random vector, whose greatest eigenvalue is K. That
is what the factor K² in Theorem 10 of arXiv 2301.10352 (as reported by a reader) guards against.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from hdlib.theory.bundle import at_least
from hdlib.theory.tails import Law, log1p, log_tail

SIGNED, NORMAL = ("MAPI", "MBAT"), ("HRR", "VTB")


def repeat_false_positive(
    model: str,
    repeats: int,
    *,
    dim: int,
    others: int = 0,
    threshold: float = 0.5,
    form: str | None = None,
    log: bool = False,
) -> Any:
    """Probability that a symbol at ``repeats`` positions in a row is found at the next one too.

    The bundle holds ``others`` different symbols as well. Score and threshold are those of
    ``false_positive``, which gives what different symbols would. With g_f the spectrum of the atom
    the score is Σ_f λ_f g_f², λ_f = Σ_(p <= K) cos(2πfp / D) being the eigenvalues of the K
    rotations: weighted chi-square numbers, plus the crosstalk of the others.

    Form: exact for HRR and VTB, whose atoms are normal; approximate for MAPI and MBAT, whose
    spectrum is taken as normal. Source: derived for this course. Taught in notebook 04.

    >>> round(repeat_false_positive("MAPI", 25, dim=512), 4)  # 25 different symbols: 0.0121
    0.0243
    """
    forms = repeat_forms(model)
    if form not in (None, *forms):
        raise ValueError(f"sequences: {model} has no form {form!r} here, only {', '.join(forms)}")
    at_least("others", others, 0)
    k, d = int(at_least("repeats", repeats, 1)), int(at_least("dim", dim, 2))
    if k >= d:
        raise ValueError(f"repeats = {k} positions in a row need a dim above {k}, got {dim}")
    out = _log_rate(model, k, d, int(others), float(threshold))
    return out if log else float(np.exp(out))


@functools.lru_cache(maxsize=4096)
def _log_rate(model: str, k: int, d: int, others: int, threshold: float) -> float:
    waves = np.arange(d // 2 + 1)  # f and D - f have one eigenvalue
    twice = np.where((waves == 0) | (2 * waves == d), 1.0, 2.0)
    turn = np.pi / d * np.maximum(waves, 0.5)  # half of it: Σ cos(pθ) is Dirichlet's kernel
    weights = np.where(waves == 0, k, np.sin((2 * k + 1) * turn) / np.sin(turn) / 2 - 0.5)

    def cumulants(s: Any) -> Any:
        z = s[..., None]
        if model in SIGNED:  # the length of an atom is fixed
            return -(log1p(-2 * z * weights) @ twice) / 2 + others * d * s**2 / 2
        return -(log1p(-2 * z * weights - others * z**2) @ twice) / 2

    high, low = weights.max(), -weights.min()  # of the roots of 1 - 2 s λ - others s²
    rest = others if model in NORMAL else 0
    limit, back = (1 / (v + np.sqrt(v * v + rest)) for v in (high, low))
    mean = np.array(weights @ twice)
    law = Law(cumulants, mean, 2 * (weights**2 @ twice) + others * d, limit=limit, back=back)
    return float(log_tail(law, threshold * d))


def repeat_forms(model: str) -> tuple[str, ...]:
    """The one form that ``repeat_false_positive`` has for a model.

    >>> repeat_forms("MAPI"), repeat_forms("HRR")
    (('approximate',), ('exact',))
    """
    if model not in (*SIGNED, *NORMAL):
        raise ValueError(
            f"sequences: no closed form with repeats for {model!r}, only for "
            f"{', '.join((*SIGNED, *NORMAL))}; measure it with capacity.simulate"
        )
    return ("exact",) if model in NORMAL else ("approximate",)
