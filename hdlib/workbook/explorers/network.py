"""Notebook 04: a Hopfield network beside a bundle of the pair products that it stores."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import plotly.graph_objects as go

from hdlib import theory
from hdlib.memory import Hopfield
from hdlib.theory.orthogonality import Floats
from hdlib.vsa import MAPB
from hdlib.workbook import style
from hdlib.workbook.colours import QUIET
from hdlib.workbook.controls import Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.membership import CHANCES, chance
from hdlib.workbook.explorers.similarity import note
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.rounding import rounded

UNITS = (16, 24, 32, 48, 64)
SIZES = (2, 4, 7, 12, 20, 35, 60, 100)
FLOOR = 1e-6
NETWORKS = 40


def explore_network(units: int = 64, n: int = 35) -> Explorer:
    """Hopfield: recall, the test of membership, and MAP-I on pairs. Taught in notebook 04.

    >>> explore_network().words.split(":")[0]
    'Hopfield with 64 units (2,016 pairs) and 35 patterns'
    """
    for m in UNITS:  # so that no slider waits for a convolution
        curves(m)
    controls = {
        "units": Slider("units m", units, values=UNITS),
        "n": Slider("patterns n", n, values=SIZES),
        "damage": Slider("damaged bits", 10, min=0, max=40, step=5, unit="%"),
    }
    return Explorer(
        "find how many patterns come back whole, then how many can still be told from strangers.",
        controls,
        (errors_figure(), recall_figure()),
        update,
        slow=measure,
    )


@functools.lru_cache(maxsize=16)
def curves(units: int) -> tuple[Floats, Floats, Floats]:
    """A stranger passes: network, and MAP-I on as many dimensions as pairs; and flipped bits."""
    sizes = np.array(SIZES)
    pairs = units * (units - 1) // 2
    return (
        np.maximum(theory.hopfield_false_positive(sizes, dim=units), 1e-300),
        np.maximum(theory.false_positive("MAPI", sizes, dim=pairs), 1e-300),
        theory.hopfield_flip(sizes, dim=units),
    )


def sizes_axis() -> dict[str, Any]:
    """The axis of both figures."""
    return {
        "type": "log",
        "title": {"text": "patterns n"},
        "range": [math.log10(1.7), math.log10(130)],
        "tickvals": SIZES,
    }


def errors_figure() -> LiveFigure:
    """How often a stranger passes, against the number of patterns."""
    blank = [0.5] * len(SIZES)
    traces = [
        style.exact(SIZES, blank, "Hopfield", None),
        style.exact(SIZES, blank, "MAP-I on pairs", "MAPI"),
        style.measured([], [], [], "Hopfield, measured", None),
        style.here(SIZES[0], 1),
    ]
    traces[0].line.color = QUIET
    traces[2].marker.color = traces[2].marker.line.color = traces[2].error_y.color = QUIET
    traces[2].visible = False
    layout = {
        "xaxis": sizes_axis(),
        "yaxis": {
            **CHANCES,
            "title": {"text": "a stranger passes"},
            "range": [math.log10(FLOOR), 0.1],
        },
    }
    return LiveFigure(go.Figure(traces, layout))


def recall_figure() -> LiveFigure:
    """Wrong bits after recall, against the number of patterns."""
    blank = [0.0] * len(SIZES)
    traces = [
        style.exact(SIZES, blank, "one step", None),
        style.measured([], [], [], "one step, measured", None),
        style.measured([], [], [], "damaged, ten steps", None),
        style.here(SIZES[0], 0),
    ]
    traces[0].line.color = QUIET
    traces[1].marker.color = traces[1].marker.line.color = traces[1].error_y.color = QUIET
    traces[2].marker.color = traces[2].marker.line.color = traces[2].error_y.color = style.INK
    traces[2].marker.symbol = "square-open"
    for points in traces[1:3]:
        points.visible = False
    layout = {
        "xaxis": sizes_axis(),
        "yaxis": {"title": {"text": "wrong bits"}, "range": [-0.01, 0.55], "tickformat": ".0%"},
    }
    return LiveFigure(go.Figure(traces, layout))


def update(units: int, n: int, damage: int) -> Any:
    """What both figures show for these settings."""
    network, pairs, flips = curves(units)
    at = SIZES.index(n)
    traces = (
        {
            "Hopfield": {"y": network},
            "MAP-I on pairs": {"y": pairs},
            "you are here": {"x": [n], "y": [max(network[at], FLOOR)]},
        },
        {"one step": {"y": flips}, "you are here": {"x": [n], "y": [flips[at]]}},
    )
    layouts = (
        {
            "title": f"A stranger passes in {chance(float(network[at]))}",
            "annotations": [
                note(math.log10(1.8), math.log10(0.5), "— Hopfield, exact"),
                note(
                    math.log10(1.8),
                    math.log10(0.17),
                    "— MAP-I on the pairs, exact",
                    font={"size": 12, "color": style.COLOURS["MAPI"]},
                ),
            ],
        },
        {
            "title": f"One step of recall flips {chance(float(flips[at]))} of the bits",
            "annotations": [
                note(math.log10(1.8), 0.52, "— after one step, undamaged, exact"),
                note(math.log10(1.8), 0.48, f"□ {damage} % damaged, after ten steps, measured"),
            ],
        },
    )
    return traces, layouts, in_words(units, n, damage)


def in_words(units: int, n: int, damage: int) -> str:
    """What the figures show, in one line."""
    network, pairs, flips = (float(curve[SIZES.index(n)]) for curve in curves(units))
    return (
        f"Hopfield with {units} units ({units * (units - 1) // 2:,} pairs) and {n} patterns: a "
        f"stranger passes in {chance(network)}, in MAP-I with as many dimensions as pairs in "
        f"{chance(pairs)}; one step of recall flips {chance(flips)} of the bits of a stored "
        f"pattern (all exact). Damage here: {damage} %."
    )


@functools.lru_cache(maxsize=512)
def drawn(units: int, n: int, damage: int) -> tuple[Floats, Floats]:
    """Means and errors of: strangers that pass, wrong bits after one step, and after ten."""
    vsa, found = MAPB(units, seed=31 + n), []
    wrong = round(units * damage / 100)
    for _ in range(NETWORKS):
        patterns, strangers = vsa.random(n), vsa.random(50)
        memory = Hopfield(vsa).add(patterns)
        damaged = patterns.clone()
        damaged[:, :wrong] *= -1  # patterns are random, so any bits will do
        once, often = memory.recall(patterns), memory.recall(damaged, steps=10)
        shares = (memory.contains(strangers), once != patterns, often != patterns)
        found.append([float(share.double().mean()) for share in shares])
    rows = np.array(found)
    return rows.mean(0), rows.std(0, ddof=1) / math.sqrt(NETWORKS)


def measure(progress: Any, units: int, n: int, damage: int) -> Any:
    """Drawn networks of every size."""
    cells = []
    for i, size in enumerate(SIZES):
        progress(i / len(SIZES))
        cells.append(drawn(units, size, damage))
    means, errors = (np.array(part) for part in zip(*cells, strict=True))
    names = ("Hopfield, measured", "one step, measured", "damaged, ten steps")
    points = [
        {"x": np.array(SIZES)[keep], "y": y[keep], "error_y": {"array": e[keep]}}
        for y, e in zip(means.T, errors.T, strict=True)
        for keep in [y > 0]
    ]
    at = SIZES.index(n)
    said = rounded(100 * means[at, 2], 100 * errors[at, 2])
    words = f"{in_words(units, n, damage)} Measured after ten steps: {said} % of the bits wrong."
    left, right = {names[0]: points[0]}, dict(zip(names[1:], points[1:], strict=True))
    return (left, right), ({}, {}), words
