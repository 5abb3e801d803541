"""Notebook 04: how many items two sets share, estimated by bundles and by filters."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np
import plotly.graph_objects as go

from hdlib import theory
from hdlib.theory.orthogonality import Floats
from hdlib.vsa import BSDC
from hdlib.workbook import style
from hdlib.workbook.controls import Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.similarity import note
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.models import space
from hdlib.workbook.rounding import rounded

DIMS = (256, 512, 1024, 2048)
SIZES = (10, 20, 30, 40, 50, 70, 100)
# Name, model whose colour it has, hashes of a filter.
WAYS = {
    "MAPI": ("MAPI", 0),
    "MAPB": ("MAPB", 0),
    "counting, 4": ("BSDC", 4),
    "counting, 16": ("BSDC", 16),
    "Bloom, 4": ("BSDC", 4),
    "Bloom, 16": ("BSDC", 16),
}
RUNS = 40
CIRCLE = np.linspace(0, 2 * math.pi, 61)


def explore_overlap(a: int = 50, b: int = 40, share: int = 50, dim: int = 1024) -> Explorer:
    """The size of an intersection from two vectors. Taught in notebook 04.

    >>> explore_overlap().words.split(":")[0]
    'Sets of 50 and 40 that share 20, D = 1,024'
    """
    controls = {
        "a": Slider("first set", a, values=SIZES, unit="items"),
        "b": Slider("second set", b, values=SIZES, unit="items"),
        "share": Slider("shared, of the smaller", share, min=0, max=100, step=10, unit="%"),
        "dim": Slider("dimensions or bits", dim, values=DIMS),
    }
    return Explorer(
        "compare the two counting filters; then enlarge the sets until the plain filters fill up.",
        controls,
        (venn_figure(), cloud_figure()),
        update,
        slow=measure,
    )


def venn_figure() -> LiveFigure:
    """Two circles whose areas and overlap are the sets."""
    traces = []
    for name, model in (("first", "MAPI"), ("second", "BSC")):
        trace = style.band([0], [0], [0], name, model)
        trace.line = {"width": 2, "color": style.COLOURS[model]}
        traces.append(trace)
    blank = {"visible": False, "range": [-1.7, 1.7]}
    layout = {
        "xaxis": {**blank},
        "yaxis": {**blank, "range": [-1.2, 1.2], "scaleanchor": "x"},
        "margin": {"l": 10, "r": 10},
    }
    return LiveFigure(go.Figure(traces, layout))


def cloud_figure() -> LiveFigure:
    """Estimates by each way, and how far theory says they stray."""
    low = [0.0] * len(WAYS)
    spread = go.Scatter(
        x=list(range(len(WAYS))),
        y=low,
        name="mean ± sd",
        meta="exact",
        mode="markers",
        marker={"symbol": "line-ew", "size": 18, "line": {"width": 2, "color": style.INK}},
        error_y={"array": low, "thickness": 2.5, "width": 9, "color": style.INK},
    )
    clouds = []
    for name, (model, _) in WAYS.items():
        dots = style.measured([], [], [], name, model)
        dots.error_y, dots.marker.size, dots.marker.opacity = None, 5, 0.5
        dots.visible = False
        clouds.append(dots)
    layout = {
        "xaxis": {
            "title": {"text": "filters: with so many hashes"},
            "tickvals": list(range(len(WAYS))),
            "ticktext": [way.replace(", ", "<br>") for way in WAYS],
            "tickangle": 0,
            "tickfont": {"size": 10},
        },
        "yaxis": {"title": {"text": "estimated items in both"}},
    }
    return LiveFigure(go.Figure([*clouds, spread], layout))


@functools.lru_cache(maxsize=512)
def expected(way: str, a: int, b: int, c: int, dim: int) -> tuple[float, float]:
    """Mean and standard deviation of an estimate."""
    if way in ("MAPI", "MAPB"):
        mean, sd = theory.intersection_moments(way, a, b, c, dim=dim)
        return float(mean), float(sd)
    kind, hashes = way.split(", ")
    form = theory.counting_intersection_sd if kind == "counting" else theory.bloom_intersection_sd
    return float(c), float(form(a, b, c, bits=dim, hashes=int(hashes), kind="distinct"))


def distance(first: float, second: float, common: float) -> float:
    """How far apart two circles of areas π first² and π second² share an area, by halving."""
    low, high = abs(first - second), first + second
    for _ in range(50):
        d = (low + high) / 2
        x = min(max((d * d + first**2 - second**2) / (2 * d * first), -1), 1) if d else 1
        y = min(max((d * d + second**2 - first**2) / (2 * d * second), -1), 1) if d else 1
        lens = first**2 * (math.acos(x) - x * math.sqrt(1 - x * x))
        lens += second**2 * (math.acos(y) - y * math.sqrt(1 - y * y))
        low, high = (d, high) if lens > common else (low, d)
    return high


def update(a: int, b: int, share: int, dim: int) -> Any:
    """What both figures show for these settings."""
    c = round(min(a, b) * share / 100)
    first, second = (math.sqrt(n / max(a, b)) * 0.85 for n in (a, b))
    apart = distance(first, second, c * 0.85**2 * math.pi / max(a, b)) * (1.02 if c == 0 else 1)
    middle = (apart + second - first) / 2
    left = {
        name: {"x": x + r * np.cos(CIRCLE), "y": r * np.sin(CIRCLE)}
        for name, x, r in (("first", -middle, first), ("second", apart - middle, second))
    }
    moments = {way: expected(way, a, b, c, dim) for way in WAYS}
    right = {
        "mean ± sd": {
            "y": [mean for mean, _ in moments.values()],
            "error_y": {"array": [sd for _, sd in moments.values()]},
        }
    }
    reach = 3.2 * max(sd for _, sd in moments.values() if math.isfinite(sd))
    best = min(moments, key=lambda way: moments[way][1])
    layouts = (
        {
            "title": f"{a} and {b} items, {c} in both",
            "annotations": [
                note(-middle - first * 0.5, 0, f"{a - c}", "center", font={"size": 18}),
                note(apart - middle + second * 0.5, 0, f"{b - c}", "center", font={"size": 18}),
                note((apart - middle - second + first - middle) / 2, 0, f"{c}", "center"),
            ],
        },
        {
            "title": f"{best} strays least, by {moments[best][1]:.2f}",
            "yaxis": {"range": [c - reach, c + reach]},
            "annotations": [],
        },
    )
    return (left, right), layouts, in_words(a, b, c, dim)


def in_words(a: int, b: int, c: int, dim: int) -> str:
    """What the figures show, in one line."""
    spreads = ", ".join(f"{way} {expected(way, a, b, c, dim)[1]:.2f}" for way in WAYS)
    return (
        f"Sets of {a} and {b} that share {c}, D = {dim:,}: an estimate strays by {spreads} "
        "(standard deviations; exact, for plain Bloom filters approximate)."
    )


@functools.lru_cache(maxsize=512)
def drawn(way: str, a: int, b: int, c: int, dim: int) -> Floats:
    """Estimates from drawn sets: ``-> (RUNS,)``."""
    model, hashes = WAYS[way]
    vsa = space(model, dim, seed=5)
    if hashes:
        plain = way.startswith("Bloom")
        vsa = BSDC(dim, density=hashes / dim, bundles="or" if plain else "count", seed=5)
    items = vsa.random(RUNS, a + b - c)
    x, y = vsa.bundle(items[:, :a]), vsa.bundle(items[:, a - c :])
    if way == "MAPB":
        scores = (x.double() * y).sum(-1).numpy() / dim
        return np.asarray(theory.intersection_estimate("MAPB", scores, a, b))
    if way == "MAPI":
        return np.asarray((x.double() * y).sum(-1).numpy() / dim)
    if way.startswith("counting"):
        products = (x.double() * y).sum(-1).numpy()
        chance = hashes * hashes / dim
        return np.asarray((products - a * b * chance) / (hashes - chance))
    ones = [vsa.dense(v).sum(-1).numpy() for v in (x, y, x | y)]
    first, second, both = (
        theory.bloom_count(each, bits=dim, hashes=hashes, kind="distinct") for each in ones
    )
    return np.asarray(first + second - both)


def measure(progress: Any, a: int, b: int, share: int, dim: int) -> Any:
    """A cloud of estimates for each way."""
    c = round(min(a, b) * share / 100)
    right, said = {}, []
    for i, way in enumerate(WAYS):
        progress(i / len(WAYS))
        found = drawn(way, a, b, c, dim)
        right[way] = {"x": np.full(RUNS, i, dtype=np.int8), "y": found.astype(np.float32)}
        sd = float(found.std(ddof=1))
        said.append(f"{way} {rounded(sd, sd / math.sqrt(2 * RUNS))}" if sd else f"{way} 0")
    words = f"{in_words(a, b, c, dim)} Measured over {RUNS} pairs: {', '.join(said[:3])}."
    return ({}, right), ({}, {}), words
