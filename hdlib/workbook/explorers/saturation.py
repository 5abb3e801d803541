"""Notebook 05: what happens when a filter gets more keys than it was made for."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go

from hdlib import theory
from hdlib.workbook import style
from hdlib.workbook.controls import Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.filters import LOG, MODEL, counted, mean, places, rate, read
from hdlib.workbook.explorers.similarity import note
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.rounding import rounded

LOADS = tuple(round(x, 2) for x in np.arange(0.25, 4.01, 0.25))
POINTS = (0.5, 1, 1.5, 2, 3, 4)
RANGE = (-4.3, 0.1)
FILTERS, STRANGERS = 60, 100


def explore_saturation(capacity: int = 500, error: float = 0.01) -> Explorer:
    """A filter beyond its capacity. Taught in notebook 05.

    >>> card = explore_saturation()
    >>> card.controls["load"].value = 2
    >>> card.figure.figure.layout.title.text
    'Twice the keys: 15.7 % pass, 16 times as many'
    """
    controls = {
        "capacity": Slider("made for", capacity, values=(50, 100, 200, 500, 1000), unit="keys"),
        "error": Slider("error rate", error, values=(0.001, 0.01, 0.05, 0.1)),
        "load": Slider("keys it gets", 1.0, values=LOADS, unit="× capacity"),
    }
    return Explorer(
        "guess how many strangers pass at twice the capacity; then go there.",
        controls,
        rate_figure(),
        update,
        slow=measure,
    )


def axis() -> dict[str, Any]:
    """Keys, in units of the capacity."""
    return {"title": {"text": "keys, in units of the capacity"}, "range": [0, 4.1], "dtick": 1}


def rate_figure() -> LiveFigure:
    """False positives over the load."""
    traces = [
        style.exact(LOADS, [1.0] * len(LOADS), "exact", MODEL),
        style.measured([], [], [], "measured", MODEL).update(visible=False),
        style.here(1, 0.01),
    ]
    layout = {
        "xaxis": axis(),
        "yaxis": {**LOG, "title": {"text": "strangers that pass"}, "range": RANGE},
    }
    return LiveFigure(go.Figure(traces, layout))


@lru_cache(maxsize=64)
def expected(capacity: int, error: float) -> tuple[list[float], list[float], list[float]]:
    """Rate, fill, and relative error of the estimated count, at all loads."""
    bits, hashes = theory.bloom_size(capacity, error)
    n = np.rint(np.array(LOADS) * capacity)
    rates = theory.bloom_false_positive(n, bits=bits, hashes=hashes)
    fills = theory.bloom_fill(n, bits=bits, hashes=hashes)
    spread = theory.bloom_count_sd(n, bits=bits, hashes=hashes) / n
    return rates.tolist(), fills.tolist(), spread.tolist()


def update(capacity: int, error: float, load: float) -> Any:
    """What the figure shows for these settings."""
    rates, *_ = expected(capacity, error)
    at, own = LOADS.index(load), LOADS.index(1)
    change = {"exact": {"y": rates}, "you are here": {"x": [load], "y": [rates[at]]}}
    many = "Twice the keys" if load == 2 else f"{load:g} times the keys"
    more = f", {rates[at] / rates[own]:,.0f} times as many" * (load > 1)
    title = f"{many}: {rate(rates[at])} pass{more}"
    if load == 1:
        title = f"At its capacity {rate(rates[own])} pass"
    label = note(LOADS[-1], math.log10(rates[-1]), "exact", "right", xshift=-14, yshift=-18)
    layout = {"title": title, "annotations": [label]}
    return change, layout, in_words(capacity, error, load)


def in_words(capacity: int, error: float, load: float) -> str:
    """What the figures show, in one line."""
    rates, fills, spread = expected(capacity, error)
    at = LOADS.index(load)
    bits, hashes = theory.bloom_size(capacity, error)
    best = max(1, round(float(theory.bloom_hashes(load * capacity, bits=bits))))
    ideal = theory.bloom_false_positive(round(load * capacity), bits=bits, hashes=best)
    other = f" With {best} hash{'es' * (best > 1)} it would be {rate(float(ideal))}."
    return (
        f"{bits:,} bits and {hashes} hashes, made for {capacity:,} keys at {rate(error)}: with "
        f"{round(load * capacity):,} keys {100 * fills[at]:.0f} % of the bits are set and "
        f"{rate(rates[at])} of strangers pass (exact).{other * (best != hashes)} The number of "
        f"keys can still be read from the fill, to ± {100 * spread[at]:.1f} % (approximate)."
    )


@lru_cache(maxsize=512)
def drawn(capacity: int, error: float, load: float) -> tuple[float, float, float]:
    """Rate with its standard error, and the relative spread of the estimated count."""
    bits, hashes = theory.bloom_size(capacity, error)
    n = round(load * capacity)
    where = places(bits, hashes, FILTERS, n + STRANGERS, seed=n)
    counts = counted(where[:, :n], bits)
    found = mean((read(counts, where[:, n:]) > 0).all(-1))
    ones = (counts > 0).sum(-1).numpy()
    guesses = theory.bloom_count(np.minimum(ones, bits - 1), bits=bits, hashes=hashes)
    return *found, float(np.std(guesses, ddof=1)) / n


def measure(progress: Any, capacity: int, error: float, load: float) -> Any:
    """Some loads, and the one that is looked at."""
    wanted = sorted({*POINTS, load})
    cells = []
    for done, each in enumerate(wanted):
        progress(done / len(wanted))
        cells.append((each, *drawn(capacity, error, each)))
    seen = [cell for cell in cells if cell[1]]  # a rate of 0 has no place on this axis
    change = {
        "measured": {
            "x": [cell[0] for cell in seen],
            "y": [cell[1] for cell in seen],
            "error_y": {"array": [cell[2] for cell in seen]},
        }
    }
    share, stderr, spread = drawn(capacity, error, load)
    shown = f"{rounded(100 * share, 100 * stderr)} %" if stderr else rate(share)
    words = f"{in_words(capacity, error, load)} Measured: {shown} pass, the count spreads by "
    return change, {}, f"{words}{100 * spread:.1f} %."
