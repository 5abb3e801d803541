"""Notebook 04: what is needed, and what bounds ask for: exact, normal, Hoeffding, the proof."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import plotly.graph_objects as go

from hdlib import theory
from hdlib.theory.bounds import CONSTANTS
from hdlib.theory.orthogonality import Floats
from hdlib.theory.tails import normal_quantile
from hdlib.workbook import style
from hdlib.workbook.colours import QUIET
from hdlib.workbook.controls import Select, Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.similarity import note
from hdlib.workbook.explorers.sizing import failures
from hdlib.workbook.figure import LiveFigure

MODELS = ("MAPI", "MAPB")
SIZES = (5, 10, 25, 50, 100, 200)
UNIVERSES = (500, 1000, 10_000, 100_000, 1_000_000)
FAILURES = (0.5, 0.2, 0.1, 0.01, 0.001)
AXIS = np.geomspace(10, 1e9, 25)  # d/δ of the right figure
NORMAL = {"MAPI": 4.0, "MAPB": 2 * math.pi}  # D = factor · n · z²
BOUND = {"MAPI": 8.0, "MAPB": 4 * math.pi}  # D = factor · n · ln(d/δ), even n as n + 1 in MAPB
PROOF = CONSTANTS["paper"]  # D = 56 n ln(2d/δ), from a proof for MAP-B
BLOOM = CONSTANTS["bloom"]  # bits = 2.08 n ln(d/δ)
BLOOM_BITS = "Bloom filter, bits"
BARS = (BLOOM_BITS, "exact", "normal, approximate", "Hoeffding, sufficient", "a proof, sufficient")


@functools.lru_cache(maxsize=256)
def wanted(model: str, n: int, universe: int, failure: float) -> dict[str, float]:
    """Dimensions by each form; bits for the filter."""
    z = normal_quantile(failure / universe)

    def asked(who: str) -> float:
        return float(theory.sufficient_dimension(who, n, universe, failure))

    forms = {
        BLOOM_BITS: asked("bloom"),
        "exact": float(exact(model, n, universe, failure)),
        "normal, approximate": NORMAL[model] * n * z * z,
        "Hoeffding, sufficient": asked(model),
    }
    if model == "MAPB":
        forms["a proof, sufficient"] = asked("paper")
    return forms


@functools.lru_cache(maxsize=256)
def exact(model: str, n: int, universe: int, failure: float) -> int:
    """The D from which on all answers are right, as ``capacity.dimension_for``, but in four looks.

    The error with the threshold one value worse is smooth, and found by halving around the normal
    form; below it the saw-tooth of the true error is read out.
    """
    z = normal_quantile(failure / universe)
    guess = NORMAL[model] * n * z * z
    low, high = max(4, int(0.8 * guess) - 40), int(1.1 * guess) + 60 + 12 * n
    while high - low > 16:
        dims = np.linspace(low, high, 16).astype(int)
        fails = theory.membership_error(model, n, universe, dim=dims, nudge=1) > failure
        last = int(np.flatnonzero(fails)[-1])
        low, high = int(dims[last]), int(dims[last + 1])
    dims = np.arange(max(4, low - 40 - 20 * math.isqrt(n)), high + 1)
    fails = theory.membership_error(model, n, universe, dim=dims) > failure
    return int(dims[np.flatnonzero(fails)[-1]]) + 1


def explore_tightness(model: str = "MAPB") -> Explorer:
    """Needed dimensions beside what bounds ask for. Taught in notebook 04.

    >>> explore_tightness().words.split(",")[0]
    'MAPB'
    """
    controls = {
        "model": Select("model", list(MODELS), model),
        "n": Slider("bundle size n", 10, values=SIZES, unit="items"),
        "universe": Slider("universe d", 500, values=UNIVERSES, unit="items"),
        "failure": Slider("failure δ", 0.1, values=sorted(FAILURES)),
    }
    return Explorer(
        "multiply the universe by a thousand and see how little it costs; then compare the proof "
        "with the need.",
        controls,
        (bars_figure(), constant_figure()),
        update,
        slow=measure,
    )


def bars_figure() -> LiveFigure:
    """A bar for each form."""
    traces = [
        go.Bar(
            y=list(BARS),
            x=[0] * len(BARS),
            name="dimensions",
            meta="exact",
            orientation="h",
            marker={"color": [QUIET, *[style.COLOURS["MAPB"]] * 4]},
            hovertemplate="%{x:,.0f}<extra>%{y}</extra>",
        )
    ]
    layout = {
        "xaxis": {"title": {"text": "dimensions (bits for the filter)"}, "nticks": 5},
        "yaxis": {"showgrid": False},
        "margin": {"l": 150},
        "bargap": 0.35,
    }
    return LiveFigure(go.Figure(traces, layout))


def constant_figure() -> LiveFigure:
    """The constant in front of n ln(d/δ) against d/δ."""
    blank = np.ones(len(AXIS))
    traces = [
        style.sufficient(AXIS, blank, "proof", "MAPB"),
        style.sufficient(AXIS, blank, "Hoeffding", "MAPB"),
        style.approximate(AXIS, blank, "Bloom", None),
        style.approximate(AXIS, blank, "normal", "MAPB"),
        style.here(100, 1),
    ]
    traces[2].line.color = QUIET
    layout = {
        "xaxis": {
            "type": "log",
            "title": {"text": "d/δ: items asked for, over the failure allowed"},
            "range": [0.9, 9.3],
            "tickvals": [10.0**k for k in range(1, 10, 2)],
            "ticktext": ["10", "10³", "10⁵", "10⁷", "10⁹"],
        },
        "yaxis": {
            "type": "log",
            "title": {"text": "dimensions / n ln(d/δ)"},
            "range": [0.2, 2],
            "tickvals": [2, 4, 8, 16, 32, 64],
        },
    }
    return LiveFigure(go.Figure(traces, layout))


@functools.lru_cache(maxsize=2)
def constants(model: str) -> dict[str, Floats]:
    """The lines of the right figure."""
    level = np.log(AXIS)
    z = np.array([normal_quantile(1 / ratio) for ratio in AXIS])
    return {
        "proof": PROOF * (level + math.log(2)) / level,
        "Hoeffding": np.full(len(AXIS), BOUND[model]),
        "Bloom": np.full(len(AXIS), BLOOM),
        "normal": NORMAL[model] * z * z / level,
    }


def update(model: str, n: int, universe: int, failure: float) -> Any:
    """What both figures show for these settings."""
    forms, colour = wanted(model, n, universe, failure), style.COLOURS[model]
    need, level = forms["exact"], math.log(universe / failure)
    left = {
        "dimensions": {
            "y": list(forms),
            "x": list(forms.values()),
            "marker": {"color": [QUIET, *[colour] * (len(forms) - 1)]},
        }
    }
    lines = constants(model)
    right: dict[str, Any] = {
        name: {"y": y} if name == "Bloom" else {"y": y, "line": {"color": colour}}
        for name, y in lines.items()
    }
    right["proof"]["visible"] = model == "MAPB"
    right["you are here"] = {"x": [universe / failure], "y": [need / n / level]}
    top = max(forms.values())
    factors = [
        {**note(value, 0, f"{value:,.0f}", "left", xshift=6), "y": name}
        for name, value in forms.items()
    ]
    worst = max(forms, key=lambda name: forms[name]).split(",")[0]
    labels = [
        note(9.2, math.log10(BOUND[model]), "Hoeffding, sufficient", "right", yshift=9),
        note(9.2, math.log10(BLOOM), "··· Bloom filter, bits", "right", yshift=9),
        note(9.2, math.log10(lines["normal"][-1]), "··· normal; ring: exact", "right", yshift=-12),
    ]
    if model == "MAPB":
        labels.append(note(9.2, math.log10(PROOF), "a proof, sufficient", "right", yshift=10))
    layouts = (
        {
            "title": f"Needed {need:,.0f}; {worst} asks for {top / need:.1f} times that",
            "xaxis": {"range": [0, 1.24 * top]},
            "annotations": factors,
        },
        {
            "title": f"{need / n / level:.1f} dimensions for each n ln(d/δ)",
            "annotations": labels,
        },
    )
    return (left, right), layouts, in_words(model, n, universe, failure)


def in_words(model: str, n: int, universe: int, failure: float) -> str:
    """What the figures show, in one line."""
    forms = wanted(model, n, universe, failure)
    parts = [f"{name} {value:,.0f}" for name, value in forms.items() if name != BLOOM_BITS]
    return (
        f"{model}, {n} of {universe:,} items, all answers right but for {failure:g} of all "
        f"bundles: {'; '.join(parts)} dimensions; a Bloom filter {forms[BLOOM_BITS]:,.0f} bits."
    )


def measure(progress: Any, model: str, n: int, universe: int, failure: float) -> Any:
    """The share of bundles with any wrong answer at the exact D, where that can be drawn."""
    dim = exact(model, n, universe, failure)
    found = failures(progress, model, "membership", n, universe, failure, dim)
    return ({}, {}), ({}, {}), f"{in_words(model, n, universe, failure)} {found}"
