"""Notebook 04: bundles of bundles as a tree: every level keeps its own β, and the β's multiply."""

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
from hdlib.workbook.explorers.similarity import note
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.models import pairwise, space
from hdlib.workbook.rounding import rounded

MOST = 9  # of each level
DIM, RUNS = 1024, 60
Sizes = tuple[int, int, int]


def explore_nesting(inner: int = 5, middle: int = 7, outer: int = 1) -> Explorer:
    """What an item keeps in a bundle of bundles of bundles. Taught in notebook 04.

    >>> explore_nesting(2, 2, 2).words.split(";")[0]
    'Majorities of 2, of 2 such, of 2 such keep β = 0.5 · 0.5 · 0.5 = 0.125 of an item'
    """
    controls = {
        "inner": Slider("items in a bundle", inner, min=1, max=MOST),
        "middle": Slider("such in the next", middle, min=1, max=MOST),
        "outer": Slider("such on top", outer, min=1, max=MOST),
    }
    return Explorer(
        "move items between the levels, their number kept: compare 9, 4, 1 with 6, 6, 1 and with "
        "3, 3, 4; then try 2, 2, 2, where every level halves what is left.",
        controls,
        (tree_figure(), kept_figure()),
        update,
        slow=measure,
    )


def tree_figure() -> LiveFigure:
    """Items below, bundles above, and the way of one item to the top."""
    colour = style.COLOURS["MAPB"]
    traces = [
        go.Scatter(x=[0], y=[0], name="branches", mode="lines", line={"color": QUIET, "width": 1}),
        go.Scatter(x=[0], y=[0], name="nodes", mode="markers", marker={"color": QUIET, "size": 4}),
        go.Scatter(
            x=[0],
            y=[0],
            name="the item asked for",
            mode="lines+markers",
            line={"color": colour, "width": 3},
            marker={"color": colour, "size": 9},
        ),
    ]
    for one in traces:
        one.hoverinfo = "skip"
    layout = {
        "xaxis": {"visible": False, "range": [-0.02, 1.27]},
        "yaxis": {"visible": False, "range": [-0.45, 3.45]},
    }
    return LiveFigure(go.Figure(traces, layout))


def kept_figure() -> LiveFigure:
    """The similarity that is left after each level."""
    traces = [
        style.exact([0], [1], "product", "MAPB"),
        style.measured([], [], [], "measured", "MAPB"),
        style.here(3, 1),
    ]
    traces[1].visible = False
    layout = {
        "xaxis": {
            "title": {"text": "level"},
            "range": [-0.2, 3.6],
            "tickvals": [0, 1, 2, 3],
            "ticktext": ["item", "bundle", "of bundles", "top"],
        },
        "yaxis": {
            "type": "log",
            "title": {"text": "similarity of the item"},
            "range": [-2.05, 0.12],
            "tickvals": [1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01],
        },
    }
    return LiveFigure(go.Figure(traces, layout))


def rows(sizes: Sizes) -> list[Floats]:
    """Where the nodes of each level stand, items first: each bundle over the middle of its own."""
    inner, middle, outer = sizes
    items = (np.arange(inner * middle * outer) + 0.5) / (inner * middle * outer)
    levels = [items]
    for size in sizes:
        levels.append(levels[-1].reshape(-1, size).mean(-1))
    return levels


def left(sizes: Sizes) -> Floats:
    """What is kept up to each level: a product of β's."""
    return np.cumprod([1.0, *theory.majority_agreement(list(sizes))])


def update(inner: int, middle: int, outer: int) -> Any:
    """What both figures show for these settings."""
    sizes, levels = (inner, middle, outer), rows((inner, middle, outer))
    x: list[float | None] = []
    y: list[float | None] = []
    for height, (below, above, size) in enumerate(zip(levels, levels[1:], sizes, strict=False)):
        for start, end in zip(below, np.repeat(above, size), strict=True):
            x += [float(start), float(end), None]
            y += [height, height + 1, None]
    kept, flat = left(sizes), float(theory.majority_agreement(math.prod(sizes)))
    heights = np.repeat(np.arange(4), [len(level) for level in levels])
    tree = {
        "branches": {"x": x, "y": y},
        "nodes": {"x": np.concatenate(levels), "y": heights},
        "the item asked for": {"x": [float(level[0]) for level in levels], "y": [0, 1, 2, 3]},
    }
    betas = theory.majority_agreement(list(sizes))
    names = [
        note(1.26, height + 0.5, f"× {beta:.4g}", "right") for height, beta in enumerate(betas)
    ]
    shown = {
        "product": {"x": [0, 1, 2, 3], "y": kept},
        "you are here": {"x": [3], "y": [flat]},
    }
    many, worse = math.prod(sizes), (flat / kept[-1]) ** 2
    layouts = (
        {"title": f"{many} items, and one on its way up", "annotations": names},
        {
            "title": f"Depth costs {worse:.2g} times the dimensions"
            if worse > 1
            else "One level alone costs nothing",
            "annotations": [
                note(3.55, math.log10(flat), f"flat, exact: {flat:.4f}", "right", yshift=22),
                note(3.55, math.log10(kept[-1]), f"levels: {kept[-1]:.4f}", "right", yshift=-20),
            ],
        },
    )
    return (tree, shown), layouts, in_words(inner, middle, outer)


def in_words(inner: int, middle: int, outer: int) -> str:
    """What the figures show, in one line."""
    sizes = (inner, middle, outer)
    kept, flat = left(sizes)[-1], float(theory.majority_agreement(math.prod(sizes)))
    betas = " · ".join(f"{beta:.4g}" for beta in theory.majority_agreement(list(sizes)))
    return (
        f"Majorities of {inner}, of {middle} such, of {outer} such keep β = {betas} = {kept:.4g} "
        f"of an item; a flat majority of all {math.prod(sizes)} keeps {flat:.4g} (exact). The same "
        f"noise then asks for {(flat / kept) ** 2:.2g} times the dimensions."
    )


@functools.lru_cache(maxsize=64)
def drawn(sizes: Sizes) -> tuple[Floats, Floats]:
    """Mean and standard error of what the first item keeps at each level, over drawn trees."""
    vsa = space("MAPB", DIM, seed=18)
    nodes = vsa.random(RUNS, *reversed(sizes))  # (RUNS, outer, middle, inner, D)
    first, kept = nodes[:, 0, 0, 0], []
    for _ in sizes:
        nodes = vsa.bundle(nodes)
        own = nodes.reshape(RUNS, -1, DIM)[:, 0]
        kept.append(pairwise(vsa, own, first).double().numpy())
    found = np.array(kept)
    return found.mean(-1), found.std(-1, ddof=1) / math.sqrt(RUNS)


def measure(progress: Any, inner: int, middle: int, outer: int) -> Any:
    """The same tree, drawn."""
    progress(0.1)
    mean, error = drawn((inner, middle, outer))
    points = {"x": [1, 2, 3], "y": mean, "error_y": {"array": error}}
    said = rounded(mean[-1], error[-1]) if error[-1] else f"{mean[-1]:g}"
    words = f"{in_words(inner, middle, outer)} Measured over {RUNS} trees: {said}."
    return ({}, {"measured": points}), ({}, {}), words
