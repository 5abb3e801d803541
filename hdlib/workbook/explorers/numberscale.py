"""Notebook 06: what a number resembles, on one scale for all numbers or on that of its path."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
import torch

from hdlib.encode.json import JSONEncoder
from hdlib.workbook import style
from hdlib.workbook.controls import Select, Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.nations import gapminder

PATHS = {
    "year": "year",
    "lifeExp": "life expectancy, years",
    "pop": "population",
    "gdpPercap": "income, dollars a head",
}
SCALES = {
    "one": "one for all numbers",
    "fitted": "fitted to the path",
    "thermometer": "fitted, thermometer",
}
DIMS = (64, 256, 1024, 4096)
FINE = 161  # points of a curve
DRAWN = 31  # values that are encoded
WIDTH = 0.05  # quantiles that make a unit, as in the library


def explore_scale(path: str = "year", scale: str = "one") -> Explorer:
    """A number and what it resembles, on three scales. Taught in notebook 06.

    >>> card = explore_scale("year", "fitted")
    >>> card.words.split(";")[0]
    'On its own scale 1977 resembles the next value, 1982, by 0.19 (exact)'
    """
    controls = {
        "path": Select("numbers of", PATHS, path),
        "scale": Select("scale", SCALES, scale),
        "place": Slider("value, by rank", 50, min=0, max=100, step=5, unit="%"),
        "dim": Slider("dimension D", 1024, values=DIMS),
    }
    return Explorer(
        "look at years on one scale for all numbers, then fit. Do the same with populations.",
        controls,
        (likeness_figure(), scale_figure()),
        update,
    )


def likeness_figure() -> LiveFigure:
    """The similarity of one number with all others of its path."""
    drawn = style.measured([], [], None, "these vectors", "MBAT").update(error_y=None)
    traces = [style.exact([], [], "expected", "MAPI"), drawn, style.here(0, 1)]
    layout = {
        "xaxis": {"title": {"text": "other numbers"}},
        "yaxis": {
            "title": {"text": "similarity (marks: these vectors)"},
            "range": [-1.12, 1.12],
        },
    }
    return LiveFigure(go.Figure(traces, layout))


def scale_figure() -> LiveFigure:
    """Where each number stands on the scale."""
    traces = [style.exact([], [], "scale", "MAPI"), style.here(0, 0)]
    layout = {
        "xaxis": {"title": {"text": "number"}},
        "yaxis": {"title": {"text": "place on the scale, in units"}},
    }
    return LiveFigure(go.Figure(traces, layout))


@lru_cache(maxsize=len(PATHS))
def values(path: str) -> tuple[float, ...]:
    """All different numbers of a path, rising."""
    records = gapminder()
    found = {record[path] if path == "year" else record["stats"][path] for record in records}
    return tuple(sorted(found))


@lru_cache(maxsize=len(PATHS) * len(SCALES) * len(DIMS))
def encoder(path: str, scale: str, dim: int) -> JSONEncoder:
    """The library's encoder, fitted or not."""
    made = JSONEncoder(dim, numbers="thermometer" if scale == "thermometer" else "fourier")
    if scale == "one":
        return made
    return made.fit(
        record[path] if path == "year" else record["stats"][path] for record in gapminder()
    )


def units(path: str, scale: str, x: Any) -> Any:
    """Numbers to places on a scale, where similar ones are less than a unit or two apart."""
    x = np.asarray(x, dtype=np.float64)
    if scale == "one":
        return np.arcsinh(x) / 0.25
    fitted = encoder(path, scale, DIMS[0]).schema.scale
    assert fitted is not None
    return fitted.units(x)


def kernel(scale: str, apart: Any) -> Any:
    """The similarity of two numbers so many units apart: a bell, or a straight line."""
    if scale == "thermometer":
        return 1 - 2 * np.clip(np.abs(apart) * WIDTH, 0, 1)
    return np.exp(-np.square(apart) / 2)


def update(path: str, scale: str, place: int, dim: int) -> Any:
    """What both figures show for these settings."""
    known = values(path)
    at = place * (len(known) - 1) // 100
    x, near = known[at], known[at + 1 if at + 1 < len(known) else at - 1]
    fine = axis(path, known)
    own = units(path, scale, [x])[0]
    some = sorted({*known[:: max(1, len(known) // DRAWN)], x, near})
    codes = encoder(path, scale, dim).encode(some)
    like = (codes @ codes[some.index(x)]).tolist()
    ends = [math.log10(known[0]) - 0.1, math.log10(known[-1]) + 0.1]
    logarithmic = path in ("pop", "gdpPercap")
    span = 0.04 * (known[-1] - known[0])
    x_axis = {
        "title": {"text": PATHS[path]},
        "type": "log" if logarithmic else "linear",
        "range": ends if logarithmic else [known[0] - span, known[-1] + span],
        "tickformat": "d" if path == "year" else "~s",
        "nticks": 6,
    }
    left = {
        "expected": {"x": fine, "y": kernel(scale, units(path, scale, fine) - own).tolist()},
        "these vectors": {"x": some, "y": like},
        "you are here": {"x": [x], "y": [1]},
    }
    right = {
        "scale": {"x": fine, "y": units(path, scale, fine).tolist()},
        "you are here": {"x": [x], "y": [float(own)]},
    }
    gap = float(kernel(scale, units(path, scale, [near])[0] - own))
    low = -1.12 if scale == "thermometer" or dim < 256 else -0.3
    layouts = (
        {
            "title": f"{show(path, x)} and {show(path, near)}: similarity {gap:.2f}",
            "xaxis": x_axis,
            "yaxis": {"range": [low, 1.12]},
        },
        {
            "title": right_title(path, scale, known),
            "xaxis": x_axis,
            "yaxis": {"range": wide(units(path, scale, [known[0], known[-1]]))},
        },
    )
    words = in_words(path, scale, at, dim, gap)
    return (left, right), layouts, words


def wide(ends: Any) -> list[float]:
    """A range around some places, at least as wide as a fitted scale, so that both compare."""
    middle, half = float(sum(ends)) / 2, max(10.5, 0.52 * float(ends[1] - ends[0]))
    return [middle - half, middle + half]


def axis(path: str, known: tuple[float, ...]) -> list[float]:
    """Points from the least to the greatest number, even on the axis that is drawn."""
    if path in ("pop", "gdpPercap"):
        even: Any = np.geomspace(known[0], known[-1], FINE)
    else:
        even = np.linspace(known[0], known[-1], FINE)
    found: list[float] = even.tolist()
    return found


def right_title(path: str, scale: str, known: tuple[float, ...]) -> str:
    """How far apart the ends of the path are."""
    low, high = units(path, scale, [known[0], known[-1]])
    return f"All of this path lies within {float(high - low):.2g} units"


def show(path: str, x: float) -> str:
    """A number as a reader writes it."""
    return f"{x:.0f}" if path == "year" else f"{x:,.0f}" if path == "pop" else f"{x:,g}"


def in_words(path: str, scale: str, at: int, dim: int, gap: float) -> str:
    """What the figures show, in one line."""
    known = values(path)
    x, near = known[at], known[at + 1 if at + 1 < len(known) else at - 1]
    apart = kernel(scale, units(path, scale, known) - units(path, scale, [x])[0])
    alike = int((torch.from_numpy(apart) > 0.5).sum())
    where = "On one scale for all numbers" if scale == "one" else "On its own scale"
    side = "next" if near > x else "previous"
    return (
        f"{where} {show(path, x)} resembles the {side} value, {show(path, near)}, by {gap:.2f} "
        f"(exact); {alike:,} of the {len(known):,} values of this path are more like it than 0.5. "
        f"Marks scatter by about 1/√D = {dim**-0.5:.2f}."
    )
