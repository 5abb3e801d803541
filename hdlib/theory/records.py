"""Reading records back: every role of a bundle of role–filler pairs, each filler cleaned up."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from hdlib.theory.bundle import at_least, majority_agreement, member_similarity
from hdlib.theory.cleanup import EXACT_CLEANUP, cleanup_accuracy
from hdlib.theory.tails import Law, log1p, log_below

NOISY = ("HRR", "VTB")  # unbinding leaves noise of its own
BOUNDED = ("MAPI", "MBAT", "MAPB", "BSC", "SBC")


def record_accuracy(
    model: str,
    n: npt.ArrayLike,
    candidates: npt.ArrayLike,
    *,
    dim: npt.ArrayLike,
    density: float | None = None,
    block: int = 16,
    modulus: int = 16,
) -> Any:
    """Probability that one role of a record of n fields gives its filler, among ``candidates``.

    Where unbinding is exact and roles are fresh, what comes out is a bundle of n atoms, and this is
    ``cleanup_accuracy``, of the same form. In HRR and VTB unbinding adds as much noise as one more
    field: ``cleanup_accuracy`` with n + 1; form approximate, to O(1/D). Taught in notebook 04.

    >>> round(float(record_accuracy("MAPI", 50, 1000, dim=1024)), 3)
    0.893
    >>> record_accuracy("HRR", [30, 60], 1000, dim=1024).round(3)
    array([0.992, 0.796])
    """
    fields = at_least("n", n, 1) + (1 if model in NOISY else 0)
    return cleanup_accuracy(
        model, fields, candidates, dim=dim, density=density, block=block, modulus=modulus
    )


def cleanup_error_bound(
    model: str,
    n: npt.ArrayLike,
    candidates: npt.ArrayLike,
    *,
    dim: npt.ArrayLike,
    block: int = 16,
    log: bool = False,
) -> Any:
    """An upper bound of the chance that a stranger beats or ties with a member of a bundle of n.

    (candidates - 1) times the exact chance against one stranger. Where the atoms of the two differ,
    half of the places, the member's lead is 2 x_i a_i: 2 (1 + a walk of n - 1 signs) for MAPI and
    MBAT, ±2 for MAPB and BSC. SBC likewise in blocks. Form: sufficient. Assumes independent atoms.
    Source: derived for this course. Taught in notebook 04.

    >>> bound = cleanup_error_bound("MAPI", 50, 1000, dim=2048)
    >>> bool(1 - cleanup_accuracy("MAPI", 50, 1000, dim=2048) < bound < 0.005)
    True
    """
    items, many, d = np.broadcast_arrays(
        at_least("n", n, 1), at_least("candidates", candidates, 1), at_least("dim", dim, 1)
    )
    if model not in BOUNDED:
        raise ValueError(f"clean-up: {model} has no form 'sufficient', only {', '.join(BOUNDED)}")
    law = _lead(model, items, d, block)
    with np.errstate(divide="ignore"):
        total = np.minimum(np.log(many - 1) + log_below(law, 1.0), 0.0)[()]
    return total if log else np.exp(total)


def record_forms(model: str) -> tuple[str, ...]:
    """Which forms the reading of records and clean-up have for a model.

    >>> record_forms("BSC"), record_forms("MAPI"), record_forms("HRR")
    (('exact', 'sufficient'), ('sufficient', 'approximate'), ('approximate',))
    """
    first = ("exact",) if model in EXACT_CLEANUP else ()
    middle = ("sufficient",) if model in BOUNDED else ()
    return (*first, *middle, *(() if first else ("approximate",)))


def _lead(model: str, n: Any, d: Any, block: int) -> Law:
    """The law of half of the member's score less a stranger's, in whole steps."""
    if model in ("MAPI", "MBAT"):
        x, k = d[..., None], n[..., None]

        def sums(s: Any) -> Any:  # log of 1/2 + 1/2 exp(s) cosh(s)^(n - 1), small parts kept
            return x * log1p(np.expm1(s + (k - 1) * _log_cosh(s)) / 2)

        return Law(sums, d / 2, d * (n / 2 - 0.25), 1.0, 0.0, d * (1 - n).clip(max=0), d * n)
    if model == "SBC":
        kept = np.asarray(member_similarity("SBC", n, block=block)) * (1 - 1 / block) + 1 / block
        # the stranger's symbol equals the member's, else it is the bundle's one time in block - 1
        size, up = d / block, (1 - 1 / block) * kept
        down = (1 - kept) / block
    else:
        kept = (1 + np.asarray(majority_agreement(n))) / 2
        size, up, down = d, kept / 2, (1 - kept) / 2
    x, p, q = (np.asarray(v)[..., None] for v in (size, up, down))

    def votes(s: Any) -> Any:
        return x * log1p(p * np.expm1(s) + q * np.expm1(-s))

    mean = size * (up - down)
    return Law(votes, mean, size * (up + down - (up - down) ** 2), 1.0, 0.0, -size, size)


def _log_cosh(s: Any) -> Any:
    """log cosh s, small s to rounding."""
    return log1p(np.expm1(s) / 2 + np.expm1(-s) / 2)
