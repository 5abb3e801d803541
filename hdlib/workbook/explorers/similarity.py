"""Notebook 01: how similar are two random vectors? Every pair of many, the exact law beside it."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import plotly.graph_objects as go
import torch

from hdlib import theory
from hdlib.theory.modular import MODULAR
from hdlib.theory.orthogonality import COUNTS, Floats
from hdlib.vsa import MODELS
from hdlib.workbook import style
from hdlib.workbook.colours import AXIS, INK, QUIET
from hdlib.workbook.controls import Button, Select, Slider, Toggle
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.analogy import percent
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.rounding import rounded

DIMS = (16, 64, 144, 256, 576, 1024, 2304, 4096, 10_000)  # squares and multiples of 16: all models
FUNNEL = np.geomspace(DIMS[0], DIMS[-1], 49)
ATOMS = 64
PAIRS = ATOMS * (ATOMS - 1) // 2
REACH, BARS = 4.5, 33  # standard deviations shown each way, and into how many bars at most
BOOKS = 20  # other draws, measured behind
MEASURED = f"{BOOKS} other draws"
NAMES = {
    "MAPI": "MAPI, signs",
    "MAPB": "MAPB, signs",
    "BSC": "BSC, bits",
    "BSDC": "BSDC, sparse bits",
    "SBC": "SBC, sparse blocks",
    "MCR": "MCR, integers",
    "CGR": "CGR, integers",
    "HRR": "HRR, normal numbers",
    "FHRR": "FHRR, phases",
    "VTB": "VTB, normal numbers",
    "MBAT": "MBAT, signs",
}


def drawn(model: str, dim: int, seed: int) -> Floats:
    """Similarities of all pairs of 64 atoms: ``-> (2016,)``.

    Any two pairs are independent, also if they share an atom: one cannot be guessed from the other.
    """
    vsa = MODELS[model](dim, seed=seed)
    atoms = vsa.atoms(torch.arange(ATOMS))
    first, second = torch.triu_indices(ATOMS, ATOMS, offset=1)
    pairs: Floats = vsa.similarity(atoms, atoms)[first, second].double().numpy()
    return pairs


@dataclass(frozen=True)
class Bars:
    """The bars of a histogram: edges, and the share of all pairs that belongs into each."""

    edges: Floats
    exact: Floats
    normal: Floats

    @cached_property
    def middles(self) -> Floats:
        """Where each bar stands."""
        middles: Floats = (self.edges[1:] + self.edges[:-1]) / 2
        return middles

    def shares(self, similarities: Floats) -> Floats:
        """The share of the drawn pairs in each bar."""
        counts: Floats = np.histogram(similarities, self.edges)[0] / len(similarities)
        return counts


@functools.lru_cache(maxsize=256)
def bars(model: str, dim: int) -> Bars:
    """Bars for one model and dimension; where the law has steps, an edge never cuts one."""
    sd = float(theory.similarity_sd(dim, model=model))
    if model in COUNTS:
        values, mass = theory.similarity_mass(model, dim)
        step = values[1] - values[0]
        together = max(1, math.ceil(2 * REACH * sd / step / BARS))
        near = np.flatnonzero(np.abs(values) < REACH * sd + together * step)
        starts = np.arange(near[0], near[-1] + 1, together)
        ends = np.minimum(starts + together, len(values))
        edges = values[0] + step * (np.append(starts, starts[-1] + together) - 0.5)
        upto = np.concatenate([[0.0], mass.cumsum()])
        exact = upto[ends] - upto[starts]
    else:
        end = min(1.0, REACH * sd)
        edges = np.linspace(-end, end, BARS + 1)
        low, middle, high = (
            theory.similarity_density(model, dim, at)
            for at in (edges[:-1], (edges[:-1] + edges[1:]) / 2, edges[1:])
        )
        exact = (low + 4 * middle + high) / 6 * np.diff(edges)  # Simpson
    normal = np.diff([0.5 * math.erf(edge / sd / math.sqrt(2)) for edge in edges])
    return Bars(edges, exact, normal)


@dataclass(frozen=True)
class Reading:
    """All that the card shows for one setting."""

    model: str
    dim: int
    seed: int

    @cached_property
    def pairs(self) -> Floats:
        return drawn(self.model, self.dim, self.seed)

    @cached_property
    def bars(self) -> Bars:
        return bars(self.model, self.dim)

    @cached_property
    def exact_sd(self) -> float:
        return float(theory.similarity_sd(self.dim, model=self.model))

    @cached_property
    def sd(self) -> float:
        """Of this draw, about the mean 0 that theory knows."""
        return float(np.sqrt((self.pairs**2).mean()))


def explore_similarity(model: str = "BSC", dim: int = 64) -> Explorer:
    """How similar random vectors are, for every model and dimension. Taught in notebook 01.

    >>> card = explore_similarity(dim=10_000)
    >>> card.words.split(":")[0]
    '2,016 pairs of BSC atoms at D = 10,000'
    """
    controls = {
        "model": Select("model", NAMES, model),
        "dim": Slider("dimension D", dim, values=DIMS),
        "zoom": Toggle("zoom in"),
        "again": Button("Draw again"),
    }
    return Explorer(
        "move D up from 16 and watch the hill become a needle; zoom in on it; then change the "
        "model and see what stays.",
        controls,
        (pairs_figure(), funnel_figure()),
        update,
        slow=measure,
    )


def pairs_figure() -> LiveFigure:
    """The histogram of all pairs, with the exact law and the normal approximation."""
    traces = [
        style.samples([0], [0], "this draw", "BSC"),
        style.approximate([0], [0], "normal", None),
        style.exact([0], [0], "exact", "BSC"),
        style.measured([0], [0], [0], MEASURED, "BSC"),
    ]
    traces[1].line.color = QUIET
    traces[3].visible = False
    traces[3].marker.size = 5
    layout = {
        "xaxis": {"title": {"text": "similarity of two random vectors"}, "range": [-1, 1]},
        "yaxis": {"title": {"text": "share of pairs in a bar"}, "tickformat": ".0%"},
    }
    return LiveFigure(go.Figure(traces, layout))


def funnel_figure() -> LiveFigure:
    """The angle between two random vectors against the dimension: a funnel around 90 degrees."""
    flat = [90.0] * len(FUNNEL)
    traces = [
        style.band(FUNNEL, flat, flat, "± 2 sd", "BSC"),
        style.exact(FUNNEL, flat, "90° + 2 sd", "BSC"),
        style.exact(FUNNEL, flat, "90° − 2 sd", "BSC"),
        style.measured([DIMS[0]], [0], [0], MEASURED, "BSC"),
        style.here(DIMS[0], 0),
    ]
    traces[3].visible = False
    layout = {
        "xaxis": {
            "type": "log",
            "title": {"text": "dimension D"},
            "tickvals": [16, 64, 256, 1024, 4096],
            "ticktext": ["16", "64", "256", "1,024", "4,096"],
            "range": [1.12, 4.08],
        },
        "yaxis": {
            "title": {"text": "angle between two vectors"},
            "range": [50, 130],
            "tickvals": [60, 75, 90, 105, 120],
            "ticktext": ["60°", "75°", "90°", "105°", "120°"],
        },
        "shapes": [
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "y0": 90,
                "y1": 90,
                "line": {"color": AXIS, "width": 1},
            }
        ],
    }
    return LiveFigure(go.Figure(traces, layout))


def degrees(similarity: Any) -> Any:
    """The angle whose cosine this is.

    >>> round(float(degrees(0.5)))
    60
    """
    return np.degrees(np.arccos(np.clip(similarity, -1, 1)))


def update(model: str, dim: int, zoom: bool, again: int) -> Any:
    """What both figures show for these settings."""
    reading = Reading(model, dim, again)
    (left, left_layout), (right, right_layout) = pairs(reading, zoom), funnel(reading)
    return (left, right), (left_layout, right_layout), in_words(reading)


def pairs(reading: Reading, zoom: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Traces and layout of the histogram."""
    bar, colour = reading.bars, style.colour_of(reading.model)
    shares = bar.shares(reading.pairs)
    top = 1.42 * float(max(shares.max(), bar.exact.max()))
    traces = {
        "this draw": {
            "x": bar.middles,
            "y": shares,
            "width": np.diff(bar.edges) * 0.94,
            "marker": {"color": colour},
        },
        "normal": {"x": bar.middles, "y": bar.normal},
        "exact": {"x": bar.middles, "y": bar.exact, "line": {"color": colour}},
    }
    end = min(1.05, 1.05 * float(np.abs(bar.edges).max())) if zoom else 1.05
    side = 0.86 * end
    stepped = reading.model in MODULAR and reading.dim < 64  # beyond, nobody can see them
    layout = {
        "title": f"{PAIRS:,} pairs, all near 0: give or take {digits(reading.sd)}",
        "xaxis": {"range": [-end, end]},
        "yaxis": {"range": [0, top]},
        "annotations": [
            note(-side, 0.95 * top, f"— exact{', steps smoothed' * stepped}", "left"),
            note(-side, 0.86 * top, "··· normal, approximate", "left"),
            note(side, 0.95 * top, "bars: this draw", "right"),
        ],
    }
    return traces, layout


def funnel(reading: Reading) -> tuple[dict[str, Any], dict[str, Any]]:
    """Traces and layout of the funnel."""
    model, colour = reading.model, style.colour_of(reading.model)
    wide = 2 * theory.similarity_sd(FUNNEL, model=model)
    low, high = degrees(wide), degrees(-wide)
    edge = float(degrees(-2 * reading.exact_sd))
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    traces = {
        "± 2 sd": {
            "y": [*high, *reversed(low)],
            "fillcolor": f"rgba({red},{green},{blue},0.16)",
        },
        "90° + 2 sd": {"y": high, "line": {"color": colour}},
        "90° − 2 sd": {"y": low, "line": {"color": colour}},
        "you are here": {"x": [reading.dim], "y": [edge]},
    }
    layout = {
        "title": f"At D = {reading.dim:,} most angles are 90° ± {edge - 90:.1f}°",
        "annotations": [note(4.0, 121, "± 2 standard deviations, exact", "right")],
    }
    return traces, layout


def in_words(reading: Reading) -> str:
    """What the figures show, in one line."""
    sd, largest = reading.exact_sd, float(np.abs(reading.pairs).max())
    beyond = float(theory.similarity_tail(reading.dim, 3 * sd, model=reading.model))
    found = rounded(reading.sd, reading.sd / math.sqrt(2 * PAIRS))
    return (
        f"{PAIRS:,} pairs of {reading.model} atoms at D = {reading.dim:,}: "
        f"standard deviation {found} (exact {digits(sd)}), the largest |similarity| {largest:.3f}. "
        f"Exact: {percent(beyond)} of all pairs lie {digits(3 * sd)} or more from 0, "
        f"three standard deviations."
    )


def measure(progress: Any, model: str, dim: int, zoom: bool, again: int) -> Any:
    """The same for other atoms: does the exact law hold?"""
    reading, shares, sds = Reading(model, dim, again), [], []
    for book in range(BOOKS):
        progress(book / BOOKS)
        other = drawn(model, dim, 1_000_000 + BOOKS * again + book)
        shares.append(reading.bars.shares(other))
        sds.append(math.sqrt((other**2).mean()))
    share, sd = np.mean(shares, 0), float(np.mean(sds))
    errors = np.std(shares, 0, ddof=1) / math.sqrt(BOOKS)
    stderr = float(np.std(sds, ddof=1)) / math.sqrt(BOOKS)
    colour, symbol = style.colour_of(model), style.SYMBOLS[model]
    mark = {"color": colour, "symbol": symbol, "line": {"color": colour}}
    left = {
        MEASURED: {
            "x": reading.bars.middles,
            "y": share,
            "error_y": {"array": errors, "color": colour},
            "marker": {**mark, "size": 5},
        }
    }
    ends = degrees(np.array([-2 * sd, 2 * sd]))
    bend = math.degrees(2 * stderr) / math.sqrt(max(0.01, 1 - 4 * sd**2))  # the slope of arccos
    right = {
        MEASURED: {
            "x": [dim, dim],
            "y": ends,
            "error_y": {"array": [bend, bend], "color": colour},
            "marker": mark,
        }
    }
    found = f"{BOOKS} other draws: {rounded(sd, stderr)}."
    return (left, right), ({}, {}), f"{in_words(reading)} {found}"


def digits(value: float) -> str:
    """Three digits that count.

    >>> digits(0.03125), digits(0.25)
    ('0.0312', '0.250')
    """
    return f"{value:.{max(0, 2 - math.floor(math.log10(value)))}f}"


def note(x: float, y: float, text: str, side: str = "left", **more: Any) -> dict[str, Any]:
    """Words in a figure, at a place of its axes."""
    where = {"x": x, "y": y, "text": text, "xanchor": side, "align": side}
    return {**where, "showarrow": False, "font": {"size": 12, "color": INK}, **more}
