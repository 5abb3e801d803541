"""What the cards that search share: matches by cosine, and values beside what is expected."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from hdlib.workbook import style
from hdlib.workbook.colours import AXIS, QUIET
from hdlib.workbook.figure import LiveFigure

SHOWN = 8
MODEL = "MBAT"
MATCHES, WRONG, EXPECTED, CHOSEN = "matches", "read wrongly", "expected", "this match"


def matches_figure() -> LiveFigure:
    """The best matches, a mark each."""
    marks = style.measured([], [], None, MATCHES, MODEL).update(error_y=None)
    layout = {
        "xaxis": {
            "title": {"text": "cosine of query and record"},
            "tickformat": ".1f",
            "zeroline": True,
            "zerolinecolor": AXIS,
            "zerolinewidth": 1,
        },
        "yaxis": rows_axis(),
    }
    return LiveFigure(go.Figure([marks, style.here(0, 0, CHOSEN)], layout))


def values_figure(about: str) -> LiveFigure:
    """Values by path: the score of each with its noise, and an upright line at what is expected."""
    score = style.measured([], [], None, MATCHES, MODEL).update(error_y=None)
    score.error_x = {"array": [], "thickness": 1.5, "width": 4, "color": style.COLOURS[MODEL]}
    wrong = go.Scatter(
        name=WRONG,
        meta="measured",
        mode="markers",
        marker={"symbol": "x", "size": 10, "color": style.COLOURS["BSC"]},
        cliponaxis=False,
    )
    line = style.exact([], [], EXPECTED, "MAPI").update(line={"width": 4})
    layout = {
        "xaxis": {
            "title": {"text": about},
            "tickformat": ".1f",
            "zeroline": True,
            "zerolinecolor": AXIS,
            "zerolinewidth": 1,
        },
        "yaxis": rows_axis(),
    }
    return LiveFigure(go.Figure([line, score, wrong], layout))


def rows_axis() -> dict[str, Any]:
    """Rows with a name each, the first on top."""
    return {"showgrid": False, "tickfont": {"size": 12, "color": QUIET}}


def matched(names: Sequence[str], scores: Sequence[float], chosen: int) -> tuple[Any, Any]:
    """Traces and layout of the matches."""
    traces = {
        MATCHES: {"x": list(scores), "y": list(range(len(scores)))},
        CHOSEN: {"x": [scores[chosen]], "y": [chosen]},
    }
    low = min(0.0, *scores)
    layout = {"xaxis": {"range": [low - 0.05, 1.06]}, "yaxis": ticks(names, SHOWN)}
    return traces, layout


def valued(
    names: Sequence[str],
    scores: Sequence[float],
    expected: Sequence[float],
    noise: float,
    right: Sequence[bool],
) -> tuple[Any, Any]:
    """Traces and layout of values by path."""
    line: dict[str, list[float | None]] = {"x": [], "y": []}
    for place, want in enumerate(expected):
        line["x"] += [want, want, None]
        line["y"] += [place - 0.32, place + 0.32, None]
    good = [place for place, yes in enumerate(right) if yes]
    bad = [place for place, yes in enumerate(right) if not yes]
    traces = {
        EXPECTED: line,
        MATCHES: {
            "x": [scores[i] for i in good],
            "y": good,
            "error_x": {"array": [noise] * len(good)},
        },
        WRONG: {"x": [scores[i] for i in bad], "y": bad},
    }
    ends = min(-0.1, *scores) - 0.08, max(*expected, *scores, 0.3) + 0.1
    layout = {"xaxis": {"range": ends}, "yaxis": ticks(names, max(4, len(names)))}
    return traces, layout


def ticks(names: Sequence[str], rows: int) -> dict[str, Any]:
    """The names of rows beside the axis."""
    return {
        "tickvals": list(range(len(names))),
        "ticktext": [name + "  " for name in names],
        "range": [rows - 0.4, -0.6],
    }


def brief(value: Any, most: int = 24) -> str:
    """A value as short JSON.

    >>> brief({"name": "a very long name for a record"})
    '{"name": "a very long n…'
    """
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= most else text[: most - 1] + "…"


def listed(names: Sequence[str]) -> str:
    """Names as a sentence has them.

    >>> listed(["year"]), listed(["year", "country", "pop"])
    ('year', 'year, country and pop')
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
