"""Notebook 05: the bits of a filter, and the same filter as a matrix times a vector."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
import torch
from torch import Tensor

from hdlib import bits as words
from hdlib import theory
from hdlib.sets import BloomFilter
from hdlib.workbook.colours import GRID, INK
from hdlib.workbook.controls import Select, Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.filters import ORANGE, bare, cells, picture
from hdlib.workbook.explorers.similarity import note
from hdlib.workbook.figure import LiveFigure

SIDE = 32
BITS = SIDE * SIDE
SHOWN = 16  # members that have a column of their own
KEYS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
READINGS = {"or": "OR: a Bloom filter", "sum": "sum: a counting filter"}
MOST = 4  # what is as dark as the scale goes
SHADES = [[0, GRID], [0.25, "rgba(230,159,0,0.4)"], [0.5, ORANGE], [1, "#9C6C00"]]


def explore_bits(n: int = 16, hashes: int = 8) -> Explorer:
    """A filter of 1,024 bits as a grid, and as S v. Taught in notebook 05.

    >>> card = explore_bits()
    >>> card.controls["n"].value = 1
    >>> card.words.split(";")[0]
    '1 key sets 8 of 1,024 bits (expected 8 ± 0, exact)'
    """
    controls = {
        "n": Slider("keys n", n, values=KEYS),
        "hashes": Slider("hashes k", hashes, min=1, max=12),
        "row": Slider("row of the grid", 20, min=0, max=SIDE - 1),
        "reading": Select("reading", READINGS),
    }
    return Explorer(
        "start from one key and add more; then look for a row in which two keys meet, and ask "
        "for the sum.",
        controls,
        (grid_figure(), product_figure()),
        update,
    )


def grid_figure() -> LiveFigure:
    """The bits, row by row from the top; the row that the right figure shows is framed."""
    layout = {
        "xaxis": bare(constrain="domain"),
        "yaxis": bare(autorange="reversed", scaleanchor="x"),
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
    }
    return LiveFigure(
        go.Figure([cells(picture(torch.zeros(BITS), SIDE), "bits", SHADES, MOST)], layout)
    )


def product_figure() -> LiveFigure:
    """One row of bits: a column for each of the first members, then their sum and their OR."""
    blank = np.zeros((SIDE, SHOWN + 4), np.float32)
    layout = {
        "xaxis": bare(range=[-0.5, SHOWN + 3.5]),
        "yaxis": bare(autorange="reversed"),
        "margin": {"l": 8, "r": 8, "t": 8, "b": 34},
    }
    return LiveFigure(go.Figure([cells(blank, "S v", SHADES, MOST)], layout))


@lru_cache(maxsize=64)
def atoms(hashes: int) -> Tensor:
    """The columns of S, one for each key: ``-> (keys, BITS)``."""
    filter_ = BloomFilter.with_size(BITS, hashes, kind="distinct", seed=3)
    return words.unpack(filter_.atoms(range(KEYS[-1])), BITS).to(torch.int64)


def product(n: int, hashes: int) -> Tensor:
    """S v, with v = 1 for the first n keys: ``-> (BITS,)``."""
    return atoms(hashes)[:n].sum(0)


def update(n: int, hashes: int, row: int, reading: str) -> Any:
    """What both figures show for these settings."""
    total = product(n, hashes)
    level = 1 if reading == "or" else BITS
    part = slice(SIDE * row, SIDE * (row + 1))
    shown = np.full((SIDE, SHOWN + 4), np.nan, np.float32)
    shown[:, :SHOWN] = 0
    shown[:, : min(n, SHOWN)] = 2 * atoms(hashes)[: min(n, SHOWN), part].T
    shown[:, SHOWN + 1] = total[part].clamp(max=MOST)
    shown[:, SHOWN + 3] = 2 * (total[part] > 0)
    bits = 2 * (total > 0) if level == 1 else total.clamp(max=MOST)
    own = sum(int(total[part][i] > 1) for i in range(SIDE))
    frame = {"type": "rect", "x0": -0.6, "x1": SIDE - 0.4, "y0": row - 0.6, "y1": row + 0.6}
    frame |= {"line": {"color": INK, "width": 2}}
    base = {"yref": "paper", "yanchor": "top"}
    labels = [
        note((SHOWN - 1) / 2, 0, f"S: keys 1 … {min(n, SHOWN)}", "center", **base),
        note(SHOWN + 1, 0, "S v", "center", **base),
        note(SHOWN + 3, 0, "> 0", "center", **base),
    ]
    counts = [
        note(SHOWN + 1, i, str(int(x)), "center", font={"size": 9, "color": INK})
        for i, x in enumerate(total[part])
        if x > 1
    ]
    ones, most = int((total > 0).sum()), int(total.max())
    title = f"{ones:,} of {BITS:,} bits are set" if level == 1 else f"Counters up to {most}"
    layouts = (
        {"title": title, "shapes": [frame]},
        {
            "title": f"Row {row}: {own} of {SIDE} bits {'is' if own == 1 else 'are'} shared",
            "annotations": labels + counts,
        },
    )
    return (
        ({"bits": {"z": picture(bits, SIDE)}}, {"S v": {"z": shown}}),
        layouts,
        in_words(n, hashes),
    )


def in_words(n: int, hashes: int) -> str:
    """What the figures show, in one line."""
    total = product(n, hashes)
    shape: dict[str, Any] = {"bits": BITS, "hashes": hashes, "kind": "distinct"}
    expected = BITS * theory.bloom_fill(n, **shape)
    spread = BITS * theory.bloom_fill_sd(n, **shape)
    ones, met = int((total > 0).sum()), int((total > 1).sum())
    keys = f"{n} key{'s' * (n > 1)} set{'s' * (n == 1)}"
    return (
        f"{keys} {ones:,} of {BITS:,} bits (expected {expected:.0f} ± {spread:.0f}, exact); "
        f"{met:,} bits are shared by two keys or more; S v adds up to {n} · {hashes} = "
        f"{int(total.sum()):,}, and S v > 0 is the Bloom filter, bit for bit."
    )
