"""Notebook 08: similarity under a roofline; memory bounds it, or arithmetic does."""

from __future__ import annotations

import math
from time import perf_counter
from typing import Any

import plotly.graph_objects as go

from hdlib.workbook import machine, style
from hdlib.workbook.controls import Select, Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.models import space

MODELS = {
    "BSC": "BSC, packed bits",
    "MAPB": "MAPB, bytes",
    "HRR": "HRR, float32",
    "FHRR": "FHRR, complex64",
}
BYTES = {"BSC": 1 / 8, "MAPB": 1, "HRR": 4, "FHRR": 8}  # a component
WORK = {"BSC": 1, "MAPB": 1, "HRR": 2, "FHRR": 8}  # bits, or flops, to compare two components
BITS = ("BSC", "MAPB")  # compared by popcount, MAPB after its signs are packed
DIMS = (1024, 4096, 16_384, 65_536)
ITEMS = (100, 1000, 10_000, 100_000)
QUERIES = (1, 4, 16, 64, 256)
BANDWIDTH, POPCOUNTS, FLOPS = 40e9, 2e12, 200e9  # a laptop, in round numbers
LARGEST = 4e7  # components that are really compared behind a slider
PLACES = (0.03, 1e4)


def explore_roofline(model: str = "BSC") -> Explorer:
    """Where a similarity sits under the roofs of a machine. Taught in notebook 08.

    >>> explore_roofline().words.split(";")[0]
    'BSC, D = 4,096, 1 query and 10,000 items: 5.2 MB move for 41 million components'
    """
    controls = {
        "model": Select("model", MODELS, model),
        "dim": Slider("dimension D", 4096, values=DIMS),
        "items": Slider("items N", 10_000, values=ITEMS),
        "queries": Slider("queries", 1, values=QUERIES),
    }
    traces = [
        style.exact([], [], "roof of a laptop", "BSC"),
        style.approximate([], [], "roof of this machine", "BSC").update(visible=False),
        style.measured([], [], [], "this machine", "BSC").update(visible=False),
        style.here(1, 1),
    ]
    axes = {"type": "log", "tickformat": "~s"}
    layout = {
        "xaxis": {
            **axes,
            "title": {"text": "components compared for each byte moved"},
            "tickvals": [0.1, 1, 10, 100, 1000, 10_000],
            "ticktext": ["0.1", "1", "10", "100", "1,000", "10,000"],
            "range": [math.log10(place) for place in PLACES],
        },
        "yaxis": {**axes, "title": {"text": "components a second"}, "range": [8.5, 13]},
    }
    return Explorer(
        "raise the queries from 1 until the ring leaves the slope; then change the model.",
        controls,
        LiveFigure(go.Figure(traces, layout)),
        update,
        slow=measure,
    )


def moved(model: str, dim: int, items: int, queries: int) -> float:
    """Bytes: every vector once, and the scores in float32."""
    return (queries + items) * dim * BYTES[model] + 4 * queries * items


def roof(model: str, copied: float, popcounts: float, flops: float) -> tuple[float, float]:
    """The place of the ridge, and components a second to its right."""
    top = (popcounts if model in BITS else flops) / WORK[model]
    return top / copied, top


def bent(ridge: float, top: float) -> dict[str, Any]:
    """The slope of the memory and the ceiling of the arithmetic."""
    x = [PLACES[0], ridge, PLACES[1]]
    return {"x": x, "y": [min(1, place / ridge) * top for place in x]}


def update(model: str, dim: int, items: int, queries: int) -> Any:
    """The roofs of a laptop, and the ring below them."""
    compared, need = queries * items * dim, moved(model, dim, items, queries)
    place = compared / need
    ridge, top = roof(model, BANDWIDTH, POPCOUNTS, FLOPS)
    colour = style.colour_of(model)
    bound = "memory" if place < ridge else "arithmetic"
    traces = {
        "roof of a laptop": {**bent(ridge, top), "line": {"color": colour}},
        "roof of this machine": {"line": {"color": colour}},
        "this machine": {"marker": {"color": colour, "symbol": style.SYMBOLS[model]}},
        "you are here": {"x": [place], "y": [min(1, place / ridge) * top]},
    }
    asked = "1 query" if queries == 1 else f"{queries:,} queries"
    seconds = max(need / BANDWIDTH, compared / top)
    words = (
        f"{model}, D = {dim:,}, {asked} and {items:,} items: {size(need)} move for "
        f"{number(compared)} components; on a laptop with {BANDWIDTH / 1e9:.0f} GB/s, "
        f"{POPCOUNTS / 1e12:.0f} Tbit/s and {FLOPS / 1e9:.0f} Gflop/s that takes at least "
        f"{1e3 * seconds:.3g} ms, bounded by {bound} (the ridge is at {ridge:.3g} components a "
        f"byte, this is at {place:.3g})."
    )
    return traces, {"title": f"{model} is bounded by {bound}"}, words


def size(count: float) -> str:
    """Bytes in a unit that suits them."""
    for unit, each in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= each:
            return f"{count / each:.{0 if count >= 100 * each else 1}f} {unit}"
    return f"{count:.0f} B"


def number(count: float) -> str:
    """A number in words."""
    for name, each in (("trillion", 1e12), ("billion", 1e9), ("million", 1e6)):
        if count >= each:
            return f"{count / each:.{0 if count >= 10 * each else 1}f} {name}"
    return f"{count:,.0f}"


def measure(progress: Any, model: str, dim: int, items: int, queries: int) -> Any:
    """This machine's roofs, and what its similarity does; large jobs by a part of the items."""
    rates = machine.copies(1 << 26)
    progress(0.3)
    popcounts, flops = machine.popcounts(), machine.products()
    progress(0.5)
    some = max(1, min(items, int(LARGEST / (dim * queries))))
    vsa = space(model, dim)
    x, y = vsa.random(queries), vsa.random(some)
    vsa.similarity(x, y)
    times = []
    for turn in range(5):
        progress(0.5 + turn / 10)
        start = perf_counter()
        vsa.similarity(x, y)
        times.append(perf_counter() - start)
    rate = queries * some * dim / min(times)
    need = moved(model, dim, some, queries)
    ridge, top = roof(model, machine.bandwidth(need, rates), popcounts, flops)
    place = queries * some * dim / need
    share = rate / (min(1, place / ridge) * top)
    traces, layout, words = update(model, dim, items, queries)
    traces["roof of this machine"] |= bent(ridge, top)
    traces["this machine"] |= {"x": [place], "y": [rate]}
    part = "" if some == items else f" ({some:,} of the items)"
    measured = f" Measured here{part}: {number(rate)} components a second, {share:.0%} of the roof."
    return traces, layout, words + measured
