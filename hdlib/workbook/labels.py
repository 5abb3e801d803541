"""Labels where curves end, in place of a legend."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import plotly.graph_objects as go

from hdlib.workbook.colours import INK, for_words


def end_labels(
    traces: Iterable[go.Scatter],
    y_range: Sequence[float],
    *,
    log_x: bool = False,
    log_y: bool = False,
    height: float = 270,
    gap: float = 17,
) -> list[dict[str, Any]]:
    """Name each curve at its last point: annotations, moved apart until they are `gap` pixels away.

    `y_range` holds the ends of the y axis in data units and `height` the pixels between them. The
    words are the trace's name and its kind, so that every curve says "exact", "sufficient" or
    "measured". Leave room on the right, some 7 pixels a letter: `margin_r=120`.

    >>> from hdlib.workbook.style import exact, sufficient
    >>> curves = [exact([1, 2], [0, 0.5], "a"), sufficient([1, 2], [0, 0.51], "b")]
    >>> [(label["text"], round(label["yshift"])) for label in end_labels(curves, (0, 1))]
    [('a, exact', -7), ('b, sufficient', 7)]
    """
    low, high = (_scaled(end, log_y) for end in y_range)
    curves = [trace for trace in traces if trace.y is not None and len(trace.y)]
    heights = [(_scaled(trace.y[-1], log_y) - low) / (high - low) * height for trace in curves]
    return [
        {
            "x": _scaled(trace.x[-1], log_x),
            "y": _scaled(trace.y[-1], log_y),
            "text": label_of(trace),
            "font": {"size": 12, "color": for_words(_colour(trace))},
            "showarrow": False,
            "xanchor": "left",
            "xshift": 8,
            "yshift": place - wanted,
        }
        for trace, wanted, place in zip(curves, heights, apart(heights, gap), strict=True)
    ]


def label_of(trace: go.Scatter) -> str:
    """The name of a trace with its kind, unless the name says it already."""
    kind = trace.meta or ""
    return trace.name if not kind or kind in trace.name else f"{trace.name}, {kind}"


def apart(places: Sequence[float], gap: float) -> list[float]:
    """Move `places` as little as needed until neighbours are `gap` apart; their order stays.

    >>> apart([10, 0, 3], 4)
    [10.0, -0.5, 3.5]
    """
    order = sorted(range(len(places)), key=places.__getitem__)
    groups: list[tuple[float, int]] = []  # (middle, how many), from low to high
    for index in order:
        middle, count = float(places[index]), 1
        while groups and middle - groups[-1][0] < gap * (count + groups[-1][1]) / 2:
            other, others = groups.pop()
            middle = (middle * count + other * others) / (count + others)
            count += others
        groups.append((middle, count))
    moved = [m + gap * (i - (n - 1) / 2) for m, n in groups for i in range(n)]
    return [place for _, place in sorted(zip(order, moved, strict=True))]


def _colour(trace: go.Scatter) -> str:
    return trace.line.color or trace.marker.color or INK


def _scaled(value: float, log: bool) -> float:
    return math.log10(value) if log else float(value)
