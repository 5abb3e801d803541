"""Notebook 01: damage a vector and still recognise it, up to a cliff."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import plotly.graph_objects as go
import torch

from hdlib import bits, kernels, theory
from hdlib.theory.orthogonality import Floats
from hdlib.vsa import BSC
from hdlib.workbook import style
from hdlib.workbook.colours import QUIET
from hdlib.workbook.controls import Select, Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.analogy import percent
from hdlib.workbook.explorers.similarity import note
from hdlib.workbook.figure import LiveFigure

DIMS = tuple(2**k for k in range(6, 13))
KNOWN = (2, 10, 100, 1000)
TRIALS = 200
LEVELS = tuple(range(0, 101, 10))  # per cent, where it is measured
GRIDS = {  # per cent, where the curve is computed: closest where it falls
    "flip": (*range(0, 20, 5), *range(20, 54), *range(55, 101, 5)),
    "toss": (*range(0, 40, 10), *range(40, 101)),
}
BARS = 40
KINDS = {"flip": "flipped", "toss": "tossed anew"}
MEASURED = f"{TRIALS} trials each"


def kept(kind: str, percent_damaged: float) -> float:
    """The similarity that is left: a flipped bit counts against, a tossed one counts nothing.

    >>> kept("flip", 50), kept("toss", 50)
    (0.0, 0.5)
    """
    share = percent_damaged / 100
    return 1 - 2 * share if kind == "flip" else 1 - share


@functools.lru_cache(maxsize=64)
def atoms(dim: int, known: int, seed: int) -> torch.Tensor:
    """The codebook."""
    return BSC(dim, seed=seed).atoms(torch.arange(known))


@functools.lru_cache(maxsize=256)
def trials(
    dim: int, known: int, kind: str, damage: int, seed: int = 0
) -> tuple[Floats, Floats, Floats]:
    """Damage an atom 200 times: its own score, the best other score, whether it was recognised.

    ``-> (200,), (200,), (200,)``. The first of equal scores wins in a memory; here a tie of t
    counts as 1/t, as it is for a right atom in any place.
    """
    vsa, book = BSC(dim, seed=seed), atoms(dim, known, seed)
    right = torch.arange(TRIALS) % known
    words = kernels.words(bits.derive(seed, "noise"), torch.arange(TRIALS), vsa.dim // 2)
    share = damage / 100 if kind == "flip" else damage / 200  # half of the tossed bits change
    noisy = book[right] ^ bits.pack(bits.uniforms(words) < share)
    scores = vsa.similarity(noisy, book).double().numpy()
    own = scores[np.arange(TRIALS), right].copy()
    scores[np.arange(TRIALS), right] = -2
    best = scores.max(-1)
    tied = (np.abs(scores - own[:, None]) < 1e-6).sum(-1)
    return own, best, np.where(best < own + 1e-6, 1 / (1 + tied), 0.0)


@functools.lru_cache(maxsize=256)
def curve(dim: int, known: int, kind: str) -> Floats:
    """Share recognised, exactly, at each of GRIDS[kind]."""
    return np.array([theory.recognition(dim, kept(kind, damage), known) for damage in GRIDS[kind]])


@dataclass(frozen=True)
class Reading:
    """All that the card shows for one setting."""

    dim: int
    known: int
    kind: str
    damage: int

    @cached_property
    def similarity(self) -> float:
        return kept(self.kind, self.damage)

    @cached_property
    def sure(self) -> float:
        """Probability that the atom is recognised."""
        return theory.recognition(self.dim, self.similarity, self.known)

    @cached_property
    def scores(self) -> tuple[Floats, Floats, Floats]:
        return trials(self.dim, self.known, self.kind, self.damage)

    @cached_property
    def laws(self) -> tuple[Floats, Floats]:
        """Of the right score and of the best wrong one, over the D + 1 scores there are."""
        right = theory.binomial(self.dim, (1 + self.similarity) / 2)
        below = np.minimum(theory.binomial(self.dim, 0.5).cumsum(), 1.0) ** (self.known - 1)
        return right, np.diff(below, prepend=0.0)


def explore_noise(
    dim: int = 256, known: int = 100, kind: str = "flip", damage: int = 30
) -> Explorer:
    """How much damage a hypervector survives. Taught in notebook 01.

    >>> explore_noise().words.split(":")[0]
    'At D = 256 with 30 % of the bits flipped'
    """
    controls = {
        "dim": Slider("dimension D", dim, values=DIMS, unit="bits"),
        "known": Slider("known vectors", known, values=KNOWN),
        "kind": Select("damaged bits are", KINDS, kind),
        "damage": Slider("damage", damage, min=0, max=100, step=2, unit="%"),
    }
    return Explorer(
        "raise the damage until the two hills touch; find the edge of the cliff; then move the "
        "edge with D, and toss the bits anew instead of flipping them.",
        controls,
        (scores_figure(), cliff_figure()),
        update,
        slow=measure,
    )


def scores_figure() -> LiveFigure:
    """Two hills: scores of the right vector, and of the best wrong one."""
    traces = [
        style.samples([0], [0], "right, drawn", "BSC"),
        style.samples([0], [0], "best wrong, drawn", None),
        style.exact([0], [0], "right", "BSC"),
        style.exact([0], [0], "best wrong", None),
    ]
    traces[1].marker.color = traces[3].line.color = QUIET
    layout = {
        "xaxis": {"title": {"text": "similarity to the damaged vector"}},
        "yaxis": {"title": {"text": "share of trials in a bar"}, "tickformat": ".0%"},
    }
    return LiveFigure(go.Figure(traces, layout))


def cliff_figure() -> LiveFigure:
    """Share recognised against the damage: a plateau, then a cliff."""
    grid = GRIDS["flip"]
    blank = [0.0] * len(grid)
    traces = [
        style.exact(grid, blank, "D / 4", "BSC"),
        style.exact(grid, blank, "4 D", "BSC"),
        style.exact(grid, blank, "D", "BSC"),
        style.measured(LEVELS, [0] * len(LEVELS), [0] * len(LEVELS), MEASURED, "BSC"),
        style.here(0, 0),
    ]
    for faint in traces[:2]:
        faint.line.width, faint.opacity = 1.5, 0.55
    traces[3].visible = False
    layout = {
        "xaxis": {"title": {"text": "damaged bits"}, "range": [-2, 102], "ticksuffix": " %"},
        "yaxis": {
            "title": {"text": "share recognised"},
            "range": [-0.04, 1.2],
            "tickformat": ".0%",
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
        },
    }
    return LiveFigure(go.Figure(traces, layout))


def update(dim: int, known: int, kind: str, damage: int) -> Any:
    """What both figures show for these settings."""
    reading = Reading(dim, known, kind, damage)
    (left, left_layout), (right, right_layout) = hills(reading), cliff(reading)
    return (left, right), (left_layout, right_layout), in_words(reading)


def hills(reading: Reading) -> tuple[dict[str, Any], dict[str, Any]]:
    """Traces and layout of the left figure."""
    dim = reading.dim
    together = max(1, round(dim / BARS / 2))  # scores in a bar; they are 2 / D apart
    edges = np.arange(0, dim + together + 1, together)
    middles = (edges[:-1] + (together - 1) / 2) * 2 / dim - 1
    own, best, _ = reading.scores

    def shares(scores: Floats) -> Floats:
        counts: Floats = np.histogram((scores + 1) * dim / 2, edges - 0.5)[0] / TRIALS
        return counts

    def summed(law: Floats) -> Floats:
        upto = np.concatenate([[0.0], law.cumsum()])
        ends = np.minimum(edges, dim + 1)
        return np.asarray(upto[ends[1:]] - upto[ends[:-1]])

    right, wrong = map(summed, reading.laws)
    drawn = shares(own), shares(best)
    width = 2 * together / dim * 0.94
    traces = {
        "right, drawn": {"x": middles, "y": drawn[0], "width": width},
        "best wrong, drawn": {"x": middles, "y": drawn[1], "width": width},
        "right": {"x": middles, "y": right},
        "best wrong": {"x": middles, "y": wrong},
    }
    top = 1.25 * max(float(each.max()) for each in (right, wrong, *drawn))
    luck = float(middles @ wrong)
    found = f"{luck:.2f}".replace("-0.00", "0.00")  # of one wrong vector, 0 but for rounding
    low = -1.08 if reading.similarity < -0.3 else -0.45
    swap = reading.similarity < luck
    layout = {
        "title": f"Right {reading.similarity:.2f}, best wrong {found}",
        "xaxis": {"range": [low, 1.08]},
        "yaxis": {"range": [0, top]},
        "annotations": [
            note(
                luck,
                0.94 * top,
                "best wrong, exact",
                "left" if swap else "right",
                xshift=-4 + 8 * swap,
            ),
            note(
                min(0.97, reading.similarity),
                0.94 * top,
                "right, exact",
                "right" if swap or reading.similarity > 0.9 else "left",
                xshift=4 - 8 * swap,
            ),
        ],
    }
    return traces, layout


def cliff(reading: Reading) -> tuple[dict[str, Any], dict[str, Any]]:
    """Traces and layout of the right figure."""
    dim, known, kind = reading.dim, reading.known, reading.kind
    around = {name: curve(each, known, kind) for name, each in sides(dim).items()}
    traces: dict[str, Any] = {name: {"x": GRIDS[kind], "y": y} for name, y in around.items()}
    traces["you are here"] = {"x": [reading.damage], "y": [reading.sure]}
    labels = [
        note(*at(kind, around["D / 4"], 0.5), f"{dim // 4:,}", "right", xshift=-8),
        note(*at(kind, around["D"], 0.9), f"D = {dim:,}, exact", "center"),
        note(*at(kind, around["4 D"], 0.5), f"{4 * dim:,}", "left", xshift=8),
    ]
    labels[1]["y"] = 1.13  # above the plateau
    layout = {
        "title": f"{reading.damage} % {KINDS[kind]}: {percent(reading.sure)} recognised",
        "annotations": labels,
    }
    return traces, layout


def sides(dim: int) -> dict[str, int]:
    """The dimension of each curve."""
    return {"D / 4": dim // 4, "D": dim, "4 D": 4 * dim}


def at(kind: str, y: Floats, height: float) -> tuple[float, float]:
    """Where a falling curve passes a height; where it never does, its end."""
    if y[-1] > height:
        return 100.0, float(y[-1])
    return float(np.interp(-height, -y, GRIDS[kind])), height


def in_words(reading: Reading) -> str:
    """What the figures show, in one line."""
    own, best, won = reading.scores
    wrong = f"best of {reading.known - 1:,} wrong ones" if reading.known > 2 else "wrong one"
    return (
        f"At D = {reading.dim:,} with {reading.damage} % of the bits {KINDS[reading.kind]}: the "
        f"right vector keeps similarity {own.mean():.3f} (exact {reading.similarity:.2f}), the "
        f"{wrong} has {best.mean():.3f} on average. This draw: "
        f"{won.sum():.0f} of {TRIALS} recognised; exact: {percent(reading.sure)}."
    )


def measure(progress: Any, dim: int, known: int, kind: str, damage: int) -> Any:
    """The whole curve, measured with other atoms."""
    shares, errors = [], []
    for place, level in enumerate(LEVELS):
        progress(place / len(LEVELS))
        won = trials(dim, known, kind, level, seed=1 + place)[2]
        share = float(won.mean())
        p = theory.recognition(dim, kept(kind, level), known)
        shares.append(share)
        errors.append(math.sqrt(p * (1 - p) / TRIALS))
    point = {MEASURED: {"y": shares, "error_y": {"array": errors}}}
    edge = GRIDS[kind][int(np.flatnonzero(curve(dim, known, kind) < 0.99)[0])]
    worst = max(
        abs(share - theory.recognition(dim, kept(kind, level), known))
        for share, level in zip(shares, LEVELS, strict=True)
    )
    reading = Reading(dim, known, kind, damage)
    found = f"Below {edge} % damage more than 99 % are recognised; {len(LEVELS)} levels measured"
    found += f" lie within {worst:.3f} of the exact curve."
    return ({}, point), ({}, {}), f"{in_words(reading)} {found}"
