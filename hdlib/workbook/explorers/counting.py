"""Notebook 05: counters in place of bits, what may be taken out of them, and when they overflow."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import plotly.graph_objects as go
import torch
from torch import Tensor

from hdlib import theory
from hdlib.theory import binomial
from hdlib.workbook import style
from hdlib.workbook.colours import INK
from hdlib.workbook.controls import Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.filters import MODEL, ORANGE, counted, mean, places, rate, read
from hdlib.workbook.explorers.similarity import note
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.rounding import rounded

BITS, HASHES = 1024, 5
MEMBERS = 200
REMOVED = (0, 1, 2, 5, 10, 20, 40, 70, 100)
VALUES = tuple(range(25))
FULL = 15  # what four bits can count to
FILTERS = 60


def explore_counting(n: int = 150) -> Explorer:
    """Deleting from a counting filter, and its overflow. Taught in notebook 05.

    >>> card = explore_counting()
    >>> card.controls["strangers"].value = 10
    >>> card.figures[1].figure.layout.title.text
    '11.2 % of the members are missed'
    """
    controls = {
        "n": Slider("keys added", n, values=(50, 100, 150, 200)),
        "gone": Slider("of these removed again", 0, values=(0, 10, 25, 40, 50)),
        "copies": Slider("times the first was added", 1, min=1, max=20),
        "strangers": Slider("strangers removed", 0, values=REMOVED),
    }
    return Explorer(
        "take members out, which is harmless; then strangers, which is not; then add one key 20 "
        "times.",
        controls,
        (values_figure(), missed_figure()),
        update,
        slow=measure,
    )


def values_figure() -> LiveFigure:
    """How many counters hold each value; 4 bits end at 15."""
    traces = [
        style.samples(VALUES, [0] * len(VALUES), "counters", MODEL),
        style.exact(VALUES, [0.0] * len(VALUES), "expected", MODEL).update(
            mode="lines+markers", marker={"size": 6, "color": ORANGE}
        ),
    ]
    end = {"type": "line", "x0": FULL + 0.5, "x1": FULL + 0.5, "y0": 0, "y1": 1, "yref": "paper"}
    layout = {
        "xaxis": {"title": {"text": "value of a counter"}, "range": [-0.7, 22], "dtick": 5},
        "yaxis": {"title": {"text": f"counters, of {BITS:,}"}, "rangemode": "tozero"},
        "shapes": [{**end, "line": {"color": INK, "width": 1, "dash": "dash"}}],
        "annotations": [
            note(FULL + 0.5, 0.96, "4 bits<br>end here", "left", yref="paper", xshift=5)
        ],
    }
    return LiveFigure(go.Figure(traces, layout))


def missed_figure() -> LiveFigure:
    """Members that are missed over the number of strangers removed."""
    traces = [
        style.approximate(REMOVED, [0.0] * len(REMOVED), "missed", MODEL),
        style.measured([], [], [], "missed, measured", MODEL).update(visible=False),
        style.here(0, 0),
    ]
    layout = {
        "xaxis": {"title": {"text": "strangers removed unchecked"}, "range": [-3, 104]},
        "yaxis": {
            "title": {"text": "members that are missed"},
            "range": [-0.02, 1.02],
            "tickformat": ".0%",
        },
    }
    return LiveFigure(go.Figure(traces, layout))


@lru_cache(maxsize=2)
def scene() -> Tensor:
    """Places of the keys of one filter, members first: ``-> (keys, HASHES)``."""
    return places(BITS, HASHES, 1, MEMBERS + REMOVED[-1], kind="distinct")[0]


def counters(n: int, gone: int, copies: int, strangers: int) -> Tensor:
    """What the counters hold after all that; unchecked, so also below 0: ``-> (BITS,)``."""
    where = scene()
    keys = [where[gone:n], where[n - 1 : n].repeat(copies - 1, 1)]
    counts = counted(torch.cat(keys)[None], BITS)[0]
    return counts - counted(where[None, MEMBERS : MEMBERS + strangers], BITS)[0]


def update(n: int, gone: int, copies: int, strangers: int) -> Any:
    """What both figures show for these settings."""
    gone = min(gone, n - 1)
    counts, left = counters(n, gone, copies, strangers), n - gone
    chances = (BITS * binomial(left, HASHES / BITS)).tolist()
    expected = (chances + [0.0] * len(VALUES))[: len(VALUES)]
    curve = theory.deletion_miss(left, REMOVED, bits=BITS, hashes=HASHES).tolist()
    missed = curve[REMOVED.index(strangers)]
    found = torch.bincount(counts.clamp(0, VALUES[-1]), minlength=len(VALUES)).tolist()
    most = int(counts.max())
    over = most > FULL
    layouts = (
        {
            "title": f"A counter stands at {most}: 4 bits cannot hold it"
            if over
            else f"The fullest counter stands at {most}"
        },
        {"title": f"{rate(missed)} of the members are missed" if missed else "No member is missed"},
    )
    traces = (
        {"counters": {"y": found}, "expected": {"y": expected}},
        {"missed": {"y": curve}, "you are here": {"x": [strangers], "y": [missed]}},
    )
    return traces, layouts, in_words(n, gone, copies, strangers)


def in_words(n: int, gone: int, copies: int, strangers: int) -> str:
    """What the figures show, in one line."""
    left = n - min(gone, n - 1)
    shape: dict[str, Any] = {"bits": BITS, "hashes": HASHES, "kind": "distinct"}
    passes = float(theory.bloom_false_positive(left, **shape))
    bound = float(theory.counting_overflow(left, **shape))
    missed = theory.deletion_miss(left, strangers, bits=BITS, hashes=HASHES)
    words = f"{left} keys are left of {n}"
    words += f": {rate(passes)} of strangers pass, as in a fresh filter of {left} (exact). "
    if strangers:
        words += f"{strangers} stranger{'s' * (strangers > 1)} removed unchecked: "
        words += f"{rate(float(missed))} of the members are missed (approximate); "
        words += f"hdlib refuses to remove {rate(1 - passes)} of them. "
    else:
        words += "No member is missed. "
    if copies > FULL:
        words += f"The same key {copies} times does not fit 4 bits: hdlib refuses or saturates."
    else:
        words += f"That different keys overflow 4 bits has a chance of {rate(bound)} (sufficient)."
    return words


@lru_cache(maxsize=256)
def drawn(left: int, strangers: int) -> tuple[float, float]:
    """The share of members missed, over independent filters."""
    where = places(BITS, HASHES, FILTERS, left + strangers, kind="distinct", seed=left)
    counts = counted(where[:, :left], BITS) - counted(where[:, left:], BITS)
    return mean((read(counts, where[:, :left]) <= 0).any(-1))


def measure(progress: Any, n: int, gone: int, copies: int, strangers: int) -> Any:
    """Members missed, for all numbers of strangers."""
    left = n - min(gone, n - 1)
    found = []
    for done, each in enumerate(REMOVED):
        progress(done / len(REMOVED))
        found.append(drawn(left, each))
    shares, errors = zip(*found, strict=True)
    right = {"missed, measured": {"x": REMOVED, "y": shares, "error_y": {"array": errors}}}
    share, error = drawn(left, strangers)
    words = in_words(n, gone, copies, strangers)
    if error:
        words += f" Measured: {rounded(100 * share, 100 * error)} % missed."
    return ({}, right), ({}, {}), words
