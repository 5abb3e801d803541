"""One batch of trials of every task: bundles made, questions asked, wrong answers counted."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from hdlib.capacity.scores import EDGE, member_scores, overlap_scores, score_at
from hdlib.theory.intersection import intersection_estimate
from hdlib.vsa import VSA

ATOMS = 1 << 32  # ids that belong to one trial

Counts = dict[str, Tensor]  # name -> one number a trial, (B,)
Sets = tuple[Tensor, Tensor, Tensor]  # bundles (B, W), members (B, n, W), strangers (B, m, W)


@dataclasses.dataclass(frozen=True)
class Setting:
    """A task to be done: the space of its atoms, its sizes and options."""

    space: VSA
    n: int
    universe: int
    threshold: float | None
    shared: int
    options: dict[str, Any]

    def atoms(self, trials: Tensor, start: int, *shape: int) -> Tensor:
        """The atoms of each trial from number ``start`` on: ``(B,) -> (B, *shape, W)``."""
        own = torch.arange(start, start + math.prod(shape), device=trials.device)
        flat: Tensor = self.space.atoms(trials[:, None] * ATOMS + own)
        return flat.reshape(len(trials), *shape, flat.shape[-1])


def _plain(s: Setting, trials: Tensor) -> Sets:
    items = s.atoms(trials, 0, s.universe)
    return s.space.bundle(items[:, : s.n]), items[:, : s.n], items[:, s.n :]


def _products(s: Setting, trials: Tensor) -> Sets:
    factors = s.atoms(trials, 0, s.options.get("order", 2), s.universe)
    items = s.space.bind(*factors.unbind(1))
    return s.space.bundle(items[:, : s.n]), items[:, : s.n], items[:, s.n :]


def _positions(s: Setting, trials: Tensor) -> Sets:
    symbols = s.atoms(trials, 0, s.universe)
    items = symbols.clone()
    for place in range(s.n):  # strangers are asked for at each position in turn
        items[:, place :: s.n] = s.space.permute(symbols[:, place :: s.n], place)
    return s.space.bundle(items[:, : s.n]), items[:, : s.n], items[:, s.n :]


def _levels(s: Setting, trials: Tensor) -> Sets:
    sizes = (*reversed(s.options.get("within", ())), s.n)
    bundles = s.atoms(trials, 0, *sizes)
    members = bundles.flatten(1, -2)[:, : s.n]
    for _ in sizes:
        bundles = s.space.bundle(bundles)
    return bundles, members, s.atoms(trials, math.prod(sizes), s.universe - s.n)


def _membership(make: Callable[[Setting, Tensor], Sets]) -> Callable[[Setting, Tensor], Counts]:
    def work(s: Setting, trials: Tensor) -> Counts:
        bundles, members, strangers = make(s, trials)
        at = score_at(s.space, s.n, s.threshold, _law_options(s))
        missed = member_scores(s.space, bundles, members) < at
        fooled = member_scores(s.space, bundles, strangers) >= at
        out = {
            "failure": missed.any(-1) | fooled.any(-1),
            "false_negative": missed.double().mean(-1),
        }
        if strangers.shape[1]:
            out["false_positive"] = fooled.double().mean(-1)
        return out

    return work


def _law_options(s: Setting) -> dict[str, Any]:
    return {key: value for key, value in s.options.items() if key != "order"}


def _cleanup(s: Setting, trials: Tensor) -> Counts:
    items = s.atoms(trials, 0, s.n + s.universe - 1)
    bundles = s.space.bundle(items[:, : s.n])
    alike = s.space.similarity(bundles.unsqueeze(1), items).squeeze(1)  # (B, n + universe - 1)
    own, others = alike[:, : s.n], alike[:, None, s.n :].expand(-1, s.n, -1)
    return {"failure": 1 - _share(own, others).mean(-1)}


def _records(s: Setting, trials: Tensor) -> Counts:
    roles, fillers = s.atoms(trials, 0, s.n), s.atoms(trials, s.n, s.universe)
    record = s.space.bundle(s.space.bind(fillers[:, : s.n], roles))
    found = s.space.unbind(record.unsqueeze(1), roles)
    alike = s.space.similarity(found, fillers)  # (B, n, universe)
    right = torch.eye(s.n, s.universe, dtype=torch.bool, device=alike.device)
    own = alike.diagonal(dim1=-2, dim2=-1)
    share = _share(own, alike.masked_fill(right, -2.0))
    return {"failure": 1 - share.prod(-1), "accuracy": share.mean(-1)}


def _share(own: Tensor, others: Tensor) -> Tensor:
    """How much of each first place is the right one's, ties divided: ``(…, k), (…, k, m)``."""
    if not others.shape[-1]:
        return torch.ones_like(own, dtype=torch.float64)
    best = others.amax(-1)
    ties = (others == own.unsqueeze(-1)).sum(-1)
    return (own > best).double() + (own == best).double() / (1.0 + ties)


def _intersection(s: Setting, trials: Tensor) -> Counts:
    items = s.atoms(trials, 0, s.universe, 2 * s.n - s.shared)
    x = s.space.bundle(items[..., : s.n, :])
    y = s.space.bundle(items[..., s.n - s.shared :, :])
    score = overlap_scores(s.space, x, y, s.n)  # (B, universe)
    model, law = type(s.space).__name__, {k: v for k, v in s.options.items() if k != "error"}
    guess = torch.from_numpy(intersection_estimate(model, score.cpu().numpy(), s.n, s.n, **law))
    off = guess - s.shared
    return {
        "failure": (off.abs() >= s.options.get("error", 0.5) - EDGE).any(-1),
        "estimate": guess.mean(-1),
        "square_error": (off**2).mean(-1),
    }


def _repeats(s: Setting, trials: Tensor) -> Counts:
    symbols = s.atoms(trials, 0, s.universe)
    moved = torch.stack([s.space.permute(symbols, place + 1) for place in range(s.n)], -2)
    sums = s.space.bundle(moved)  # (B, universe, W)
    score = member_scores(s.space, sums.flatten(0, 1), symbols.flatten(0, 1).unsqueeze(1))
    fooled = (score >= score_at(s.space, s.n, s.threshold, s.options)).view(len(trials), -1)
    return {"failure": fooled.any(-1), "false_positive": fooled.double().mean(-1)}


WORK: dict[str, Callable[[Setting, Tensor], Counts]] = {
    "membership": _membership(_plain),
    "pairs": _membership(_products),
    "bindings": _membership(_products),
    "sequence": _membership(_positions),
    "repeats": _repeats,
    "nested": _membership(_levels),
    "cleanup": _cleanup,
    "records": _records,
    "intersection": _intersection,
}
