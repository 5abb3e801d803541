"""All models side by side: their marks in a figure, and a table of what the code says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Any

import plotly.graph_objects as go
from torch import Tensor

from hdlib.vsa import MODELS, VSA
from hdlib.workbook import style
from hdlib.workbook.colours import for_words as _for_words
from hdlib.workbook.labels import apart

DIMS = (
    64,
    256,
    576,
    1024,
    1600,
    2304,
)  # squares for VTB, multiples of 16 for SBC: all models agree
WIDER = (*DIMS, 4096)  # for structures, which hold more
FINE = (64, 80, 112, 144, 192, 256, 336, 448, 576, 768, 1024, 1360, 1792, 2304, 3072, 4096)
GLYPHS = {
    "MAPI": "●",
    "MAPB": "○",
    "BSC": "■",
    "BSDC": "□",
    "SBC": "✚",
    "MCR": "★",
    "CGR": "☆",
    "HRR": "◆",
    "FHRR": "◇",
    "VTB": "▲",
    "MBAT": "▽",
}
NAMES = tuple(GLYPHS)
HEIGHT, GAP = 276, 15  # pixels of a plot, and between two names beside it
VALUES = {
    "MAPI": "±1; bundles are whole numbers",
    "MAPB": "±1",
    "BSC": "bits",
    "BSDC": "bits, √D of them 1",
    "SBC": "one of 16 symbols a block",
    "MCR": "integers modulo 16",
    "CGR": "integers modulo 16",
    "HRR": "real numbers",
    "FHRR": "phases, as complex numbers",
    "VTB": "real numbers",
    "MBAT": "±1/√D; bundles are real",
}
BIND = {
    "MAPI": ("multiply", "D"),
    "MAPB": ("multiply", "D"),
    "BSC": ("XOR", "D / 64"),
    "BSDC": ("shift by the role", "D / 64"),
    "SBC": ("add modulo 16", "D / 16"),
    "MCR": ("add modulo 16", "D"),
    "CGR": ("add modulo 16", "D"),
    "HRR": ("convolve (FFT)", "D log D"),
    "FHRR": ("add phases", "D"),
    "VTB": ("d × d matrices, d = √D", "D√D"),
    "MBAT": ("the role's matrix", "D"),
}


for_words = lru_cache(_for_words)


def space(model: str, dim: int, seed: int = 0) -> VSA:
    """The space of a model by its name."""
    return MODELS[model](dim, seed=seed)


def pairwise(vsa: VSA, x: Tensor, y: Tensor) -> Tensor:
    """Similarity of row i with row i: ``(n, W), (n, W) -> (n,)``."""
    return vsa.similarity(x.unsqueeze(1), y.unsqueeze(1)).flatten()


def curve(model: str, x: Sequence[float], exact: bool) -> go.Scatter:
    """The model's line, solid where theory is exact and dotted where it is approximate."""
    trace = (style.exact if exact else style.approximate)(x, [0.0] * len(x), model, model)
    trace.line.width = 2
    return trace


def points(model: str) -> go.Scatter:
    """Where the model was measured; nothing yet."""
    return style.measured([], [], [], measured(model), model).update(visible=False)


def measured(model: str) -> str:
    """The name of that trace."""
    return f"{model}, measured"


def names(ends: Mapping[str, float], x: float, y_range: Sequence[float]) -> list[dict[str, Any]]:
    """The models' names with their symbols, at the right ends of their lines, inside the plot."""
    low, high = y_range
    wanted = [(y - low) / (high - low) * HEIGHT for y in ends.values()]
    places = inside(apart(wanted, GAP))
    return [
        {
            "x": x,
            "y": y,
            "text": f"{GLYPHS[model]} {model}",
            "font": {"size": 12, "color": for_words(style.COLOURS[model])},
            "showarrow": False,
            "xanchor": "left",
            "xshift": 10,
            "yshift": place - at,
        }
        for (model, y), at, place in zip(ends.items(), wanted, places, strict=True)
    ]


def inside(places: Sequence[float]) -> list[float]:
    """Places at least `GAP` apart, moved from both ends into the plot.

    >>> inside([HEIGHT + 10, HEIGHT - 5, 100])
    [276.0, 261.0, 100]
    """
    moved, order = list(places), sorted(range(len(places)), key=places.__getitem__)
    top = float(HEIGHT)
    for i in reversed(order):
        moved[i] = min(moved[i], top)
        top = moved[i] - GAP
    bottom = 8.0
    for i in order:
        moved[i] = max(moved[i], bottom)
        bottom = moved[i] + GAP
    return moved


@dataclass(frozen=True)
class ModelTable:
    """A table for the page, and the same in plain text."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str

    def __repr__(self) -> str:
        lines = [self.head, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.head))]
        return "\n".join(
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in lines
        )

    def _repr_html_(self) -> str:
        cell = 'style="text-align:left;padding:3px 14px 3px 0"'
        head = "".join(f'<th scope="col" {cell}>{escape(name)}</th>' for name in self.head)
        body = "".join(
            f'<tr><th scope="row" {cell}>{GLYPHS[row[0]]}&nbsp;{row[0]}</th>'
            + "".join(f"<td {cell}>{escape(text)}</td>" for text in row[1:])
            + "</tr>"
            for row in self.rows
        )
        caption = f'<caption style="text-align:left">{escape(self.caption)}</caption>'
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


@lru_cache(maxsize=8)
def model_table(dim: int = 1024) -> ModelTable:
    """What each model is, measured from its tensors. Taught in notebook 02.

    >>> print(*model_table().rows[2], sep=" | ")
    BSC | bits | 0.125 | 0.125 | XOR | D / 64 | exact | yes

    Raises:
        ValueError: a model does not have this dimension; take a square that 64 divides.
    """
    head = (
        "model",
        "values",
        "bytes / atom",
        "bytes / bundle",
        "to bind",
        "cost",
        "unbind",
        "commutes?",
    )
    rows = []
    for model in NAMES:
        vsa = space(model, dim)
        x, y = vsa.atoms(["x", "y"])
        back = float(vsa.similarity(vsa.unbind(vsa.bind(x, y), y), x))
        same = float(vsa.similarity(vsa.bind(x, y), vsa.bind(y, x)))
        bundle = vsa.bundle(vsa.atoms(["x", "y", "z"]))
        rows.append(
            (
                model,
                VALUES[model],
                f"{x.nbytes / dim:g}",
                f"{bundle.nbytes / dim:g}",
                *BIND[model],
                "exact" if back > 1 - 1e-5 else f"to {back:.1f}",
                "yes" if same > 1 - 1e-5 else "no",
            )
        )
    return ModelTable(head, tuple(rows), f"The models of hdlib; bytes a dimension, at D = {dim:,}")
