"""Notebook 07: quality against the dimension, and time against the length of a transcript."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go

from hdlib.segment import NoBoundary, TopicSegmenter, evaluate
from hdlib.vsa import MAPI
from hdlib.workbook import style
from hdlib.workbook.colours import QUIET
from hdlib.workbook.controls import Select, Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers import talks
from hdlib.workbook.explorers.similarity import note
from hdlib.workbook.figure import LiveFigure

DIMS = (16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 10_000)
LENGTHS = (500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
RECORDED = {256: 0.129, 512: 0.128, 1024: 0.124, 2048: 0.126}  # docs/claims.md, segment-dims
SEEDS = 8
HEARD = {"no": "Words are atoms alone", "yes": "Words are learned from the 14 dialogues"}
QUALITY, SET = "measured", "DialSeg711, recorded"
SEGMENT, LEARN, SCALE = "segmenting", "learning", "in proportion"


def explore_growth(learn: str = "no") -> Explorer:
    """Pk from D = 16 to 10,000, and seconds up to 50,000 utterances. Taught in notebook 07.

    >>> explore_growth().words.split(".")[0]
    'Words are atoms alone; no boundary at all has Pk = 0'
    """
    controls = {
        "learn": Select("words", {"no": "atoms alone", "yes": "with their company"}, learn),
        "dim": Slider("dimension D", 512, values=DIMS),
        "most": Slider("longest transcript", 10_000, values=LENGTHS[2:], unit="utterances"),
    }
    return Explorer(
        "move D until more of it no longer helps; then let the transcript grow, and wait for the "
        "points.",
        controls,
        (quality_figure(), time_figure()),
        update,
        slow=measure,
    )


def quality_figure() -> LiveFigure:
    """Pk over D: measured now, and recorded on a public set."""
    line = style.approximate([DIMS[0], DIMS[-1]], [0, 0], "no boundary")
    line.update(meta="reference", line={"color": QUIET, "width": 1.5, "dash": "solid"})
    kept = style.measured(
        list(RECORDED), list(RECORDED.values()), [0.0] * len(RECORDED), SET, "BSC"
    )
    traces = [
        line,
        style.measured([], [], [], QUALITY, "MAPI").update(visible=False),
        kept,
        style.here(512, 0),
    ]
    layout = {
        "xaxis": style.log_axis("dimension D", DIMS[::3], 1.1, 4.15),
        "yaxis": {"title": {"text": "Pk (0 is best)"}, "range": [0, 0.5], "tickformat": ".1f"},
    }
    return LiveFigure(go.Figure(traces, layout))


def time_figure() -> LiveFigure:
    """Seconds over utterances, both axes logarithmic."""
    line = style.approximate(LENGTHS, [1e-9] * len(LENGTHS), SCALE).update(visible=False)
    points = [
        style.measured([], [], [], name, model).update(visible=False)
        for name, model in ((SEGMENT, "MAPI"), (LEARN, "BSC"))
    ]
    layout = {
        "xaxis": style.log_axis("utterances of one transcript", LENGTHS[::2], 2.6, 4.8),
        "yaxis": {"type": "log", "title": {"text": "seconds"}, "range": [-2.6, 1.1],
                  "tickvals": [0.01, 0.1, 1, 10], "tickformat": "~g"},
    }  # fmt: skip
    return LiveFigure(go.Figure([line, *points], layout))


@lru_cache(maxsize=64)
def quality(learn: str, dim: int) -> tuple[float, float]:
    """Pk at the information desk, averaged over draws of the atoms, and its standard error."""
    given = talks.desk()
    found = []
    for seed in range(SEEDS):
        segmenter = TopicSegmenter(MAPI(dim, seed=seed))
        if learn == "yes":
            segmenter.fit(given)
        found.append(evaluate(segmenter, given, resamples=1).pk)
    return float(np.mean(found)), float(np.std(found, ddof=1)) / SEEDS**0.5


@lru_cache(maxsize=1)
def floor() -> float:
    """Pk of no boundary on the same dialogues."""
    return evaluate(NoBoundary(), talks.desk(), resamples=1).pk


def transcript(count: int) -> list[str]:
    """A long conversation out of the shipped ones, again and again."""
    lines = [said for d in talks.shipped().values() for said in d["utterances"]]
    return (lines * (count // len(lines) + 1))[:count]


def seconds(dim: int, lines: list[str]) -> tuple[float, float]:
    """What learning from a transcript and segmenting it take: the better of two runs."""
    best = [np.inf, np.inf]
    for _ in range(2):
        began = time.perf_counter()
        segmenter = TopicSegmenter(MAPI(dim)).fit([lines])
        learned = time.perf_counter()
        segmenter.segment(lines)
        took = learned - began, time.perf_counter() - learned
        best = [min(pair) for pair in zip(best, took, strict=True)]
    return best[0], best[1]


def update(learn: str, dim: int, most: int) -> Any:
    """What is known before anything is measured."""
    at = {"x": [dim], "y": [floor()]}
    change = {"no boundary": {"y": [floor()] * 2}, "you are here": at}
    names = [
        note(np.log10(12_500), floor(), "no boundary", "right", yshift=9),
        note(np.log10(256), RECORDED[256], "DialSeg711, recorded", "left", yshift=-16),
    ]
    layout = (
        {"title": "The dimension stops mattering at about 512", "annotations": names},
        {
            "title": "The cost is linear in the utterances",
            "xaxis": {"range": [2.6, float(np.log10(1.4 * most))]},
            "annotations": [],
        },
    )
    words = (
        f"{HEARD[learn]}; no boundary at all has Pk = {floor():.2f} here. On the 100 development "
        f"dialogues of DialSeg711 Pk is {RECORDED[256]} at D = 256 and {RECORDED[1024]} at 1,024 "
        "(recorded)."
    )
    return (change, {}), layout, words


def measure(progress: Any, learn: str, dim: int, most: int) -> Any:
    """Pk for all dimensions, then seconds for growing transcripts."""
    cells = {}
    for i, each in enumerate(DIMS):
        progress(0.6 * i / len(DIMS))
        cells[each] = quality(learn, each)
    lengths = [n for n in LENGTHS if n <= most]
    times: dict[str, list[float]] = {LEARN: [], SEGMENT: []}
    for i, n in enumerate(lengths):
        progress(0.6 + 0.4 * sum(lengths[:i]) / sum(lengths))
        learning, segmenting = seconds(dim, transcript(n))
        times[LEARN].append(learning)
        times[SEGMENT].append(segmenting)
    slope = times[SEGMENT][-1] / lengths[-1]
    change = (
        {
            QUALITY: {
                "x": DIMS,
                "y": [cell[0] for cell in cells.values()],
                "error_y": {"array": [cell[1] for cell in cells.values()]},
            },
            "you are here": {"x": [dim], "y": [cells[dim][0]]},
        },
        {
            **{name: {"x": lengths, "y": y} for name, y in times.items()},
            SCALE: {"x": lengths, "y": [slope * n for n in lengths]},
        },
    )
    shown = ", ".join(f"{cells[d][0]:.2f} at {d:,}" for d in (32, 128, 512, 2048, 10_000))
    words = f"{update(learn, dim, most)[2]} Measured at the information desk: Pk {shown}."
    places = (times[LEARN][0], LEARN, 14), (times[SEGMENT][0], SEGMENT, -14)
    first = float(np.log10(lengths[0]))
    names = [note(first, float(np.log10(y)), name, yshift=up) for y, name, up in places]
    return change, ({}, {"annotations": names}), words
