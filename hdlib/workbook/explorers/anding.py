"""Notebook 05: the AND of two filters is not the filter of the intersection."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go

from hdlib import theory
from hdlib.workbook import style
from hdlib.workbook.colours import INK
from hdlib.workbook.controls import Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.filters import MODEL, counted, mean, places, rate
from hdlib.workbook.explorers.similarity import note
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.rounding import rounded, said

SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
POINTS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
FILTERS = 80


def explore_and(a: int = 50, b: int = 40, hashes: int = 4) -> Explorer:
    """Ones of the AND, and what they say of the intersection. Taught in notebook 05.

    >>> card = explore_and()
    >>> card.controls["share"].value = 0.0
    >>> card.words.split(";")[0]
    'Sets of 50 and 40 keys, 0 in both: the AND has 26.4 ones (exact), the filter of the common ...
    """
    controls = {
        "bits": Slider("bits m", 1024, values=(512, 1024, 2048, 4096)),
        "hashes": Slider("hashes k", hashes, values=(1, 2, 4, 8, 16)),
        "a": Slider("keys of X", a, values=(20, 40, 50, 100, 200)),
        "b": Slider("keys of Y", b, values=(20, 40, 50, 100, 200)),
        "share": Slider("in both", 0.5, values=SHARES, unit="of the smaller"),
    }
    return Explorer(
        "make the sets disjoint; which ones are left in the AND, and why? Then add hashes.",
        controls,
        (ones_figure(), estimate_figure()),
        update,
        slow=measure,
    )


def ones_figure() -> LiveFigure:
    """Ones of X and Y, and the ones that the common keys set."""
    blank = [0.0] * len(SHARES)
    traces = [
        style.exact(SHARES, blank, "X and Y", MODEL),
        style.exact(SHARES, blank, "the common keys", "MBAT"),
        style.measured([], [], [], "X and Y, measured", MODEL).update(visible=False),
        style.here(0, 0),
    ]
    layout = {
        "xaxis": {"title": {"text": "keys in both (solid: exact)"}, "rangemode": "tozero"},
        "yaxis": {"title": {"text": "ones"}, "rangemode": "tozero"},
    }
    return LiveFigure(go.Figure(traces, layout))


def estimate_figure() -> LiveFigure:
    """Two estimates of the intersection: ones / k, and the one that knows about chance."""
    blank = [0.0] * len(SHARES)
    traces = [
        style.band(SHARES, blank, blank, "± 1 sd", MODEL),
        style.exact(SHARES, blank, "truth", MODEL),
        style.exact(SHARES, blank, "ones / k", "MBAT"),
        style.measured([], [], [], "estimate, measured", MODEL).update(visible=False),
        style.measured([], [], [], "ones / k, measured", "MBAT").update(visible=False),
        style.here(0, 0),
    ]
    layout = {
        "xaxis": {"title": {"text": "keys in both"}, "rangemode": "tozero"},
        "yaxis": {"title": {"text": "estimate"}},
    }
    return LiveFigure(go.Figure(traces, layout))


def sizes(a: int, b: int, shares: Any = SHARES) -> list[int]:
    """Numbers of common keys."""
    return [round(share * min(a, b)) for share in shares]


def shape(bits: int, hashes: int) -> dict[str, Any]:
    """The parameters of a filter."""
    return {"bits": bits, "hashes": hashes, "kind": "distinct"}


def update(bits: int, hashes: int, a: int, b: int, share: float) -> Any:
    """What both figures show for these settings."""
    common, at = sizes(a, b), SHARES.index(share)
    filter_ = shape(bits, hashes)
    ones = theory.bloom_overlap(a, b, common, **filter_)
    own = bits * theory.bloom_fill(common, **filter_)
    spread = theory.bloom_intersection_sd(a, b, common, **filter_)
    c, naive = np.array(common), ones / hashes
    left = {
        "X and Y": {"x": common, "y": ones.tolist()},
        "the common keys": {"x": common, "y": own.tolist()},
        "you are here": {"x": [common[at]], "y": [float(ones[at])]},
    }
    right = {
        "± 1 sd": {
            "x": [*common, *reversed(common)],
            "y": [*(c + spread).tolist(), *(c - spread)[::-1].tolist()],
        },
        "truth": {"x": common, "y": common},
        "ones / k": {"x": common, "y": naive.tolist()},
        "you are here": {"x": [common[at]], "y": [common[at]]},
    }
    high = [
        note(common[7], float(ones[7]), "X AND Y", "right", xshift=-8, yshift=9),
        note(common[7], float(own[7]), "the common keys' own", "left", xshift=8, yshift=-11),
    ]
    both = [
        note(common[6], float(naive[6]), "ones / k", "right", xshift=-8, yshift=9),
        note(common[7], common[7], "corrected, ± 1 sd", "left", xshift=10, yshift=-16),
    ]
    for label in (*high, *both):
        label["font"] = {"size": 12, "color": INK}
    layouts = (
        {
            "title": f"{ones[at]:.0f} ones in the AND, {own[at]:.0f} of them for a reason",
            "annotations": high,
        },
        {
            "title": f"Ones / k says {naive[at]:.1f}, the truth is {common[at]}",
            "annotations": both,
        },
    )
    return (left, right), layouts, in_words(bits, hashes, a, b, share)


def in_words(bits: int, hashes: int, a: int, b: int, share: float) -> str:
    """What the figures show, in one line."""
    c, filter_ = sizes(a, b, [share])[0], shape(bits, hashes)
    ones = float(theory.bloom_overlap(a, b, c, **filter_))
    own = bits * float(theory.bloom_fill(c, **filter_))
    spread = float(theory.bloom_intersection_sd(a, b, c, **filter_))
    sums = float(theory.counting_intersection_sd(a, b, c, **filter_))
    passed = [
        float(theory.bloom_false_positive_now(min(round(x), bits), **filter_)) for x in (ones, own)
    ]
    return (
        f"Sets of {a} and {b} keys, {c} in both: the AND has {ones:.1f} ones (exact), the filter "
        f"of the common keys {own:.1f}; so {rate(passed[0])} of strangers pass the AND in place of "
        f"{rate(passed[1])}. Ones / k would say {ones / hashes:.1f}; corrected for chance it is "
        f"{c} ± {spread:.2f} (approximate), from counters ± {sums:.2f} (exact)."
    )


@lru_cache(maxsize=512)
def drawn(bits: int, hashes: int, a: int, b: int, c: int) -> tuple[float, ...]:
    """Ones of the AND, and the corrected estimate, each with its standard error; then its sd."""
    where = places(bits, hashes, FILTERS, a + b - c, kind="distinct", seed=c)
    x, y = (counted(part, bits) > 0 for part in (where[:, :a], where[:, a - c :]))
    ones = [each.sum(-1).numpy() for each in (x, y, x | y)]
    full = [np.minimum(each, bits - 1) for each in ones]  # a full filter has no estimate
    one, two, union = (theory.bloom_count(each, **shape(bits, hashes)) for each in full)
    guess = one + two - union
    both = mean((x & y).sum(-1))
    return *both, float(guess.mean()), float(guess.std(ddof=1))


def measure(progress: Any, bits: int, hashes: int, a: int, b: int, share: float) -> Any:
    """Some sizes of the intersection, and the one that is looked at."""
    common = sizes(a, b, sorted({*POINTS, share}))
    cells = []
    for done, c in enumerate(common):
        progress(done / len(common))
        cells.append(drawn(bits, hashes, a, b, c))
    ones, errors, guesses, spreads = (list(column) for column in zip(*cells, strict=True))
    left = {"X and Y, measured": {"x": common, "y": ones, "error_y": {"array": errors}}}
    right = {
        "estimate, measured": {"x": common, "y": guesses, "error_y": {"array": spreads}},
        "ones / k, measured": {
            "x": common,
            "y": [each / hashes for each in ones],
            "error_y": {"array": [each / hashes for each in errors]},
        },
    }
    mean_, error, guess, sd = drawn(bits, hashes, a, b, sizes(a, b, [share])[0])
    words = f"{in_words(bits, hashes, a, b, share)} Measured over {FILTERS} pairs: "
    words += f"{said(mean_, error)} ones, corrected {rounded(guess, sd)} each."
    return (left, right), ({}, {}), words
