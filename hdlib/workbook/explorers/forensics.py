"""Notebook 05: whose bits let a stranger pass, and how near the other strangers came."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
import torch
from torch import Tensor

from hdlib import theory
from hdlib.workbook import style
from hdlib.workbook.colours import GRID
from hdlib.workbook.controls import Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.filters import (
    MODEL,
    ORANGE,
    bare,
    cells,
    counted,
    picture,
    places,
    read,
)
from hdlib.workbook.explorers.similarity import note
from hdlib.workbook.figure import LiveFigure

SIDE = 16
BITS = SIDE * SIDE
STRANGERS = 1000
SHADES = [[0, GRID], [0.5, "rgba(230,159,0,0.4)"], [1, ORANGE]]  # off, set, and betraying


def explore_forensics(n: int = 40, hashes: int = 4) -> Explorer:
    """The bits of a false positive and their owners. Taught in notebook 05.

    >>> explore_forensics().words.split(";")[0]
    'Stranger 58 passes: its 4 bits were set by keys 21 or 25, 18, 10 and 31'
    """
    controls = {
        "n": Slider("keys n", n, min=10, max=80, step=10),
        "hashes": Slider("hashes k", hashes, min=1, max=8),
        "case": Slider("wrong hit", 1, min=1, max=12, unit="of those found"),
    }
    return Explorer(
        "go through the wrong hits: is it ever one key that lets the stranger in? Then add hashes.",
        controls,
        (grid_figure(), hits_figure()),
        update,
    )


def grid_figure() -> LiveFigure:
    """All bits; those of the stranger stand out, each with its owners."""
    layout = {
        "xaxis": bare(constrain="domain"),
        "yaxis": bare(autorange="reversed", scaleanchor="x"),
        "margin": {"l": 8, "r": 8, "t": 20, "b": 8},
    }
    return LiveFigure(
        go.Figure([cells(picture(torch.zeros(BITS), SIDE), "bits", SHADES, 2)], layout)
    )


def hits_figure() -> LiveFigure:
    """How many of its k bits each stranger found set."""
    traces = [
        style.samples([0], [0], "strangers", MODEL),
        style.exact([0], [0], "expected", MODEL).update(
            mode="lines+markers", marker={"size": 7, "color": ORANGE}
        ),
    ]
    layout = {
        "xaxis": {"title": {"text": "bits that are set, of the stranger's k"}, "dtick": 1},
        "yaxis": {"title": {"text": f"strangers, of {STRANGERS:,}"}, "rangemode": "tozero"},
    }
    return LiveFigure(go.Figure(traces, layout))


@lru_cache(maxsize=64)
def scene(n: int, hashes: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Places of members and of strangers, the counters, and the strangers that pass."""
    where = places(BITS, hashes, 1, 80 + STRANGERS, kind="distinct", seed=3)[0]
    members, strangers = where[:n], where[80:]
    counts = counted(members[None], BITS)
    hits = (read(counts, strangers[None])[0] > 0).sum(-1)
    return members, strangers, counts[0], hits


def owners(members: Tensor, place: int) -> list[int]:
    """The numbers, from 1, of the keys that set a bit."""
    return [int(i) + 1 for i in (members == place).any(-1).nonzero().flatten()]


def listed(keys: list[int]) -> str:
    """Keys that share a bit, at most three of them.

    >>> listed([4, 9]), listed([1, 2, 3, 4])
    ('4 or 9', '1 or 2 or 3 …')
    """
    return " or ".join(map(str, keys[:3])) + " …" * (len(keys) > 3)


def update(n: int, hashes: int, case: int) -> Any:
    """What both figures show for these settings."""
    members, strangers, counts, hits = scene(n, hashes)
    wrong = (hits == hashes).nonzero().flatten()
    grid = (counts > 0).to(torch.float32)
    labels = []
    own: list[list[int]] = []
    if len(wrong):
        stranger = strangers[wrong[min(case, len(wrong)) - 1]]
        grid[stranger] = 2
        for place in stranger.tolist():
            own.append(owners(members, place))
            y, x = divmod(place, SIDE)
            labels.append(note(x, y, listed(own[-1]), "center", yshift=13))
    sizes = list(range(hashes + 1))
    found = torch.bincount(hits, minlength=hashes + 1).tolist()
    expected = (STRANGERS * law(int((counts > 0).sum()), hashes)).tolist()
    right = {"strangers": {"x": sizes, "y": found}, "expected": {"x": sizes, "y": expected}}
    pass_ = f"{len(wrong)} of {STRANGERS:,} strangers pass"
    title = f"Keys {told(own)} let it pass" if own else "No stranger passes"
    layouts = (
        {"title": title, "annotations": labels},
        {
            "title": f"{pass_}, {expected[-1]:.1f} are expected",
            "xaxis": {"range": [-0.6, hashes + 0.6]},
        },
    )
    return (
        ({"bits": {"z": picture(grid, SIDE)}}, right),
        layouts,
        in_words(n, hashes, case, own, wrong.tolist(), expected[-1]),
    )


def law(ones: int, hashes: int) -> Any:
    """How many of k different places are set when so many of all bits are: hypergeometric."""
    total = math.comb(BITS, hashes)
    return np.array(
        [math.comb(ones, j) * math.comb(BITS - ones, hashes - j) / total for j in range(hashes + 1)]
    )


def told(own: list[list[int]]) -> str:
    """The owners of all bits: "1, 19 and 25"."""
    parts = [listed(keys) for keys in own]
    return " and ".join([", ".join(parts[:-1])] * (len(parts) > 1) + parts[-1:])


def in_words(
    n: int, hashes: int, case: int, own: list[list[int]], wrong: list[int], expected: float
) -> str:
    """What the figures show, in one line."""
    fill = theory.bloom_fill(n, bits=BITS, hashes=hashes, kind="distinct")
    predicted = theory.bloom_false_positive(n, bits=BITS, hashes=hashes, kind="distinct")
    ends = (
        f"{n} keys fill about {fill:.0%} of {BITS} bits; {len(wrong)} of {STRANGERS:,} strangers "
        f"pass, {expected:.1f} are expected of this filter (exact), {STRANGERS * predicted:.1f} of "
        "filters of this size."
    ).replace("%", " %")
    if not wrong:
        return f"No stranger passes. {ends}"
    single = set.intersection(*map(set, own))
    guilt = "one key alone has them all" if single else "no key alone has them all"
    bits = f"its {hashes} bits were" if hashes > 1 else "its bit was"
    number = wrong[min(case, len(wrong)) - 1] + 1
    return f"Stranger {number} passes: {bits} set by keys {told(own)}; {guilt}. {ends}"
