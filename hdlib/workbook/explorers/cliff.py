"""Notebook 04: how much of a bundled set comes back, and the published slopes beside ours."""

from __future__ import annotations

import functools
import json
import math
from typing import Any

import numpy as np
import plotly.graph_objects as go

from hdlib import theory
from hdlib.theory.orthogonality import Floats
from hdlib.workbook import style
from hdlib.workbook.colours import INK, QUIET
from hdlib.workbook.controls import Select, Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.analogy import percent
from hdlib.workbook.explorers.similarity import note
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.widget import HERE

# The names of the article, the model whose formula and colour they have, and its published slope:
# dimensions per item at 99 % (doi:10.1007/s10462-021-10110-3, lines through their results).
SLOPES = {
    "MAPI": ("MAPI", 31.8),
    "MAPB": ("MAPB", 50.4),
    "BSC": ("BSC", 47.9),
    "BSDC-SHIFT": ("BSDC", 21.3),
    "BSDC-SEG": ("BSDC", 19.9),
    "HRR": ("HRR", 31.8),
    "FHRR": ("FHRR", 22.0),
    "VTB": ("VTB", 30.9),
    "MBAT": ("MBAT", 33.5),
}
DIMS = tuple((2 * i) ** 2 for i in range(2, 21))
ENOUGH = 0.99
MANY = 1000  # items in the memory


@functools.lru_cache(maxsize=1)
def kept() -> dict[str, dict[str, Any]]:
    """Our run of their first experiment, by model (``python -m benchmarks.schlegel`` made it)."""
    rows = json.loads((HERE / "data" / "schlegel.json").read_text())
    return {row["model"]: row for row in rows if row["experiment"] == "bundle"}


@functools.lru_cache(maxsize=256)
def expected(model: str, dim: int) -> Floats:
    """The share of members found at each of the sizes, by theory."""
    found = theory.members_found(SLOPES[model][0], kept()[model]["sizes"], MANY, dim=dim)
    return np.asarray(found)


@functools.lru_cache(maxsize=16)
def needed(model: str) -> tuple[list[int], list[int], list[float]]:
    """Sizes; where our grid first reaches 99 %; and where theory does, on a straight line."""
    run = kept()[model]
    reached = np.array(run["mean"]) >= ENOUGH
    sizes = [k for k, column in zip(run["sizes"], reached.T, strict=True) if column.any()]
    first = [run["dims"][int(column.argmax())] for column in reached.T if column.any()]
    grid = np.geomspace(16, 2600, 60).round()
    shares = theory.members_found(
        SLOPES[model][0], np.array(sizes)[:, None], MANY, dim=grid
    )  # (sizes, dims)
    enough = [
        float(np.interp(ENOUGH, np.maximum.accumulate(row), grid)) for row in np.asarray(shares)
    ]
    return sizes, first, enough


def explore_cliff(model: str = "MAPB", dim: int = 576) -> Explorer:
    """A set out of its bundle: theory, our grid, their slopes. Taught in notebook 04.

    >>> explore_cliff().words.split(":")[0]
    'MAPB at D = 576'
    """
    controls = {
        "model": Select("model", list(SLOPES), model),
        "dim": Slider("dimension D", dim, values=DIMS),
    }
    return Explorer(
        "find the D at which half of a set of 21 is lost; then compare the slopes of MAPI, MAPB "
        "and FHRR on the right.",
        controls,
        (found_figure(), slope_figure()),
        update,
    )


def found_figure() -> LiveFigure:
    """The share that comes back against the size of the set."""
    sizes = kept()["MAPI"]["sizes"]
    blank = [0.0] * len(sizes)
    traces = [
        style.approximate(sizes, blank, "expected", "MAPI"),
        style.measured(sizes, blank, blank, "measured", "MAPI"),
        go.Scatter(
            x=[0, 54],
            y=[ENOUGH, ENOUGH],
            name="99 %",
            meta="here",
            mode="lines",
            line={"color": QUIET, "width": 1},
            hoverinfo="skip",
        ),
        style.here(3, 1),
    ]
    traces[1].marker.size = 7
    layout = {
        "xaxis": {"title": {"text": f"bundled items k, of {MANY:,}"}, "range": [0, 53]},
        "yaxis": {
            "title": {"text": "members among the k best"},
            "range": [-0.02, 1.12],
            "tickformat": ".0%",
            "tickvals": [0, 0.25, 0.5, 0.75, 1],
        },
    }
    return LiveFigure(go.Figure(traces, layout))


def slope_figure() -> LiveFigure:
    """The dimension that is enough against the size of the set."""
    traces = [
        go.Scatter(
            x=[0, 51],
            y=[0, 0],
            name="published",
            meta="measured",
            mode="lines",
            line={"color": INK, "width": 1.5},
        ),
        style.approximate([0], [0], "expected", "MAPI"),
        style.measured([0], [0], [0], "measured", "MAPI"),
        style.here(3, 64),
    ]
    traces[2].marker.size = 7
    traces[2].error_y = None
    layout = {
        "xaxis": {"title": {"text": "bundled items k"}, "range": [0, 53]},
        "yaxis": {"title": {"text": "first D with 99 % found"}, "range": [0, 2000]},
    }
    return LiveFigure(go.Figure(traces, layout))


def update(model: str, dim: int) -> Any:
    """What both figures show for these settings."""
    run, (family, slope) = kept()[model], SLOPES[model]
    row = run["dims"].index(dim)
    mean, stderr = run["mean"][row], run["stderr"][row]
    sizes, first, enough = needed(model)
    holds = held(model, dim)
    colour = style.COLOURS[family]
    dress = {"line": {"color": colour}}
    marks = {
        "marker": {"color": colour, "symbol": style.SYMBOLS[family], "line": {"color": colour}},
    }
    left = {
        "expected": {"y": expected(model, dim), **dress},
        "measured": {
            "y": mean,
            "error_y": {"array": stderr, "color": colour},
            **marks,
        },
        "you are here": {"x": [max(holds, 1)], "y": [ENOUGH]},
    }
    middle = float(np.mean(sizes)), float(np.mean(first))
    line = [middle[1] + slope * (k - middle[0]) for k in (0, 51)]
    right = {
        "published": {"y": line},
        "expected": {"x": sizes, "y": enough, **dress},
        "measured": {"x": sizes, "y": first, **marks},
        "you are here": {"x": [max(holds, 1)], "y": [dim]},
    }
    ours = float(np.mean(run["slopes"]))
    layouts = (
        {
            "title": f"{model}: 99 % of up to {holds} items at D = {dim:,}",
            "annotations": [note(52, 1.07, "··· approximate · ● measured, 40 runs", "right")],
        },
        {
            "title": f"{model} needs {ours:.1f} dimensions an item",
            "annotations": [
                note(1, 1870, f"— published: {slope:.1f} an item"),
                note(1, 1740, "● our grid · ··· approximate"),
            ],
        },
    )
    return (left, right), layouts, in_words(model, dim)


def held(model: str, dim: int) -> int:
    """The largest set of the grid of which theory finds 99 % at this dimension, 0 if none."""
    enough = np.flatnonzero(expected(model, dim) >= ENOUGH)
    return int(kept()[model]["sizes"][enough[-1]]) if len(enough) else 0


def in_words(model: str, dim: int) -> str:
    """What the figures show, in one line."""
    run, slope = kept()[model], SLOPES[model][1]
    row, k = run["dims"].index(dim), run["sizes"].index(21)
    off = float(np.abs(np.array(run["mean"][row]) - expected(model, dim)).mean())
    ours, found = run["slopes"], run["mean"][row][k]
    spread = float(np.std(ours, ddof=1)) / math.sqrt(len(ours))
    return (
        f"{model} at D = {dim:,}: of a set of 21 among {MANY:,} items {percent(found)} "
        f"are found, measured over {run['runs']} runs ({percent(float(expected(model, dim)[k]))} "
        f"approximately; {off:.3f} off on average over all sizes). For 99 % our grid needs "
        f"{np.mean(ours):.1f} ± {spread:.1f} dimensions an item, the published one {slope:.1f}."
    )
