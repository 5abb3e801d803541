"""What a test compares: scores in the units of ``theory.membership``, and a threshold."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from hdlib import bits
from hdlib.theory.membership import membership_test
from hdlib.vsa import BSC, BSDC, FHRR, MAPB, MAPI, MBAT, SBC, VSA

EDGE = 1e-9  # a score that is the threshold reaches it, whatever floats make of it


def member_scores(space: VSA, x: Tensor, items: Tensor) -> Tensor:
    """The score of each item against its bundle: ``(B, W), (B, m, W) -> (B, m)`` float64.

    Whole numbers are whole: agreements less disagreements (MAPB, BSC), equal blocks (SBC), sums of
    signs (MAPI, MBAT), covered or counted ones (BSDC).
    """
    if isinstance(space, BSDC):
        if not space.additive:
            return bits.popcount(x.unsqueeze(-2) & items).sum(-1).double()
        return (items.double() @ x.double().unsqueeze(-1)).squeeze(-1)
    if isinstance(space, MAPI | MBAT | FHRR) or space.additive:
        dots = (_real(items) @ _real(x).unsqueeze(-1)).squeeze(-1)
        if isinstance(space, MAPI | FHRR):
            return dots
        return (dots * space.dim).round() if isinstance(space, MBAT) else dots * space.dim
    alike = space.similarity(x.unsqueeze(-2), items).squeeze(-2).double()
    if isinstance(space, SBC):
        return ((alike * (1 - 1 / space.block) + 1 / space.block) * space.width).round()
    return (alike * space.dim).round() if isinstance(space, MAPB | BSC) else alike * space.dim


def score_at(space: VSA, n: int, threshold: float | None, options: dict[str, Any]) -> float:
    """The score from which on a test says yes: ``threshold`` of the way, by default half of it."""
    if isinstance(space, BSDC) and not space.additive:
        return (1.0 if threshold is None else threshold) * space.ones - EDGE  # all are covered
    test = membership_test(type(space).__name__, n, space.dim, **options)
    share = float(test.kept) / 2 if threshold is None else threshold
    return float(test.stranger.mean + share * test.scale) * (1 - 1e-15) - EDGE


def overlap_scores(space: VSA, x: Tensor, y: Tensor, n: int) -> Tensor:
    """The score of pairs of bundles of n items: ``(*s, W), (*s, W) -> (*s,)`` float64.

    As ``theory.intersection_estimate`` takes it: 1 on average for each common item (models that
    add), or the similarity.
    """
    if space.additive:
        dots = (_real(x) * _real(y)).sum(-1)
        if isinstance(space, BSDC):
            chance = space.ones**2 / space.dim
            return (dots - n * n * chance) / (space.ones - chance)
        return dots / space.dim if isinstance(space, MAPI | FHRR) else dots
    alike = space.similarity(x.unsqueeze(-2), y.unsqueeze(-2))[..., 0, 0].double()
    return (alike * space.dim).round() / space.dim


def _real(x: Tensor) -> Tensor:
    """Numbers whose dot products are the real parts of the model's own."""
    x = torch.view_as_real(x.resolve_conj()).flatten(-2) if x.is_complex() else x
    return x.double()
