"""Notebook 08: what a codebook weighs in every model, and a counter that weighs nothing."""

from __future__ import annotations

import math
from time import perf_counter
from typing import Any

import plotly.graph_objects as go
import torch

from hdlib import bits, kernels
from hdlib.vsa import MODELS
from hdlib.workbook import style
from hdlib.workbook.controls import Select, Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.roofline import size
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.models import NAMES, space

SIZES = tuple(10**k for k in range(2, 10))
DIMS = (1024, 2304, 4096, 10_000, 65_536)
MEMORY = (4, 8, 16, 64, 128)
SAMPLE = 3  # atoms whose bytes are counted
COMPARED = 20_000  # items of a timed search


def explore_storage(model: str = "BSC") -> Explorer:
    """Bytes of a codebook against its items, and of none at all. Taught in notebook 08.

    >>> explore_storage().words.split(";")[0]
    '1,000,000 atoms of BSC at D = 10,000 take 1.3 GB (1,280 bytes each)'
    """
    controls = {
        "model": Select("model", list(NAMES), model),
        "dim": Slider("dimension D", 10_000, values=DIMS),
        "items": Slider("atoms N", 10**6, values=SIZES),
        "memory": Slider("memory", 16, values=MEMORY, unit="GB"),
    }
    zeros = [1] * len(SIZES)
    traces = [
        style.exact(SIZES, zeros, "stored", model),
        style.exact(SIZES, zeros, "packed bits", "BSC"),
        style.sufficient([SIZES[0], SIZES[-1]], [1, 1], "memory"),
        style.measured([], [], [], "weighed", model),
        style.here(1, 1),
    ]
    logs = {"type": "log", "tickformat": "~s"}
    layout = {
        "xaxis": {**logs, "title": {"text": "atoms (dashed: the memory)"}},
        "yaxis": {**logs, "title": {"text": "bytes"}, "range": [3.5, 14.5]},
    }
    return Explorer(
        "find the most atoms that fit the memory, first as float32 (HRR), then as bits (BSC).",
        controls,
        LiveFigure(go.Figure(traces, layout)),
        update,
        slow=measure,
    )


def row(model: str, dim: int) -> int:
    """Bytes of an atom, padding included."""
    vsa = MODELS[model](fitting(model, dim))
    return vsa.width * vsa.dtypes[0].itemsize


def fitting(model: str, dim: int) -> int:
    """D, or for VTB the next square below it."""
    return math.isqrt(dim) ** 2 if model == "VTB" else dim


def update(model: str, dim: int, items: int, memory: int) -> Any:
    """Lines of bytes, by arithmetic."""
    each, packed = row(model, dim), row("BSC", dim)
    atoms = space(model, fitting(model, dim)).atoms(range(SAMPLE))
    weighed = atoms.nbytes / SAMPLE
    colour = style.colour_of(model)
    room = memory * 1e9
    fits = items * each <= room
    traces = {
        "stored": {"y": [n * each for n in SIZES], "line": {"color": colour}},
        "packed bits": {"y": [n * packed for n in SIZES]},
        "memory": {"y": [room, room]},
        "weighed": {
            "x": list(SIZES[:3]),
            "y": [n * weighed for n in SIZES[:3]],
            "marker": {"color": colour, "symbol": style.SYMBOLS[model]},
        },
        "you are here": {"x": [items], "y": [items * each]},
    }
    verdict = "fits" if fits else "does not fit"
    words = (
        f"{items:,} atoms of {model} at D = {fitting(model, dim):,} take {size(items * each)} "
        f"({each:,} bytes each); that {verdict} {memory} GB, which hold {int(room // each):,}; "
        f"packed bits would take {size(items * packed)}; made from a counter, atoms take nothing."
    )
    return traces, {"title": f"{items:,} atoms: {size(items * each)} stored, 0 made"}, words


def measure(progress: Any, model: str, dim: int, items: int, memory: int) -> Any:
    """Search among stored and among made atoms, packed bits, on this machine."""
    ids = torch.arange(COMPARED * 1024 // max(1024, dim))
    stored = kernels.words(0, ids, bits.word_count(dim)) & bits.mask(dim)
    query = stored[:1].clone()
    ways = (
        lambda: kernels.hamming(query, stored),
        lambda: kernels.hamming_made(query, 0, ids, dim),
    )
    best = [math.inf, math.inf]
    for turn in range(5):
        progress(turn / 5)
        for i, way in enumerate(ways):
            start = perf_counter()
            way()
            best[i] = min(best[i], perf_counter() - start)
    read, made = (1e9 * seconds / len(ids) for seconds in best)
    traces, layout, words = update(model, dim, items, memory)
    measured = (
        f" Measured here for {len(ids):,} atoms of BSC: {read:.0f} ns to compare a stored one, "
        f"{made:.0f} ns to make and compare one."
    )
    return traces, layout, words + measured
