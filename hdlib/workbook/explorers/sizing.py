"""Notebook 04: how many dimensions, and how many bits, does a task need in each model?"""

from __future__ import annotations

import math
from typing import Any

import plotly.graph_objects as go

from hdlib.capacity import simulate
from hdlib.workbook import sizes, style
from hdlib.workbook.colours import QUIET
from hdlib.workbook.controls import Select, Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.similarity import note
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.models import space
from hdlib.workbook.rounding import rounded
from hdlib.workbook.sizes import Needed

TASKS = {
    "membership": "is it in the set?",
    "records": "read every field",
    "intersection": "count what is shared",
}
ASKED = {
    "membership": "{n} of {universe:,} items, every answer right",
    "records": "{n} fields, fillers among {universe:,}, every one read right",
    "intersection": "two sets of {n}, overlaps of {universe:,} pairs of sets counted exactly",
}
ROWS = ("Bloom", "Hopfield", "FHRR", "HRR", "SBC", "MAPB", "MAPI")  # from below
SHOWN = {"MAPB": "MAPB, BSC", "Hopfield": "Hopfield, units", "Bloom": "Bloom, bits"}
COLOURS = {name: style.COLOURS.get(name, QUIET) for name in ROWS}
LABELS = [SHOWN.get(name, name) for name in ROWS]
WORK, FEW = 300_000_000, 60  # numbers drawn for a measurement, and trials that are worth it


def explore_sizing(task: str = "membership", n: int = 10) -> Explorer:
    """The sizing calculator: dimensions and bits for a task. Taught in notebook 04.

    >>> explore_sizing().words.split(":")[0]
    'Is it in the set? 10 of 1,000 items, every answer right but for 0.01 of all bundles'
    """
    controls = {
        "task": Select("task", TASKS, task),
        "n": Slider("items n", n, values=sizes.SIZES),
        "universe": Slider("universe", 1000, values=sizes.UNIVERSES),
        "failure": Slider("failure allowed", 0.01, values=sorted(sizes.FAILURES)),
        "model": Select("measure", list(sizes.MODELS), "MAPB"),
    }
    return Explorer(
        "read the dimensions on the left, then the price in bits on the right: who wins changes.",
        controls,
        (chart("dimensions D"), chart("bits of the bundle")),
        update,
        slow=measure,
    )


def chart(title: str) -> LiveFigure:
    """A bar a model on a logarithmic axis, and a mark for the bound."""
    traces = [
        go.Bar(
            y=LABELS,
            x=[1] * len(ROWS),
            name="needed",
            meta="exact",
            orientation="h",
            marker={"color": list(COLOURS.values())},
            hovertemplate="%{x:,}<extra>%{y}</extra>",
        ),
        go.Scatter(
            y=[],
            x=[],
            name="bound",
            meta="sufficient",
            mode="markers",
            marker={"symbol": "line-ns", "size": 18, "line": {"width": 2.5, "color": style.INK}},
            hovertemplate="%{x:,} are enough<extra>%{y}</extra>",
        ),
        style.here(1, LABELS[0]),
    ]
    layout = {
        "xaxis": {
            "type": "log",
            "dtick": 1,
            "title": {"text": f"{title} (mark: sufficient)"},
        },
        "yaxis": {"showgrid": False, "dtick": 1},
        "margin": {"l": 110},
        "bargap": 0.3,
    }
    return LiveFigure(go.Figure(traces, layout))


def table(task: str, n: int, universe: int, failure: float) -> dict[str, Needed]:
    """What each model needs that can do the task and is known."""
    found = {name: sizes.needed(task, name, n, universe, failure) for name in ROWS}
    return {name: need for name, need in found.items() if need is not None}


def update(task: str, n: int, universe: int, failure: float, model: str) -> Any:
    """What both figures show for these settings."""
    found = table(task, n, universe, failure)
    few = min((k for k in found if k not in sizes.OTHERS), key=lambda k: found[k].dim)
    small = min(found, key=lambda k: found[k].bits)
    dims = bars(
        {name: need.dim for name, need in found.items()},
        {name: need.bound for name, need in found.items() if need.bound},
        [name for name, need in found.items() if need.form == "approximate"],
        f"{few} needs fewest dimensions, {found[few].dim:,}",
    )
    bits = bars(
        {name: need.bits for name, need in found.items()},
        {
            name: math.ceil(need.bound * need.bits / need.dim)
            for name, need in found.items()
            if need.bound
        },
        [name for name, need in found.items() if need.form == "approximate"],
        f"{small} needs fewest bits, {found[small].bits:,}",
    )
    chosen = found.get(model)
    for (traces, _), value in ((dims, chosen and chosen.dim), (bits, chosen and chosen.bits)):
        traces["you are here"] = {"x": [value], "y": [SHOWN.get(model, model)]}
    words = in_words(task, n, universe, failure)
    return (dims[0], bits[0]), (dims[1], bits[1]), words


def bars(
    exact: dict[str, int], bounds: dict[str, int], rough: list[str], title: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Traces and layout of one figure."""
    traces = {
        "needed": {
            "y": [SHOWN.get(name, name) for name in exact],
            "x": list(exact.values()),
            "marker": {"color": [COLOURS[name] for name in exact]},
        },
        "bound": {"y": [SHOWN.get(name, name) for name in bounds], "x": list(bounds.values())},
    }
    reach = {name: max(value, bounds.get(name, 0)) for name, value in exact.items()}
    labels = [
        {
            **note(math.log10(reach[name]), 0, f"{'≈ ' * (name in rough)}{value:,}", xshift=8),
            "y": SHOWN.get(name, name),
        }
        for name, value in exact.items()
    ]
    low, high = math.log10(min(exact.values())), math.log10(max(reach.values()))
    ends = [math.floor(low - 0.3), high + 0.75 + 0.06 * (high - low)]
    return traces, {"title": title, "xaxis": {"range": ends}, "annotations": labels}


def in_words(task: str, n: int, universe: int, failure: float) -> str:
    """What the figures show, in one line."""
    found = table(task, n, universe, failure)
    listed = "; ".join(
        f"{SHOWN.get(name, name)} {need.dim:,}" + f" ({need.bits:,} bits)" * (name != "Bloom")
        for name, need in reversed(found.items())
    )
    asked = ASKED[task].format(n=n, universe=universe)
    kinds = sorted({need.form for need in found.values()})
    return (
        f"{TASKS[task].capitalize()} {asked} but for {failure:g} of all bundles: {listed}. "
        f"Kind: {' or '.join(kinds)}."
    )


def measure(progress: Any, task: str, n: int, universe: int, failure: float, model: str) -> Any:
    """How often the task fails at the D of the chosen model, where that can be drawn."""
    words, need = in_words(task, n, universe, failure), table(task, n, universe, failure)
    if model not in need:
        said = f"{model} has no closed form here."
    elif task == "intersection":
        said = "Counted in the card of overlaps."
    else:
        dim = need[model].dim
        said = failures(progress, model, task, n, universe, failure, dim)
    return ({}, {}), ({}, {}), f"{words} {said}"


def failures(
    progress: Any, model: str, task: str, n: int, universe: int, failure: float, dim: int
) -> str:
    """The share of trials that fail, in words; few trials where each is large."""
    trials = min(500, WORK // (universe * dim)) // 10 * 10
    if trials < FEW or trials * failure < 1:
        return f"{model} at D = {dim:,}: too large or too rare to be drawn here."
    vsa, parts, share, spread = space(model, dim, seed=4), 10, 0.0, 0.0
    for part in range(parts):
        progress(part / parts)
        found = simulate(vsa, task, n=n, universe=universe, trials=trials // parts, seed=part)
        share += found.mean / parts
        spread += (found.stderr / parts) ** 2
    said = rounded(100 * share, 100 * max(math.sqrt(spread), 1 / trials))
    return f"Measured over {trials} trials: {model} at D = {dim:,} fails in {said} %."
