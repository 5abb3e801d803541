"""Notebook 02: what binding hides, what unbinding gives back, and what many keys leave of it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import plotly.graph_objects as go
from torch import Tensor

from hdlib import theory
from hdlib.theory.bundle import EXACT
from hdlib.vsa import VSA
from hdlib.workbook import style
from hdlib.workbook.colours import AXIS
from hdlib.workbook.controls import Select, Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.models import (
    DIMS,
    GLYPHS,
    NAMES,
    curve,
    measured,
    names,
    pairwise,
    points,
    space,
)
from hdlib.workbook.rounding import said

KEYS = tuple(range(1, 8))
PAIRS = 60
UNDONE = (*EXACT, "MBAT")  # models whose unbinding is exact
ORDERED = ("BSDC", "VTB", "MBAT")  # models in which x and y are not interchangeable
ASKED = {
    "x": "z = bind(x, y) with x",
    "y": "z = bind(x, y) with y",
    "back": "unbind(z, y) with x",
    "wrong": "unbind(z, wrong key) with x",
    "swapped": "bind(x, y) with bind(y, x)",
}
RANGE = (-0.05, 1.06)


def explore_binding(asked: str = "x", model: str = "HRR") -> Explorer:
    """Similarity before and after unbinding, and repeated binding. Taught in notebook 02.

    >>> card = explore_binding()
    >>> card.controls["asked"].value = "swapped"
    >>> card.figure.figure.layout.title.text
    'Order does not matter in 8 of 11 models'
    """
    controls = {
        "asked": Select("compare", ASKED, asked),
        "dim": Slider("dimension D", 1024, values=DIMS),
        "model": Select("model", list(NAMES), model),
        "keys": Slider("keys put on and taken off", 3, min=KEYS[0], max=KEYS[-1]),
    }
    return Explorer(
        "compare z with its parts, then unbind it, then swap its parts; which models differ? "
        "Then put on more keys.",
        controls,
        (rows_figure(), keys_figure()),
        update,
        slow=measure,
    )


def rows_figure() -> LiveFigure:
    """A row for each model: theory as an upright line, what was measured as its symbol."""
    traces = []
    for row, model in enumerate(NAMES):
        line = curve(model, [0, 0], True)
        line.y = [row - 0.38, row + 0.38]
        line.line.width = 3
        point = style.measured([], [], [], measured(model), model).update(
            visible=False,
            error_y=None,
            hovertemplate="%{x:.3f}<extra>" + model + "</extra>",
        )
        point.error_x = {"array": [], "thickness": 1.5, "width": 4, "color": style.COLOURS[model]}
        traces += [line, point]
    layout = {
        "xaxis": {
            "title": {"text": "similarity (upright lines: theory)"},
            "range": [-0.16, 1.08],
            "zeroline": True,
            "zerolinecolor": AXIS,
            "zerolinewidth": 1,
            "tickformat": ".1f",
        },
        "yaxis": {
            "range": [len(NAMES) - 0.4, -0.6],
            "tickvals": list(range(len(NAMES))),
            "ticktext": [f"{GLYPHS[model]} {model}  " for model in NAMES],
        },
    }
    return LiveFigure(go.Figure([*traces, style.here(0, 0)], layout))


def keys_figure() -> LiveFigure:
    """What is left of x after k keys: a line for each model."""
    traces = [curve(model, KEYS, model in UNDONE) for model in NAMES]
    traces += [points(model) for model in NAMES]
    layout = {
        "xaxis": {
            "title": {"text": "number of keys (solid: exact · dotted: approximate)"},
            "range": [0.7, 7.2],
            "dtick": 1,
        },
        "yaxis": {"title": {"text": "similarity to x"}, "range": RANGE, "tickformat": ".1f"},
        "margin": {"r": 84},
    }
    return LiveFigure(go.Figure([*traces, style.here(1, 1)], layout))


def expected(asked: str, model: str, dim: int) -> float:
    """The mean similarity that theory expects."""
    if asked == "back":
        return float(theory.unbind_similarity(model, dim=dim))
    if asked == "swapped":
        if model == "VTB":  # a matrix and its transpose share their diagonal
            return float(dim**-0.5)
        return float(model not in ORDERED)
    return 0.0


def is_exact(asked: str, model: str) -> bool:
    """Whether that holds at every dimension, or nearly."""
    return (
        model in UNDONE or asked not in ("back", "swapped") or (model, asked) == ("HRR", "swapped")
    )


def finding(asked: str) -> str:
    """The title of the left figure."""
    return {
        "x": "A bound pair is not like x",
        "y": "A bound pair is not like y",
        "back": f"Unbinding is exact in {len(UNDONE)} of {len(NAMES)} models",
        "wrong": "A wrong key gives noise",
        "swapped": f"Order does not matter in {len(NAMES) - len(ORDERED)} of {len(NAMES)} models",
    }[asked]


def update(asked: str, dim: int, model: str, keys: int) -> Any:
    """What both figures show for these settings."""
    left: dict[str, Any] = {}
    for name in NAMES:
        at = expected(asked, name, dim)
        dash = "solid" if is_exact(asked, name) else "dot"
        left[name] = {"x": [at, at], "line": {"dash": dash}, "meta": KIND[dash]}
    left["you are here"] = {"x": [expected(asked, model, dim)], "y": [list(NAMES).index(model)]}
    lines = {m: theory.rebind_similarity(m, KEYS, dim=dim).tolist() for m in NAMES}
    right: dict[str, Any] = {
        m: {"y": y, "line": {"width": 4 if m == model else 1.8}} for m, y in lines.items()
    }
    right["you are here"] = {"x": [keys], "y": [lines[model][keys - 1]]}
    hrr, vtb = lines["HRR"][keys - 1], lines["VTB"][keys - 1]
    count = f"{keys} key{'s' * (keys > 1)}"
    layouts = (
        {"title": finding(asked)},
        {
            "title": f"After {count}: HRR {hrr:.2f}, VTB {vtb:.2f}, others 1",
            "annotations": names({m: y[-1] for m, y in lines.items()}, KEYS[-1], RANGE),
        },
    )
    return (left, right), layouts, in_words(asked, dim, model, keys)


KIND = {"solid": "exact", "dot": "approximate"}


def in_words(asked: str, dim: int, model: str, keys: int) -> str:
    """What the figures show, in one line."""
    at, left = expected(asked, model, dim), float(theory.rebind_similarity(model, keys, dim=dim))
    kind = "exact" if is_exact(asked, model) else "approximate"
    after = "exact" if model in UNDONE else "approximate"
    return (
        f"At D = {dim:,} the similarity of {ASKED[asked]} is {at:.3g} on average in {model} "
        f"({kind}). After {keys} key{'s' * (keys > 1)} put on and taken off, "
        f"x is left with {left:.3f} ({after})."
    )


def compared(asked: str, vsa: VSA, count: int) -> Tensor:
    """The similarity asked for, in ``count`` draws: ``-> (count,)``."""
    x, y, other = vsa.random(3, count)
    if asked == "swapped":
        return pairwise(vsa, vsa.bind(x, y), vsa.bind(y, x))
    z = vsa.bind(x, y)
    if asked == "y":
        return pairwise(vsa, z, y)
    if asked in ("back", "wrong"):
        z = vsa.unbind(z, y if asked == "back" else other)
    return pairwise(vsa, z, x)


def rebound(vsa: VSA, keys: int, count: int) -> Tensor:
    """Similarity to x after putting keys on and taking them off again: ``-> (count,)``."""
    x, *ys = vsa.random(1 + keys, count)
    z = x
    for y in ys:
        z = vsa.bind(z, y)
    for y in reversed(ys):
        z = vsa.unbind(z, y)
    return pairwise(vsa, z, x)


@lru_cache(maxsize=2048)
def drawn(asked: str, model: str, dim: int) -> tuple[float, float]:
    """Mean and standard error of a comparison."""
    return _mean(compared(asked, space(model, dim, seed=1), PAIRS))


@lru_cache(maxsize=2048)
def left_after(model: str, keys: int, dim: int) -> tuple[float, float]:
    """Mean and standard error of what many keys leave."""
    return _mean(rebound(space(model, dim, seed=keys), keys, PAIRS // 2))


def _mean(values: Tensor) -> tuple[float, float]:
    values = values.double()
    return float(values.mean()), float(values.std()) / len(values) ** 0.5


def measure(progress: Any, asked: str, dim: int, model: str, keys: int) -> Any:
    """All models, in many draws. Those that keep 1 are measured at one number of keys each."""
    left: dict[str, Any] = {}
    right: dict[str, Any] = {}
    for number, name in enumerate(NAMES):
        progress(number / len(NAMES))
        mean, stderr = drawn(asked, name, dim)
        left[measured(name)] = {"x": [mean], "y": [number], "error_x": {"array": [stderr]}}
        counts = list(KEYS) if name not in UNDONE else [1 + UNDONE.index(name) % len(KEYS)]
        if name == model and keys not in counts:
            counts.append(keys)
        cells = [left_after(name, count, dim) for count in counts]
        means, errors = zip(*cells, strict=True)
        right[measured(name)] = {"x": counts, "y": means, "error_y": {"array": errors}}
    found = (
        f"Measured: {said(*drawn(asked, model, dim))}, and {said(*left_after(model, keys, dim))}."
    )
    return (left, right), ({}, {}), f"{in_words(asked, dim, model, keys)} {found}"
