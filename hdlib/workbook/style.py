"""Marks that mean the same in the whole course, each a plotly trace.

Exact theory is a solid line, a sufficient bound a dashed one, an approximation dotted; what was
measured is points with error bars, samples are translucent bars, and one dark ring says "you are
here".

>>> line = exact([1, 2], [0.9, 0.8], "recall", model="BSC")
>>> line.line.dash, line.line.color, line.meta
('solid', '#D55E00', 'exact')
"""

from typing import Any

import plotly.graph_objects as go

from hdlib.workbook.colours import ACCENT, AXIS, GRID, QUIET
from hdlib.workbook.colours import COLOURS as COLOURS
from hdlib.workbook.colours import INK as INK
from hdlib.workbook.colours import SYMBOLS as SYMBOLS

_AXIS = {
    "automargin": True,
    "gridcolor": GRID,
    "linecolor": AXIS,
    "tickcolor": AXIS,
    "zeroline": False,
    "ticks": "outside",
    "ticklen": 5,
    "tickformat": ",",
    "tickfont": {"size": 12, "color": QUIET},
    "title": {"standoff": 10, "font": {"size": 13, "color": QUIET}},
}
# The template of every figure, on the page and in pictures. Horizontal lines guide the eye to a
# value; vertical ones would only compete with the curves.
TEMPLATE: dict[str, Any] = {
    "layout": {
        "font": {"size": 13, "color": INK},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "colorway": list(COLOURS.values()),
        "height": 340,
        "margin": {"l": 48, "r": 24, "t": 12, "b": 52},
        "showlegend": False,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "hovermode": "closest",
        "bargap": 0.06,
        "barmode": "overlay",
        "separators": ".,",
        "uirevision": "keep",
        "xaxis": {**_AXIS, "showgrid": False, "showline": True},
        "yaxis": {**_AXIS, "ticklen": 0, "nticks": 6},
    },
    "data": {"heatmap": [{"colorscale": "Viridis", "colorbar": {"outlinewidth": 0}}]},
}


def colour_of(model: str | None) -> str:
    """The colour of a model; the accent for what has none.

    Raises:
        ValueError: there is no such model.
    """
    if model is None:
        return ACCENT
    if model not in COLOURS:
        raise ValueError(f"colour_of: no model {model!r}; take one of {', '.join(COLOURS)}")
    return COLOURS[model]


def exact(x: Any, y: Any, name: str, model: str | None = None) -> go.Scatter:
    """A solid line: theory that is exact."""
    return _line(x, y, name, model, "exact", "solid")


def sufficient(x: Any, y: Any, name: str, model: str | None = None) -> go.Scatter:
    """A dashed line: a bound that suffices."""
    return _line(x, y, name, model, "sufficient", "dash")


def approximate(x: Any, y: Any, name: str, model: str | None = None) -> go.Scatter:
    """A dotted line: an approximation."""
    return _line(x, y, name, model, "approximate", "dot")


def measured(x: Any, y: Any, stderr: Any, name: str, model: str | None = None) -> go.Scatter:
    """Points with error bars: what was measured, and how far it can be off."""
    colour = colour_of(model)
    return go.Scatter(
        x=x,
        y=y,
        name=name,
        meta="measured",
        mode="markers",
        error_y={"array": stderr, "thickness": 1.5, "width": 4, "color": colour},
        marker={
            "color": colour,
            "size": 9,
            "symbol": SYMBOLS[model] if model else "circle",
            "line": {"width": 2, "color": colour},
        },
        cliponaxis=False,
    )


def samples(x: Any, y: Any, name: str, model: str | None = None, width: Any = None) -> go.Bar:
    """Translucent bars: how often each value was drawn."""
    colour = colour_of(model)
    return go.Bar(
        x=x,
        y=y,
        name=name,
        meta="samples",
        width=width,
        opacity=0.45,
        marker={"color": colour, "line": {"width": 0}},
    )


def band(x: Any, low: Any, high: Any, name: str, model: str | None = None) -> go.Scatter:
    """A pale band from `low` to `high`: where theory expects measurements to lie."""
    red, green, blue = (int(colour_of(model)[i : i + 2], 16) for i in (1, 3, 5))
    return go.Scatter(
        x=[*x, *reversed(list(x))],
        y=[*high, *reversed(list(low))],
        name=name,
        meta="band",
        mode="lines",
        fill="toself",
        fillcolor=f"rgba({red},{green},{blue},0.16)",
        line={"width": 0},
        hoverinfo="skip",
    )


def here(x: Any, y: Any, name: str = "you are here") -> go.Scatter:
    """One dark ring: the settings of now."""
    return go.Scatter(
        x=[x],
        y=[y],
        name=name,
        meta="here",
        mode="markers",
        marker={"symbol": "circle-open", "size": 17, "color": INK, "line": {"width": 2.5}},
        cliponaxis=False,
    )


def log_axis(title: str, ticks: Any, low: float, high: float) -> dict[str, Any]:
    """A logarithmic axis from 10^low to 10^high with ticks where they are asked for."""
    return {
        "type": "log",
        "title": {"text": title},
        "tickvals": ticks,
        "ticktext": [f"{tick:,}" for tick in ticks],
        "range": [low, high],
    }


def _line(x: Any, y: Any, name: str, model: str | None, kind: str, dash: str) -> go.Scatter:
    return go.Scatter(
        x=x,
        y=y,
        name=name,
        meta=kind,
        mode="lines",
        line={"dash": dash, "width": 2.5, "color": colour_of(model)},
        hovertemplate="%{y:.4~g} at %{x:,}<extra>" + name + "</extra>",
    )
