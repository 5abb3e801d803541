"""Notebook 02: even and odd bundles step together, and bundles of bundles forget."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import plotly.graph_objects as go
import torch
from torch import Tensor

from hdlib import theory
from hdlib.vsa import VSA
from hdlib.workbook import style
from hdlib.workbook.colours import INK
from hdlib.workbook.controls import Select, Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.models import DIMS, curve, names, pairwise, points, space
from hdlib.workbook.rounding import said

MOST = 16
SIZES = tuple(range(1, MOST + 1))
TRIALS = 40
SHOWN = ("MAPB", "BSC", "SBC", "MAPI", "BSDC")
VOTING = ("MAPB", "BSC", "SBC")  # models that settle a vote, and so forget when nested
RANGE = (-0.04, 1.06)
ONCE, ONE_BY_ONE = "all at once", "one by one"


def explore_ties(model: str = "BSC") -> Explorer:
    """Bundles of n, and the same n items bundled one after the other. Taught in notebook 02.

    >>> card = explore_ties()
    >>> card.controls["n"].value = 4
    >>> card.words.split(";")[0]
    'A member of 4 keeps 0.375 in BSC (exact), as much as one of 5, because 38 % of the places tie'
    """
    controls = {
        "model": Select("model", SHOWN, model),
        "n": Slider("bundle size n", 6, min=1, max=MOST, unit="items"),
        "dim": Slider("dimension D", 1024, values=DIMS),
    }
    return Explorer(
        "go from 2 to 3 items and from 4 to 5; then see on the right what is left of the first "
        "item.",
        controls,
        (sizes_figure(), nested_figure()),
        update,
        slow=measure,
    )


def sizes_figure() -> LiveFigure:
    """The similarity of a member over the bundle size; a line and points for each model."""
    traces = [curve(model, SIZES, model in VOTING) for model in SHOWN]
    traces += [points(model) for model in SHOWN]
    layout = {
        "xaxis": {
            "title": {"text": "bundle size n (solid: exact · dotted: approx.)"},
            "range": [0.5, MOST + 0.5],
            "tickvals": SIZES[1::2],
        },
        "yaxis": {"title": {"text": "similarity of a member"}, "range": RANGE, "tickformat": ".1f"},
        "margin": {"r": 84},
    }
    return LiveFigure(go.Figure([*traces, style.here(1, 1)], layout))


def nested_figure() -> LiveFigure:
    """The similarity of each item, from the first to the last: bundled in two ways."""
    traces = [
        style.exact([1], [1], ONCE),
        style.exact([1], [1], ONE_BY_ONE, "BSC"),
        style.measured([], [], [], f"{ONCE}, measured").update(visible=False),
        style.measured([], [], [], f"{ONE_BY_ONE}, measured", "BSC").update(visible=False),
    ]
    for trace in (traces[0], traces[2]):
        trace.update(marker={"color": INK, "symbol": "circle", "size": 7}, line={"color": INK})
    traces[2].update(error_y={"color": INK}, marker={"line": {"color": INK, "width": 2}})
    layout = {
        "xaxis": {"title": {"text": "item, from the first to the last"}, "range": [0.5, 16.5]},
        "yaxis": {
            "title": {"text": "similarity to the bundle"},
            "range": RANGE,
            "tickformat": ".1f",
        },
    }
    return LiveFigure(go.Figure([*traces, style.here(1, 1)], layout))


@lru_cache(maxsize=64)
def by_size(model: str, dim: int) -> list[float]:
    """The similarity of a member for all sizes, by theory."""
    values: list[float] = theory.member_similarity(model, SIZES, dim=dim).tolist()
    return values


def nested(model: str, n: int, dim: int) -> list[float]:
    """The similarity of items 1 to n after bundling one by one, by theory: half for each level."""
    if model not in VOTING:
        return [by_size(model, dim)[n - 1]] * n
    levels = [n - max(item, 2) + 1 for item in range(1, n + 1)]  # items 1 and 2 enter together
    return [0.5**level if n > 1 else 1.0 for level in levels]


def tied(n: int) -> float:
    """The share of places in which n fair votes tie. Exact.

    >>> tied(2), tied(3), tied(4)
    (0.5, 0.0, 0.375)
    """
    return 0.0 if n % 2 else math.comb(n, n // 2) / 2**n


def update(model: str, n: int, dim: int) -> Any:
    """What both figures show for these settings."""
    left: dict[str, Any] = {
        m: {"y": by_size(m, dim), "visible": True, "opacity": 1 if m == model else 0.35}
        for m in SHOWN
    }
    kept, items = by_size(model, dim)[n - 1], list(range(1, n + 1))
    left["you are here"] = {"x": [n], "y": [kept]}
    chain, colour = nested(model, n, dim), style.COLOURS[model]
    dash = "solid" if model in VOTING else "dot"
    right = {
        ONCE: {"x": items, "y": [kept] * n, "line": {"dash": dash}},
        ONE_BY_ONE: {"x": items, "y": chain, "line": {"color": colour, "dash": dash}},
        f"{ONE_BY_ONE}, measured": {
            "marker": {"color": colour, "symbol": style.SYMBOLS[model], "line": {"color": colour}},
            "error_y": {"color": colour},
        },
        "you are here": {"x": [1], "y": [chain[0]]},
    }
    partner = n + 1 if n % 2 == 0 else n - 1
    same = model in ("MAPB", "BSC") and n > 1
    layouts = (
        {
            "title": f"{n} item{'s' * (n > 1)} keep{'s' * (n == 1)} {kept:.3f}{' each' * (n > 1)}"
            + f", as {partner} do" * same,
            "annotations": names({m: by_size(m, dim)[-1] for m in SHOWN}, MOST, RANGE),
        },
        {
            "title": nested_title(model, n, chain[0], kept),
            "xaxis": {"range": [0.5, n + 0.5], "dtick": 1 if n < 10 else 2, "tick0": 1},
            "annotations": line_names(n, chain, kept),
        },
    )
    return (left, right), layouts, in_words(model, n, dim)


def line_names(n: int, chain: list[float], kept: float) -> list[dict[str, Any]]:
    """The names of both lines of the right figure, where they are apart."""
    font = {"size": 12, "color": INK}
    base = {"x": 1, "showarrow": False, "xanchor": "left", "font": font, "yanchor": "bottom"}
    if n < 3 or abs(chain[0] - kept) < 0.01:
        return [{**base, "text": f"{ONCE} and {ONE_BY_ONE}", "y": kept, "yshift": 12}]
    return [
        {**base, "text": f"{ONCE} (Accumulator)", "y": kept, "yshift": 10},
        {**base, "text": ONE_BY_ONE, "y": chain[0], "yshift": 12, "xshift": 12},
    ]


def nested_title(model: str, n: int, first: float, kept: float) -> str:
    """The finding of the right figure."""
    if model not in VOTING:
        return f"{model} forgets nothing: one by one is all at once"
    if n < 3:
        return f"{n} item{'s' * (n > 1)}: no chain yet, nothing is forgotten"
    return f"The first of {n} keeps {share(first)}, at once {kept:.2f}"


def share(value: float) -> str:
    """A power of a half as a fraction.

    >>> share(0.03125), share(1.0)
    ('1/32', '1')
    """
    return "1" if value == 1 else f"1/{round(1 / value):,}"


def in_words(model: str, n: int, dim: int) -> str:
    """What the figures show, in one line."""
    kept, first = by_size(model, dim)[n - 1], nested(model, n, dim)[0]
    kind = "exact" if model in VOTING else "approximate"
    words = f"A member of {n} keeps {kept:.3f} in {model} ({kind})"
    if model in ("MAPB", "BSC") and n > 1:
        partner = n + 1 if n % 2 == 0 else n - 1
        words += f", as much as one of {partner}"
        words += f", because {tied(n):.0%} of the places tie".replace("%", " %") * (n % 2 == 0)
    chained = f"bundled one by one, the first item keeps {share(first)}"
    if model not in VOTING:
        chained = "bundled one by one, every item keeps as much"
    return f"{words}; {chained}, in an Accumulator {kept:.3f} like all others."


def chained(vsa: VSA, items: Tensor) -> Tensor:
    """Bundle one by one, each time the bundle so far and one more: ``(T, n, W) -> (T, W)``."""
    out = vsa.bundle(items[:, :1])
    for k in range(1, items.shape[1]):
        out = vsa.bundle(torch.stack([out, items[:, k].to(out.dtype)], 1))
    return out


@lru_cache(maxsize=1024)
def drawn(
    model: str, n: int, dim: int
) -> tuple[list[float], list[float], list[float], list[float]]:
    """Mean and standard error of each item: at once, and one by one."""
    vsa = space(model, dim, seed=n)
    items = vsa.random(TRIALS, n)
    found: list[list[float]] = []
    for bundle in (vsa.bundle(items), chained(vsa, items)):
        like = torch.stack(
            [pairwise(vsa, bundle, items[:, k].to(bundle.dtype)) for k in range(n)], 1
        ).double()  # (TRIALS, n)
        found += [like.mean(0).tolist(), (like.std(0) / TRIALS**0.5).tolist()]
    return found[0], found[1], found[2], found[3]


def measure(progress: Any, model: str, n: int, dim: int) -> Any:
    """The model at all sizes, and both ways of bundling n items."""
    means, errors = [], []
    for size in SIZES:
        progress((size - 1) / MOST)
        mean, stderr, *_ = drawn(model, size, dim)
        means.append(sum(mean) / size)
        errors.append(sum(stderr) / size)  # items of a bundle share it: no gain by their number
    left = {f"{model}, measured": {"x": SIZES, "y": means, "error_y": {"array": errors}}}
    items = list(range(1, n + 1))
    once, once_error, one, one_error = drawn(model, n, dim)
    right = {
        f"{ONCE}, measured": {"x": items, "y": once, "error_y": {"array": once_error}},
        f"{ONE_BY_ONE}, measured": {"x": items, "y": one, "error_y": {"array": one_error}},
    }
    found = f"Measured for the first item: {said(one[0], one_error[0])} one by one, "
    found += f"{said(once[0], once_error[0])} at once."
    return (left, right), ({}, {}), f"{in_words(model, n, dim)} {found}"
