"""Notebook 05: a counting filter far too full, read with a threshold."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go

from hdlib import theory
from hdlib.workbook import style
from hdlib.workbook.colours import AXIS
from hdlib.workbook.controls import Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.filters import MODEL, ORANGE, counted, mean, places, rate, read
from hdlib.workbook.explorers.similarity import note
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.rounding import rounded

BITS = 1024
THETAS = tuple(range(7))
FILTERS, KEYS = 40, 60


def explore_thresholds(n: int = 400, hashes: int = 12) -> Explorer:
    """The autoscaling reading of a counting filter. Taught in notebook 05.

    >>> card = explore_thresholds()
    >>> card.controls["threshold"].value, card.controls["accept"].value = 0, 12
    >>> card.words.split(";")[0]
    'θ = 0, T = 12: 100 % of members and 89.5 % of strangers pass (approximate)'
    """
    controls = {
        "n": Slider("keys n", n, values=(50, 100, 200, 400, 600)),
        "hashes": Slider("hashes k", hashes, values=(4, 6, 8, 12)),
        "threshold": Slider("counter above θ", 3, min=THETAS[0], max=THETAS[-1]),
        "accept": Slider("at least T counters", 10, min=1, max=12),
    }
    return Explorer(
        "this filter is far too full: read it as a Bloom filter (θ = 0, T = k), then raise θ and "
        "lower T.",
        controls,
        figure(),
        update,
        slow=measure,
    )


def figure() -> LiveFigure:
    """Members that pass against strangers that pass; a line for each θ, along which T runs."""
    traces = [style.approximate([0], [0], f"θ = {theta}", MODEL) for theta in THETAS]
    traces.append(style.measured([], [], [], "measured", MODEL).update(visible=False))
    axis = {"range": [-0.02, 1.03], "tickformat": ".0%"}
    layout = {
        "xaxis": {**axis, "title": {"text": "strangers that pass (dotted: approximate)"}},
        "yaxis": {**axis, "title": {"text": "members that pass"}},
    }
    return LiveFigure(go.Figure([*traces, style.here(0, 1)], layout))


@lru_cache(maxsize=256)
def curve(n: int, hashes: int, theta: int) -> tuple[list[float], list[float]]:
    """Strangers and members that pass, for T = 0 … k + 1."""
    accept = np.arange(hashes + 2)
    false, true = theory.threshold_reading(
        n, bits=BITS, hashes=hashes, threshold=theta, accept=accept
    )
    return false.tolist(), true.tolist()


def best(n: int, hashes: int) -> tuple[int, int, float]:
    """θ, T and the share of right answers, half of the questions being about members."""
    found = [
        ((1 + true - false) / 2, theta, accept)
        for theta in THETAS
        for accept, (false, true) in enumerate(zip(*curve(n, hashes, theta), strict=True))
    ]
    share, theta, accept = max(found, key=lambda each: each[0])
    return theta, accept, share


def update(n: int, hashes: int, threshold: int, accept: int) -> Any:
    """What the figure shows for these settings."""
    change: dict[str, Any] = {}
    labels = []
    for theta in THETAS:
        false, true = curve(n, hashes, theta)
        own = theta == threshold
        line = {"width": 4, "color": ORANGE} if own else {"width": 1.5, "color": AXIS}
        change[f"θ = {theta}"] = {"x": false, "y": true, "line": line}
        middle = min(range(len(false)), key=lambda i: abs(false[i] + true[i] - 1))
        if theta in (0, threshold):
            side, off = ("left", (9, -9)) if theta == 0 else ("right", (-12, 9))
            shift = {"xshift": off[0], "yshift": off[1]}
            labels.append(note(false[middle], true[middle], f"θ = {theta}", side, **shift))
    false, true = curve(n, hashes, threshold)
    at = min(accept, hashes + 1)
    change["you are here"] = {"x": [false[at]], "y": [true[at]]}
    theta, votes, share = best(n, hashes)
    layout = {
        "title": f"Best: θ = {theta}, T = {votes}; {100 * share:.0f} % of all answers are right",
        "annotations": [
            *labels,
            note(1, 0.03, f"{n} keys, {hashes} hashes, {BITS:,} counters", "right"),
        ],
    }
    return change, layout, in_words(n, hashes, threshold, accept)


def in_words(n: int, hashes: int, threshold: int, accept: int) -> str:
    """What the figure shows, in one line."""
    false, true = curve(n, hashes, threshold)
    at = min(accept, hashes + 1)
    theta, votes, share = best(n, hashes)
    plain = theory.bloom_false_positive(n, bits=BITS, hashes=hashes)
    return (
        f"θ = {threshold}, T = {accept}: {rate(true[at])} of members and {rate(false[at])} of "
        f"strangers pass (approximate); read as a Bloom filter, θ = 0 and T = {hashes}, every "
        f"member and {rate(float(plain))} of strangers (exact). If half of the questions are about "
        f"members, θ = {theta} and T = {votes} answer {100 * share:.1f} % of them right."
    )


@lru_cache(maxsize=256)
def drawn(
    n: int, hashes: int, theta: int
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Strangers and members that pass, with standard errors, for T = 0 … k + 1."""
    where = places(BITS, hashes, FILTERS, n + KEYS, seed=n + theta)
    counts = counted(where[:, :n], BITS)
    own = (read(counts, where[:, : min(n, KEYS)]) > theta).sum(-1)
    other = (read(counts, where[:, n:]) > theta).sum(-1)
    both = [[mean(votes >= t) for t in range(hashes + 2)] for votes in (other, own)]
    return both[0], both[1]


def measure(progress: Any, n: int, hashes: int, threshold: int, accept: int) -> Any:
    """The line of this θ."""
    progress(0)
    other, own = drawn(n, hashes, threshold)
    at = min(accept, hashes + 1)
    change = {
        "measured": {
            "x": [share for share, _ in other],
            "y": [share for share, _ in own],
            "error_y": {"array": [error for _, error in own]},
            "error_x": {"array": [error for _, error in other], "thickness": 1.5, "width": 4},
        }
    }
    shown = [
        f"{rounded(100 * share, 100 * error)} %" if error else rate(share)
        for share, error in (own[at], other[at])
    ]
    words = in_words(n, hashes, threshold, accept)
    return change, {}, f"{words} Measured: {shown[0]} and {shown[1]}."
