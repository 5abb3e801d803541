"""Notebook 04: a member decides a vote where the others tie; and groups of groups of votes."""

from __future__ import annotations

import functools
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

MOST = 15  # in a group, and groups
SIZES = np.arange(1, MOST * MOST + 1)
DIM, RUNS = 1024, 60


def explore_majority(size: int = 7, groups: int = 5) -> Explorer:
    """What a vote keeps, and a vote of votes. Taught in notebook 04.

    >>> explore_majority().words.split(";")[0]
    'In a majority of 7 the 6 others tie in 31 % of the places, so a member keeps β = 0.3125'
    """
    controls = {
        "size": Slider("items in a group", size, min=1, max=MOST),
        "groups": Slider("groups", groups, min=1, max=MOST),
    }
    return Explorer(
        "step from 6 to 7 and see that nothing changes on the right; then split 35 items into "
        "groups.",
        controls,
        (walk_figure(), nested_figure()),
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


def nested_figure() -> LiveFigure:
    """What a member of a flat bundle keeps, and one in groups."""
    kept = theory.majority_agreement(SIZES)
    flat = style.exact(SIZES, kept, "flat", "MAPB")
    flat.line.shape = "hv"
    traces = [
        flat,
        style.measured([], [], [], "groups, measured", "MAPB"),
        go.Scatter(
            x=[1],
            y=[1],
            name="groups",
            meta="exact",
            mode="markers",
            marker={"symbol": "diamond", "size": 11, "color": style.COLOURS["MAPB"]},
        ),
        style.here(1, 1),
    ]
    traces[1].visible = False
    layout = {
        "xaxis": {
            "type": "log",
            "title": {"text": "items in all"},
            "range": [-0.05, 2.4],
            "tickvals": [1, 3, 10, 35, 100, 225],
        },
        "yaxis": {
            "type": "log",
            "title": {"text": "similarity of a member"},
            "range": [-1.75, 0.12],
            "tickvals": [1, 0.5, 0.2, 0.1, 0.05, 0.02],
        },
    }
    return LiveFigure(go.Figure(traces, layout))


@functools.lru_cache(maxsize=64)
def walk(size: int) -> tuple[Floats, Floats]:
    """Sums of the other size - 1 votes and their chances; an even vote has a coin as well."""
    others = size - 1 if size % 2 else size  # a coin that breaks ties is one more vote
    sums = (2.0 * np.arange(others + 1) - others).astype(np.float64)
    return sums, theory.binomial(others, 0.5)


def update(size: int, groups: int) -> Any:
    """What both figures show for these settings."""
    sums, chances = walk(size)
    tie = sums == 0
    inner, outer, flat = (
        float(b) for b in theory.majority_agreement([size, groups, size * groups])
    )
    left = {
        "the others": {"x": sums[~tie], "y": chances[~tie]},
        "they tie": {"x": sums[tie], "y": chances[tie]},
    }
    right = {
        "groups": {"x": [size * groups], "y": [inner * outer]},
        "you are here": {"x": [size * groups], "y": [flat]},
    }
    coin, many = "" if size % 2 else " and the coin", size * groups
    layouts = (
        {
            "title": f"The others{coin} tie in {percent(inner)}: β = {inner:.4g}",
            "yaxis": {"range": [0, 1.12 * max(chances)]},
            "annotations": [note(0, inner, "one vote decides", "center", yshift=10)],
        },
        {
            "title": f"{many} at once keep {flat:.4f}, {groups} groups {inner * outer:.4f}",
            "annotations": [
                note(2.38, 0, "— flat, exact", "right", yshift=4),
                note(2.38, 0, "◆ groups of groups, exact", "right", yshift=-14),
            ],
        },
    )
    return (left, right), layouts, in_words(size, groups)


def in_words(size: int, groups: int) -> str:
    """What the figures show, in one line."""
    inner, outer, flat = (
        float(b) for b in theory.majority_agreement([size, groups, size * groups])
    )
    coin = "" if size % 2 else " and the coin"
    others = size - 1
    return (
        f"In a majority of {size} the {others} other{'s' * (others != 1)}{coin} tie in "
        f"{percent(inner)} of the places, so a member keeps β = {inner:.4g}; in {groups} groups of "
        f"{size} it keeps {inner:.4g} · {outer:.4g} = {inner * outer:.4f}, in a flat bundle of "
        f"{size * groups} {flat:.4f} (exact)."
    )


@functools.lru_cache(maxsize=64)
def drawn(size: int, groups: int) -> tuple[float, float]:
    """Mean and standard error of what the first item keeps, over drawn groups."""
    vsa = space("MAPB", DIM, seed=17)
    items = vsa.random(RUNS, groups, size)
    total = vsa.bundle(vsa.bundle(items))  # (RUNS, groups, size, D) -> (RUNS, D)
    kept = pairwise(vsa, total, items[:, 0, 0]).double()
    return float(kept.mean()), float(kept.std()) / RUNS**0.5


def measure(progress: Any, size: int, groups: int) -> Any:
    """The nested bundle, drawn."""
    progress(0.1)
    mean, error = drawn(size, groups)
    point = {"x": [size * groups], "y": [mean], "error_y": {"array": [error]}}
    said = rounded(mean, error) if error else f"{mean:g}"
    words = f"{in_words(size, groups)} Measured in groups: {said}."
    return ({}, {"groups, measured": point}), ({}, {}), words
