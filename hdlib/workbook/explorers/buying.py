"""Notebook 07: what Pk costs who knows nothing, and how few or many boundaries buy it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
import torch

from hdlib import bits, theory
from hdlib.segment import boundaries_of, pk, window_diff
from hdlib.segment.metrics import window
from hdlib.segment.segmentation import Array, Gaps
from hdlib.workbook import style
from hdlib.workbook.colours import ACCENT, AXIS, INK
from hdlib.workbook.controls import Button, Select, Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.similarity import note
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.rounding import rounded

LENGTHS = (2, 3, 4, 6, 10, 20)
RATES = np.linspace(0, 1, 41)
DRAWS, POINTS = 200, (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)
SHAPES = {"equal": "all equal", "uneven": "one long, others short"}
UNEVEN = (0.5, 0.5, 3.0, 0.5, 0.5, 1.0)  # of the mean length
PK, WD = "Pk", "WindowDiff"
ORANGE = style.COLOURS["BSC"]
STRIP = 60  # utterances of which windows are drawn


@lru_cache(maxsize=64)
def reference(length: int, topics: int, shape: str) -> Gaps:
    """Where topics of these lengths end; uneven ones repeat a pattern."""
    parts = [1.0] * topics if shape == "equal" else [UNEVEN[i % 6] for i in range(topics)]
    sizes = [max(1, round(part * length)) for part in parts]
    return boundaries_of(sizes)


@lru_cache(maxsize=64)
def expected(length: int, topics: int, shape: str) -> tuple[Array, Array]:
    """Pk and WindowDiff of coin flips at each rate. Exact."""
    truth = reference(length, topics, shape)
    return theory.random_segmentation(truth, RATES, window=window(truth))


def guessed(gaps: int, rate: float, seed: int) -> Gaps:
    """Coin flips, the same for ever."""
    draw = bits.uniforms(bits.words(bits.derive(seed, "coin flips"), torch.tensor(0), gaps))
    return draw[:gaps].numpy() < rate


def explore_pk(length: int = 6, shape: str = "equal") -> Explorer:
    """Pk and WindowDiff of a segmenter that flips coins. Taught in notebook 07.

    >>> explore_pk().words.split(":")[0]
    '5 topics of 6 utterances, windows of 3'
    """
    controls = {
        "length": Slider("mean topic", length, values=LENGTHS, unit="utterances"),
        "shape": Select("topic lengths", SHAPES, shape),
        "topics": Slider("topics", 5, min=2, max=12),
        "rate": Slider("chance of a boundary", 0.2, values=[0, 0.1, 0.2, 0.35, 0.5, 0.75, 1]),
        "again": Button("Flip again"),
    }
    return Explorer(
        "this segmenter never reads a word, it flips coins. Find the chance with the best Pk: for "
        "topics of 6, then for topics of 2, then for one long topic among short ones.",
        controls,
        (curves_figure(), windows_figure()),
        update,
        slow=measure,
    )


def curves_figure() -> LiveFigure:
    """Both measures over the chance of a boundary."""
    one = style.exact(RATES, np.zeros(len(RATES)), PK)
    two = style.exact(RATES, np.zeros(len(RATES)), WD)
    two.line.color = ORANGE
    points = [style.measured([], [], [], f"{name}, measured").update(visible=False)
              for name in (PK, WD)]  # fmt: skip
    points[1].update(
        error_y={"color": ORANGE},
        marker={"color": ORANGE, "symbol": "square", "line": {"color": ORANGE}},
    )
    layout = {
        "xaxis": {"title": {"text": "chance of a boundary (lines: exact)"}, "tickformat": ".1f"},
        "yaxis": {"title": {"text": "wrong windows"}, "range": [-0.02, 1.05], "tickformat": ".1f"},
    }
    return LiveFigure(go.Figure([one, two, *points, style.here(0, 0)], layout))


def windows_figure() -> LiveFigure:
    """True ends, guessed ends, and the windows with the two verdicts."""
    names = ("true", "guessed", "joined wrongly", "parted wrongly", "right")
    marks = ("line-ns", "line-ns", "x-thin", "cross-thin", "circle")
    colours = (INK, ACCENT, ORANGE, ORANGE, AXIS)
    traces = [
        go.Scatter(
            name=name,
            meta="windows",
            mode="markers",
            marker={
                "symbol": mark,
                "size": 18 if mark == "line-ns" else 9 if "thin" in mark else 5,
                "color": colour,
                "line": {"width": 2.5 if mark != "circle" else 0, "color": colour},
            },
            hovertemplate=f"{name}<extra></extra>",
        )
        for name, mark, colour in zip(names, marks, colours, strict=True)
    ]
    layout = {
        "xaxis": {"title": {"text": "utterance"}},
        "yaxis": {
            "range": [-0.6, 2.6],
            "tickvals": [2, 1, 0],
            "ticktext": ["true ends", "guessed", "windows"],
            "showgrid": False,
        },
    }
    return LiveFigure(go.Figure(traces, layout))


def update(length: int, shape: str, topics: int, rate: float, again: int) -> Any:
    """What both figures show for these settings."""
    truth = reference(length, topics, shape)
    one, two = expected(length, topics, shape)
    here = float(np.interp(rate, RATES, one))
    best = "no boundary" if one[0] <= one[-1] else "a boundary everywhere"
    change = {PK: {"y": one}, WD: {"y": two}, "you are here": {"x": [rate], "y": [here]}}
    names = [
        note(1, float(one[-1]), PK, "right", yshift=12 if one[-1] < 0.9 else -12),
        note(0.72, float(np.interp(0.72, RATES, two)), WD, "right", xshift=-8, yshift=8),
    ]
    guess = guessed(len(truth), rate, again)
    strip, layout = windows(truth, guess)
    found = pk(truth, guess)
    title = f"Without reading, {best} is best: Pk = {min(one[0], one[-1]):.2f}"
    layouts = ({"title": title, "annotations": names}, layout)
    words = in_words(length, topics, rate, truth, one, two)
    return (change, strip), layouts, f"{words} These flips: Pk = {found:.2f}."


def windows(truth: Gaps, guess: Gaps) -> tuple[dict[str, Any], dict[str, Any]]:
    """The windows of the first utterances, one mark each, at their middle."""
    k = window(truth)
    sums = [np.concatenate([[0], np.cumsum(x)]) for x in (truth, guess)]
    true, said = ((s[k:] - s[:-k]) > 0 for s in sums)
    middle = np.arange(len(true)) + (k + 1) / 2
    kinds = {
        "joined wrongly": true & ~said,
        "parted wrongly": ~true & said,
        "right": true == said,
    }
    shown = middle < STRIP
    change = {
        name: {"x": middle[which & shown], "y": np.zeros(int((which & shown).sum()))}
        for name, which in kinds.items()
    }
    for name, gaps, y in (("true", truth, 2), ("guessed", guess, 1)):
        at = np.flatnonzero(gaps) + 1
        at = at[at < STRIP]
        change[name] = {"x": at + 0.5, "y": np.full(len(at), y)}
    wrong = int((true != said).sum())
    span = min(STRIP, len(truth) + 1)
    layout = {
        "title": f"{wrong} of {len(true)} windows of {k} gaps are judged wrongly",
        "xaxis": {"range": [0.2, span + 0.8]},
        "annotations": [note(0.5, -0.4, "× end missed   + end invented   • right", "left")],
    }
    return change, layout


def in_words(length: int, topics: int, rate: float, truth: Gaps, one: Array, two: Array) -> str:
    """What the figures show, in one line."""
    k = window(truth)
    here = [float(np.interp(rate, RATES, curve)) for curve in (one, two)]
    return (
        f"{topics} topics of {length} utterances, windows of {k}: no boundary has Pk = "
        f"{one[0]:.2f} and WindowDiff = {two[0]:.2f}, a boundary everywhere {one[-1]:.2f} and "
        f"{two[-1]:.2f}, coins at {rate:g} on average {here[0]:.2f} and {here[1]:.2f} (exact)."
    )


@lru_cache(maxsize=256)
def drawn(length: int, topics: int, shape: str, rate: float) -> tuple[tuple[float, float], ...]:
    """Pk and WindowDiff of many flips by hdlib's metrics, with standard errors."""
    truth = reference(length, topics, shape)
    guesses = [guessed(len(truth), rate, 1000 + seed) for seed in range(DRAWS)]
    both = [
        np.array([measure_(truth, guess) for guess in guesses]) for measure_ in (pk, window_diff)
    ]
    return tuple((float(x.mean()), float(x.std(ddof=1)) / DRAWS**0.5) for x in both)


def measure(progress: Any, length: int, shape: str, topics: int, rate: float, again: int) -> Any:
    """Points on both lines."""
    cells = []
    for i, at in enumerate(POINTS):
        progress(i / len(POINTS))
        cells.append(drawn(length, topics, shape, at))
    change = {
        f"{name}, measured": {
            "x": POINTS,
            "y": [cell[i][0] for cell in cells],
            "error_y": {"array": [cell[i][1] for cell in cells]},
        }
        for i, name in enumerate((PK, WD))
    }
    truth = reference(length, topics, shape)
    one, two = expected(length, topics, shape)
    mean, stderr = drawn(length, topics, shape, rate)[0]
    words = in_words(length, topics, rate, truth, one, two)
    said = rounded(mean, stderr) if stderr > 1e-9 else f"{mean:.2f}"
    return (change, {}), ({}, {}), f"{words} Measured Pk of {DRAWS} draws: {said}."
