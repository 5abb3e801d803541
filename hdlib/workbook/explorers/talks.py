"""Notebook 07: the dialogues that its cards show, and how a curve over their gaps is drawn."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go

from hdlib.segment import TopicSegmenter, boundaries_of, corpus, pk, valleys
from hdlib.segment.dialogues import Dialogue
from hdlib.segment.segmentation import Array, Gaps
from hdlib.vsa import MAPI
from hdlib.workbook.colours import ACCENT, AXIS, INK, QUIET
from hdlib.workbook.figure import LiveFigure

DIMS = (64, 128, 256, 512, 1024, 2048, 4096)
SHOWN = {  # what Selects offer: the dialogues' topics
    "service-en-19": "doctor, hotel, restaurant",
    "service-en-22": "weather, museum, bicycles",
    "service-en-17": "hotel, museum, taxi",
    "service-de-12": "Hotel, Museum, Taxi",
    "chat-en-01": "hike, new flat, cooking",
    "meeting-en-01": "budget, website, plants",
}
DESK = {  # topics at an information desk
    *("train", "hotel", "museum", "weather", "taxi", "restaurant", "doctor", "bicycles"),
    *("Zug", "Hotel", "Museum", "Wetter", "Taxi", "Restaurant", "Arzt", "Fahrräder"),
}
CUT = 46  # letters of an utterance that are shown when a gap is pointed at
CURVE, FOUND = "similarity", "found"


@cache
def shipped() -> dict[str, Dialogue]:
    """The project's own dialogues by their ids."""
    return {dialogue["id"]: dialogue for dialogue in corpus()}


@cache
def desk() -> list[Dialogue]:
    """Those at an information desk, whose topics come back in other dialogues."""
    return [d for d in shipped().values() if set(d["topics"]) <= DESK and len(d["topics"]) > 2]


@lru_cache(maxsize=64)
def bundles(name: str, dim: int) -> Any:
    """Utterances of a shipped dialogue as bundles of their words' atoms: ``-> (N, D)``."""
    return TopicSegmenter(MAPI(dim)).encode(shipped()[name]["utterances"])


def across(rows: Any, window: int) -> Array:
    """How alike both sides of each gap are, ``window`` utterances each: ``(N, D) -> (N - 1,)``."""
    near = valleys.band(np.asarray(rows, np.float32), 2 * window)
    return valleys.curve(near, np.array([0, len(rows)]), (window,))[:-1]


def deep(heights: Array, limit: float) -> tuple[Array, float, Gaps]:
    """Depth of each gap, the depth that a boundary must pass, and the boundaries."""
    ends = np.array([0, len(heights)])
    depth = valleys.depth(heights, ends)
    bar = float(depth.mean() + limit * depth.std())
    return depth, bar, valleys.peaks(depth, ends) & (depth > bar)


def cut(text: str, most: int = CUT) -> str:
    """The beginning of a text, without what plotly would read as a tag.

    >>> cut("one two three", 8)
    'one two…'
    """
    plain = text.replace("<", "‹").replace(">", "›")
    return plain if len(plain) <= most else plain[: most - 1].rstrip() + "…"


def sides(utterances: Sequence[str]) -> list[str]:
    """What stands before and after each gap."""
    lines = [cut(utterance) for utterance in utterances]
    return [f"{a}<br>{b}" for a, b in itertools.pairwise(lines)]


def figure(y_title: str, y_range: Sequence[float] | None = None, more: Any = ()) -> LiveFigure:
    """A curve over gaps, with rings where a topic is said to end."""
    traces = [
        go.Scatter(
            name=CURVE,
            meta="curve",
            mode="lines+markers",
            line={"color": ACCENT, "width": 2.5},
            marker={"size": 5, "color": ACCENT},
            hovertemplate="%{text}<extra>gap %{x}: %{y:.2f}</extra>",
        ),
        *more,
        go.Scatter(
            name=FOUND,
            meta="found",
            mode="markers",
            marker={
                "symbol": "circle-open",
                "size": 15,
                "color": INK,
                "line": {"width": 2.5},
            },
            hovertemplate="a topic ends after utterance %{x}<extra></extra>",
            cliponaxis=False,
        ),
    ]
    layout: dict[str, Any] = {
        "xaxis": {"title": {"text": "gap after utterance"}, "nticks": 8},
        "yaxis": {"title": {"text": y_title}, "tickformat": ".1f"},
    }
    if y_range is not None:
        layout["yaxis"]["range"] = list(y_range)
    return LiveFigure(go.Figure(traces, layout))


def drawn(heights: Array, found: Gaps, text: Sequence[str]) -> dict[str, Any]:
    """The curve and its rings."""
    gap = np.arange(1, len(heights) + 1)
    return {
        CURVE: {"x": gap, "y": heights.round(4), "text": list(text)},
        FOUND: {"x": gap[found], "y": heights[found].round(4)},
    }


def ends(truth: Gaps | None) -> list[dict[str, Any]]:
    """A dashed line across the plot where a topic really ends."""
    if truth is None:
        return []
    line = {"color": QUIET, "width": 1.5, "dash": "dash"}
    return [
        {"type": "line", "x0": int(g) + 1, "x1": int(g) + 1, "y0": 0, "y1": 1, "yref": "paper"}
        | {"line": line, "layer": "below"}
        for g in np.flatnonzero(truth)
    ]


def level(y: float) -> dict[str, Any]:
    """A thin line at a threshold."""
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "y0": y,
        "y1": y,
        "line": {"color": AXIS, "width": 1.5},
    }


def truth_of(name: str) -> Gaps:
    """Where the topics of a shipped dialogue end."""
    return boundaries_of(shipped()[name]["segments"])


def verdict(truth: Gaps, found: Gaps) -> str:
    """How many ends were found, in words.

    >>> verdict(np.array([True, False]), np.array([True, True]))
    'finds 1 of 1 topic end and 1 too many'
    """
    hits, count, more = int((truth & found).sum()), int(truth.sum()), int((found & ~truth).sum())
    extra = f" and {more} too many" if more else ""
    return f"finds {hits} of {count} topic end{'s' * (count != 1)}{extra}"


def places(found: Gaps) -> str:
    """After which utterances, in words.

    >>> places(np.array([False, True, True]))
    '2 and 3'
    """
    listed = [str(g + 1) for g in np.flatnonzero(found)]
    if len(listed) > 8:
        listed = [*listed[:7], f"{len(listed) - 7} more"]
    return " and ".join([", ".join(listed[:-1])] * (len(listed) > 1) + listed[-1:]) or "no gap"


def score(truth: Gaps, found: Gaps) -> float:
    """Pk, the share of windows that are judged wrongly."""
    return pk(truth, found)
