"""Notebook 04: a member decides a vote where the others tie, and so keeps β."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import plotly.graph_objects as go

from hdlib import theory
from hdlib.theory.orthogonality import Floats
from hdlib.workbook import style
from hdlib.workbook.colours import QUIET
from hdlib.workbook.controls import Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.analogy import percent
from hdlib.workbook.explorers.similarity import note
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.models import pairwise, space
from hdlib.workbook.rounding import rounded

MOST = 51  # in a majority
SIZES = np.arange(1, MOST + 1)
DIM, RUNS = 1024, 60


def explore_majority(size: int = 7) -> Explorer:
    """What a majority keeps of a member. Taught in notebook 04.

    >>> explore_majority().words.split(";")[0]
    'In a majority of 7 the 6 others tie in 31 % of the places, so a member keeps β = 0.3125'
    """
    return Explorer(
        "step from 6 to 7 and see that nothing changes on the right; then compare with 1/√n.",
        {"size": Slider("items n", size, min=1, max=MOST)},
        (walk_figure(), kept_figure()),
        update,
        slow=measure,
    )


def walk_figure() -> LiveFigure:
    """Where the sum of the others' votes lies, and when one more vote decides."""
    traces = [
        go.Bar(x=[0], y=[1], name="the others", meta="exact", marker={"color": QUIET}),
        go.Bar(
            x=[0], y=[1], name="they tie", meta="exact", marker={"color": style.COLOURS["MAPB"]}
        ),
    ]
    layout = {
        "xaxis": {"title": {"text": "sum of the other votes"}, "range": [-15.5, 15.5]},
        "yaxis": {"title": {"text": "share of the places"}, "tickformat": ".0%"},
    }
    return LiveFigure(go.Figure(traces, layout))


def kept_figure() -> LiveFigure:
    """What a member keeps, by size."""
    beta = style.exact(SIZES, theory.majority_agreement(SIZES), "β", "MAPB")
    beta.line.shape = "hvh"
    traces = [
        beta,
        style.approximate(SIZES, np.sqrt(2 / (np.pi * SIZES)), "√(2/πn)", "MAPB"),
        go.Scatter(
            x=SIZES,
            y=SIZES**-0.5,
            name="1/√n",
            mode="lines",
            line={"color": QUIET, "width": 1.5},
            hoverinfo="skip",
        ),
        style.measured([], [], [], "measured", "MAPB"),
        style.here(1, 1),
    ]
    traces[3].visible = False
    layout = {
        "xaxis": {"title": {"text": "items n"}, "range": [0, MOST + 1]},
        "yaxis": {"title": {"text": "similarity of a member"}, "range": [0, 1.05]},
    }
    return LiveFigure(go.Figure(traces, layout))


@functools.lru_cache(maxsize=64)
def walk(size: int) -> tuple[Floats, Floats]:
    """Sums of the other size - 1 votes and their chances; an even vote has a coin as well."""
    others = size - 1 if size % 2 else size  # a coin that breaks ties is one more vote
    sums = (2.0 * np.arange(others + 1) - others).astype(np.float64)
    return sums, theory.binomial(others, 0.5)


def update(size: int) -> Any:
    """What both figures show for this size."""
    sums, chances = walk(size)
    tie = sums == 0
    beta = float(theory.majority_agreement(size))
    left = {
        "the others": {"x": sums[~tie], "y": chances[~tie]},
        "they tie": {"x": sums[tie], "y": chances[tie]},
    }
    coin = "" if size % 2 else " and the coin"
    reach = max(15.5, min(size + 1.5, 4 * size**0.5))
    layouts = (
        {
            "title": f"The others{coin} tie in {percent(beta)}: β = {beta:.4g}",
            "xaxis": {"range": [-reach, reach]},
            "yaxis": {"range": [0, 1.12 * max(chances)]},
            "annotations": [note(0, beta, "one vote decides", "center", yshift=10)],
        },
        {
            "title": f"A member of {size} keeps {beta:.4g}, not 1/√n = {size**-0.5:.4g}",
            "annotations": [
                note(MOST, 0.95, "— β, exact", "right"),
                note(MOST, 0.87, "┈ √(2/πn), approximate", "right"),
                note(MOST, 0.79, "thin: 1/√n, as some teach", "right"),
            ],
        },
    )
    return (left, {"you are here": {"x": [size], "y": [beta]}}), layouts, in_words(size)


def in_words(size: int) -> str:
    """What the figures show, in one line."""
    beta = float(theory.majority_agreement(size))
    coin = "" if size % 2 else " and the coin"
    others = size - 1
    return (
        f"In a majority of {size} the {others} other{'s' * (others != 1)}{coin} tie in "
        f"{percent(beta)} of the places, so a member keeps β = {beta:.4g}; for large n that is "
        f"√(2/πn), here {math.sqrt(2 / math.pi / size):.4g} (approximate), and not 1/√n = "
        f"{size**-0.5:.4g}."
    )


@functools.lru_cache(maxsize=64)
def drawn(size: int) -> tuple[float, float]:
    """Mean and standard error of what the first item keeps, over drawn majorities."""
    vsa = space("MAPB", DIM, seed=17)
    items = vsa.random(RUNS, size)
    kept = pairwise(vsa, vsa.bundle(items), items[:, 0]).double()  # (RUNS,)
    return float(kept.mean()), float(kept.std()) / RUNS**0.5


def measure(progress: Any, size: int) -> Any:
    """The majority, drawn."""
    progress(0.1)
    mean, error = drawn(size)
    point = {"x": [size], "y": [mean], "error_y": {"array": [error]}}
    said = rounded(mean, error) if error else f"{mean:g}"
    return ({}, {"measured": point}), ({}, {}), f"{in_words(size)} Measured: {said}."
