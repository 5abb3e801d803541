"""Notebook 03: numbers as hypervectors; how alike two of them are is drawn with its law."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
import torch
from torch import Tensor

from hdlib import encode, theory
from hdlib.vsa import VSA
from hdlib.workbook import style
from hdlib.workbook.colours import AXIS
from hdlib.workbook.controls import Select, Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.models import DIMS, space
from hdlib.workbook.rounding import said

N = 25  # values, 0 to 24: a day by its hours
HOURS = np.arange(N)
TRIALS = 20
BANDWIDTH = 4.0  # of the fractional powers, in values
RANGE = (-1.12, 1.12)
ONCE, MEAN = "this draw", f"mean of {TRIALS} draws"
SHADES = [  # through nothing at 0, so that it is right on white and on dark pages
    [0, "rgb(213,94,0)"],
    [0.5, "rgba(213,94,0,0)"],
    [0.5, "rgba(0,114,178,0)"],
    [1, "rgb(0,114,178)"],
]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Encoding:
    """A way to make vectors of 0 … 24, its model, and the similarity that theory gives them."""

    title: str
    model: str
    vectors: Callable[[VSA], Tensor]
    law: Callable[[Floats], Any]  # of the distance
    finding: str


def angles() -> Tensor:
    """Points on half a circle, for the projection: ``-> (N, 2)``."""
    turn = torch.arange(N) * (math.pi / (N - 1))
    return torch.stack([turn.cos(), turn.sin()], -1)


def power(kernel: Any) -> Encoding:
    """Fractional powers with one of the two kernels."""
    return Encoding(
        f"fractional power, {kernel}",
        "FHRR",
        lambda vsa: encode.fractional_power(
            vsa, torch.arange(N), bandwidth=BANDWIDTH, kernel=kernel
        ),
        lambda d: theory.fractional_power_similarity(d, bandwidth=BANDWIDTH, kernel=kernel),
        "smooth, and 0 far away" if kernel == "gaussian" else "smooth, with small ripples",
    )


ENCODINGS = {
    "random": Encoding(
        "random atoms",
        "MAPB",
        lambda vsa: vsa.atoms([f"value {i}" for i in range(N)]),
        lambda d: (d == 0).astype(float),
        "neighbours are strangers",
    ),
    "level": Encoding(
        "level",
        "MAPB",
        lambda vsa: encode.level(vsa, N),
        lambda d: theory.level_similarity(d, N),
        "a straight line down to 0",
    ),
    "thermometer": Encoding(
        "thermometer",
        "MAPB",
        lambda vsa: encode.thermometer(vsa, N),
        lambda d: theory.thermometer_similarity(d, N),
        "a straight line down to the opposite",
    ),
    "circular": Encoding(
        "circular",
        "MAPB",
        lambda vsa: encode.circular(vsa, N - 1)[torch.arange(N) % (N - 1)],
        lambda d: theory.circular_similarity(d, N - 1),
        "24 o’clock is 0 o’clock",
    ),
    "projection": Encoding(
        "projection of an angle",
        "MAPB",
        lambda vsa: encode.projection(vsa, angles()),
        lambda d: theory.projection_similarity(np.cos(np.pi * d / (N - 1))),
        "signs turn angles into straight lines",
    ),
    "sinc": power("sinc"),
    "gaussian": power("gaussian"),
}


def explore_basis(encoding: str = "circular") -> Explorer:
    """The similarity of 25 values to one of them, and of all pairs. Taught in notebook 03.

    >>> card = explore_basis("level")
    >>> card.controls["at"].value = 0
    >>> card.words.split(":")[0]
    'level in MAPB at D = 1,024, looked at from 0'
    """
    controls = {
        "encoding": Select("encoding", {k: e.title for k, e in ENCODINGS.items()}, encoding),
        "at": Slider("look from value", 6, min=0, max=N - 1),
        "dim": Slider("dimension D", 1024, values=DIMS),
    }
    return Explorer(
        "move the value you look from, and ask which encoding would suit a temperature, an hour, "
        "a name.",
        controls,
        (profile_figure(), matrix_figure()),
        update,
        slow=measure,
    )


def profile_figure() -> LiveFigure:
    """Similarity to one value: the law, this draw, the mean of many."""
    once = go.Scatter(
        x=HOURS,
        name=ONCE,
        mode="markers",
        marker={"size": 6, "symbol": "square-open", "color": style.COLOURS["MAPB"]},
        hovertemplate="%{y:.3f} at %{x}<extra>this draw</extra>",
    )
    traces = [
        style.exact([0], [0], "theory", "MAPB"),
        once,
        style.measured([], [], [], MEAN, "MAPB").update(visible=False),
        style.here(0, 1),
    ]
    layout = {
        "xaxis": {"title": {"text": "value (line: exact · squares: this draw)"}, "dtick": 4},
        "yaxis": {
            "title": {"text": "similarity"},
            "range": RANGE,
            "tickformat": ".1f",
            "zeroline": True,
            "zerolinecolor": AXIS,
            "zerolinewidth": 1,
        },
    }
    return LiveFigure(go.Figure(traces, layout))


def matrix_figure() -> LiveFigure:
    """Similarity of all pairs in this draw."""
    heat = go.Heatmap(
        name="pairs",
        zmin=-1,
        zmax=1,
        zmid=0,
        colorscale=SHADES,
        colorbar={"thickness": 12, "tickformat": ".1f", "outlinewidth": 0, "len": 0.9},
        hovertemplate="%{x} and %{y}: %{z:.2f}<extra></extra>",
    )
    axis = {"title": {"text": "value"}, "dtick": 4, "showgrid": False}
    layout = {"xaxis": axis, "yaxis": {**axis, "autorange": "reversed"}, "margin": {"r": 12}}
    return LiveFigure(go.Figure([heat], layout))


@lru_cache(maxsize=512)
def drawn(encoding: str, dim: int, seed: int) -> Floats:
    """Similarity of all pairs in one draw: ``-> (N, N)``."""
    chosen = ENCODINGS[encoding]
    vsa = space(chosen.model, dim, seed)
    codes = chosen.vectors(vsa)
    pairs: Floats = vsa.similarity(codes, codes).double().numpy()
    return pairs


def expected(encoding: str, at: int) -> Floats:
    """Similarity of every value to one, as theory gives it."""
    law: Floats = np.asarray(ENCODINGS[encoding].law(np.abs(HOURS - at).astype(float)))
    return law


def update(encoding: str, at: int, dim: int) -> Any:
    """What both figures show for these settings."""
    chosen, pairs, law = ENCODINGS[encoding], drawn(encoding, dim, 0), expected(encoding, at)
    colour = style.COLOURS[chosen.model]
    left = {
        "theory": {"x": HOURS, "y": law, "line": {"color": colour}},
        ONCE: {"y": pairs[at], "marker": {"color": colour}},
        MEAN: {"marker": {"color": colour}, "error_y": {"color": colour}},
        "you are here": {"x": [at], "y": [1.0]},
    }
    worst = float(np.abs(pairs - np.stack([expected(encoding, i) for i in range(N)])).max())
    layouts = (
        {"title": f"{chosen.title.capitalize()}: {chosen.finding}"},
        {"title": f"All pairs; the worst is {worst:.2f} off"},
    )
    right = {"pairs": {"x": HOURS, "y": HOURS, "z": pairs.round(3)}}
    return (left, right), layouts, in_words(encoding, at, dim)


def in_words(encoding: str, at: int, dim: int) -> str:
    """What the figures show, in one line."""
    law, pairs = expected(encoding, at), drawn(encoding, dim, 0)
    shown = [value for value in (0, 1, 12, 24) if value != at]
    parts = [f"{law[value]:.2f} to {value} (drawn {pairs[at][value]:.2f})" for value in shown]
    return (
        f"{ENCODINGS[encoding].title} in {ENCODINGS[encoding].model} at D = {dim:,}, looked at "
        f"from {at}: exact similarity {', '.join(parts)}."
    )


def measure(progress: Any, encoding: str, at: int, dim: int) -> Any:
    """The same profile in many draws."""
    rows = []
    for trial in range(TRIALS):
        progress(trial / TRIALS)
        rows.append(drawn(encoding, dim, 1 + trial)[at])
    mean, error = np.mean(rows, 0), np.std(rows, 0, ddof=1) / math.sqrt(TRIALS)
    points = {MEAN: {"x": HOURS, "y": mean, "error_y": {"array": error}}}
    far = 12 if at != 12 else 0
    found = f"In {TRIALS} draws that to {far} is {said(float(mean[far]), float(error[far]))}."
    return (points, {}), ({}, {}), f"{in_words(encoding, at, dim)} {found}"
