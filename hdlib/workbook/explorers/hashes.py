"""Notebook 05: how many hashes are best, and that a filter is then half full."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import plotly.graph_objects as go

from hdlib import theory
from hdlib.workbook import style
from hdlib.workbook.colours import INK
from hdlib.workbook.controls import Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.filters import LOG, MODEL, counted, mean, places, rate, read
from hdlib.workbook.explorers.similarity import note
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.labels import end_labels
from hdlib.workbook.rounding import rounded

HASHES = tuple(range(1, 21))
RANGE = (-4.3, 0.1)
FILTERS, STRANGERS = 60, 150
EVERY = 3  # every third number of hashes is measured


def explore_hashes(n: int = 100, bits: int = 1024) -> Explorer:
    """False positives and fill over the number of hashes. Taught in notebook 05.

    >>> explore_hashes().words.split(";")[0]
    '1,024 bits, 100 keys, 7 hashes: 0.74 % of strangers pass (exact)'
    """
    controls = {
        "bits": Slider("bits m", bits, values=(256, 512, 1024, 2048)),
        "n": Slider("keys n", n, values=(25, 50, 100, 200, 400)),
        "hashes": Slider("hashes k", 7, min=1, max=20),
    }
    return Explorer(
        "find the k at which the fewest strangers pass, and see how full the filter is there; then "
        "double n.",
        controls,
        (rate_figure(), fill_figure()),
        update,
        slow=measure,
    )


def axis() -> dict[str, Any]:
    """The number of hashes."""
    return {"title": {"text": "hashes k"}, "range": [0.3, 20.7], "tickvals": [1, 5, 10, 15, 20]}


def rate_figure() -> LiveFigure:
    """False positives: exact, by the textbook, measured."""
    blank = [1.0] * len(HASHES)
    traces = [
        style.exact(HASHES, blank, "exact", MODEL),
        style.approximate(HASHES, blank, "textbook").update(line={"color": INK, "width": 1.5}),
        style.measured([], [], [], "measured", MODEL).update(visible=False),
        style.here(7, 1),
    ]
    layout = {
        "xaxis": axis(),
        "yaxis": {**LOG, "title": {"text": "strangers that pass"}, "range": RANGE},
    }
    return LiveFigure(go.Figure(traces, layout))


def fill_figure() -> LiveFigure:
    """The share of ones."""
    traces = [
        style.exact(HASHES, [0.0] * len(HASHES), "fill", MODEL),
        style.measured([], [], [], "fill, measured", MODEL).update(visible=False),
        style.here(7, 0.5),
    ]
    half = {"type": "line", "x0": 0.3, "x1": 20.7, "y0": 0.5, "y1": 0.5}
    layout = {
        "xaxis": axis(),
        "yaxis": {"title": {"text": "bits that are set"}, "range": [0, 1.02], "tickformat": ".0%"},
        "shapes": [{**half, "line": {"color": INK, "width": 1, "dash": "dash"}}],
    }
    return LiveFigure(go.Figure(traces, layout))


@lru_cache(maxsize=64)
def expected(n: int, bits: int) -> tuple[list[float], list[float], list[float]]:
    """Exact rate, the textbook's rate, and fill, for all numbers of hashes."""
    shape: dict[str, Any] = {"bits": bits, "hashes": HASHES}
    forms = (theory.bloom_false_positive, theory.bloom_textbook, theory.bloom_fill)
    exact, textbook, fill = (form(n, **shape).tolist() for form in forms)
    return exact, textbook, fill


def update(bits: int, n: int, hashes: int) -> Any:
    """What both figures show for these settings."""
    exact, textbook, fill = expected(n, bits)
    best = HASHES[exact.index(min(exact))]
    left = {
        "exact": {"y": exact},
        "textbook": {"y": textbook},
        "you are here": {"x": [hashes], "y": [exact[hashes - 1]]},
    }
    right = {"fill": {"y": fill}, "you are here": {"x": [hashes], "y": [fill[hashes - 1]]}}
    curve = style.exact(HASHES, exact, "exact", MODEL)
    labels = end_labels([curve], [10 ** RANGE[0], 10 ** RANGE[1]], log_y=True)
    labels[0] |= {"text": "exact; dotted: textbook", "xanchor": "right", "yshift": 18}
    layouts = (
        {"title": f"{best} hashes are best: {rate(min(exact))} pass", "annotations": labels},
        {
            "title": f"There the filter is {fill[best - 1]:.0%} full".replace("%", " %"),
            "annotations": [note(20.5, 0.5, "half", "right", yshift=-9)],
        },
    )
    return (left, right), layouts, in_words(bits, n, hashes)


def in_words(bits: int, n: int, hashes: int) -> str:
    """What the figures show, in one line."""
    exact, textbook, fill = expected(n, bits)
    at, best = hashes - 1, exact.index(min(exact))
    optimum = theory.bloom_hashes(n, bits=bits)
    return (
        f"{bits:,} bits, {n} keys, {hashes} hash{'es' * (hashes > 1)}: {rate(exact[at])} of "
        f"strangers pass (exact); the textbook's form says {rate(textbook[at])}; "
        f"{100 * fill[at]:.0f} % of the bits are set. The best k is {best + 1} "
        f"(rule: m/n · ln 2 = {optimum:.1f}), with {rate(exact[best])} and "
        f"{100 * fill[best]:.0f} % set."
    )


@lru_cache(maxsize=512)
def drawn(bits: int, n: int, hashes: int) -> tuple[float, float, float, float]:
    """Rate and fill, each with its standard error, over independent filters."""
    where = places(bits, hashes, FILTERS, n + STRANGERS, seed=hashes)
    counts = counted(where[:, :n], bits)
    passed = (read(counts, where[:, n:]) > 0).all(-1)
    return *mean(passed), *mean(counts > 0)


def measure(progress: Any, bits: int, n: int, hashes: int) -> Any:
    """Every third number of hashes, and the one that is looked at."""
    wanted = sorted({*HASHES[::EVERY], hashes})
    found = []
    for done, k in enumerate(wanted):
        progress(done / len(wanted))
        found.append(drawn(bits, n, k))
    rates, rate_errors, fills, fill_errors = zip(*found, strict=True)
    seen = [i for i, p in enumerate(rates) if p]  # a rate of 0 has no place on this axis
    left = {
        "x": [wanted[i] for i in seen],
        "y": [rates[i] for i in seen],
        "error_y": {"array": [rate_errors[i] for i in seen]},
    }
    right = {"x": wanted, "y": fills, "error_y": {"array": fill_errors}}
    mean_, error, *_ = drawn(bits, n, hashes)
    shown = (
        f"{rounded(100 * mean_, 100 * error)} %" if error else f"none of {FILTERS * STRANGERS:,}"
    )
    words = f"{in_words(bits, n, hashes)} Measured: {shown} pass."
    return ({"measured": left}, {"fill, measured": right}), ({}, {}), words
