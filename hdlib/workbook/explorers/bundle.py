"""Notebook 02: a bundle of n in every model, how like its members it is and how often they win."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import plotly.graph_objects as go
from torch import Tensor

from hdlib import theory
from hdlib.theory.cleanup import EXACT_CLEANUP
from hdlib.workbook import style
from hdlib.workbook.controls import Select, Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.analogy import percent
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.models import DIMS, NAMES, curve, measured, names, points, space
from hdlib.workbook.rounding import rounded, said

SIZES = (1, 2, 3, 4, 5, 7, 9, 12, 16, 23, 32, 45, 64, 90, 128)
ITEMS = (30, 100, 300, 1000)
# Models whose curves coincide are measured at different sizes, so that all their points are seen.
OFFSETS = {"MAPI": 0, "HRR": 1, "FHRR": 2, "VTB": 3, "MBAT": 4}
OFFSETS |= {"MAPB": 0, "BSC": 2, "BSDC": 1, "SBC": 3, "CGR": 0, "MCR": 4}
EXACT_KEPT = (*EXACT_CLEANUP, "MCR")  # models whose similarity is exact
RANGE = (-0.02, 1.04)
KINDS = "solid: exact · dotted: approximate"


def explore_bundle(model: str = "MAPB") -> Explorer:
    """Bundle size and dimension against member similarity and clean-up. Taught in notebook 02.

    >>> card = explore_bundle()
    >>> card.controls["n"].value = 5
    >>> card.words.split(";")[0]
    'At D = 1,024 a member of 5 keeps similarity 0.375 in MAPB (exact)'
    """
    controls = {
        "model": Select("model", list(NAMES), model),
        "n": Slider("bundle size n", 32, values=SIZES, unit="items"),
        "dim": Slider("dimension D", 1024, values=DIMS),
        "items": Slider("known items", 1000, values=ITEMS),
    }
    return Explorer(
        "find the largest bundle whose members come back in 99 % of all draws; then ask another "
        "model.",
        controls,
        (
            chart("similarity of a member", EXACT_KEPT),
            chart("clean-up is right", EXACT_CLEANUP, share=True),
        ),
        update,
        slow=measure,
    )


def chart(title: str, exact: tuple[str, ...], share: bool = False) -> LiveFigure:
    """A line for each model over the bundle size, its points, one ring."""
    traces = [curve(model, SIZES, model in exact) for model in NAMES]
    traces += [points(model) for model in NAMES]
    ticks = (1, 2, 4, 9, 16, 32, 64, 128)
    layout = {
        "xaxis": {
            "type": "log",
            "title": {"text": f"bundle size n ({KINDS})"},
            "tickvals": ticks,
            "ticktext": [str(tick) for tick in ticks],
            "range": [-0.06, 2.13],
        },
        "yaxis": {
            "title": {"text": title},
            "range": RANGE,
            "tickformat": ".0%" if share else ".1f",
        },
        "margin": {"r": 84},
    }
    return LiveFigure(go.Figure([*traces, style.here(1, 1)], layout))


@lru_cache(maxsize=64)
def expected(dim: int, items: int) -> tuple[Mapping[str, list[float]], Mapping[str, list[float]]]:
    """Similarity and accuracy by theory, model by model, for all sizes."""
    kept = {m: theory.member_similarity(m, SIZES, dim=dim).tolist() for m in NAMES}
    right = {m: theory.cleanup_accuracy(m, SIZES, items, dim=dim).tolist() for m in NAMES}
    return kept, right


def update(model: str, n: int, dim: int, items: int) -> Any:
    """What both figures show for these settings."""
    parts, at = expected(dim, items), SIZES.index(n)
    traces, layouts = [], []
    titles = (
        f"A member of {n} keeps {parts[0][model][at]:.2f} in {model}",
        f"{model} cleans up right in {percent(parts[1][model][at])}",
    )
    for values, title in zip(parts, titles, strict=True):
        change: dict[str, Any] = {
            m: {"y": y, "line": {"width": 4 if m == model else 1.8}} for m, y in values.items()
        }
        change["you are here"] = {"x": [n], "y": [values[model][at]]}
        labels = names({m: y[-1] for m, y in values.items()}, math.log10(SIZES[-1]), RANGE)
        traces.append(change)
        layouts.append({"title": title, "annotations": labels})
    return tuple(traces), tuple(layouts), in_words(model, n, dim, items)


def in_words(model: str, n: int, dim: int, items: int) -> str:
    """What the figures show, in one line."""
    kept, right = expected(dim, items)
    at = SIZES.index(n)
    kinds = ["exact" if model in each else "approximate" for each in (EXACT_KEPT, EXACT_CLEANUP)]
    shares = {m: percent(y[at]) for m, y in right.items()}
    first, last = (each(NAMES, key=lambda m: right[m][at]) for each in (max, min))
    best = [m for m in NAMES if shares[m] == shares[first]]
    if len(best) == len(NAMES):
        ends = "so do all models"
    elif len(best) > 1:
        ends = f"{len(best)} of {len(NAMES)} models reach {shares[first]}"
    else:
        ends = f"the best of all models is {first} ({shares[first]})"
    if len(best) < len(NAMES):
        ends += f", the last is {last} ({shares[last]})"
    return (
        f"At D = {dim:,} a member of {n} keeps similarity {kept[model][at]:.3f} in {model} "
        f"({kinds[0]}); clean-up among {items:,} known items finds it in "
        f"{percent(right[model][at])} of all draws ({kinds[1]}); {ends}."
    )


@lru_cache(maxsize=2)
def strangers(model: str, dim: int, items: int) -> Tensor:
    """Known items that are in no bundle: ``(items - 1, W)``."""
    return space(model, dim, seed=7).random(items - 1)


@lru_cache(maxsize=2048)
def drawn(model: str, n: int, dim: int, items: int) -> tuple[float, float, float, float]:
    """Mean and standard error of similarity and accuracy, over some independent bundles."""
    vsa = space(model, dim, seed=1000 + n)
    bundles = min(100, 3000 // n)
    members = vsa.random(bundles, n)
    sums = vsa.bundle(members)
    own = vsa.similarity(sums.unsqueeze(-2), members)[:, 0]  # (bundles, n)
    others = vsa.similarity(sums, strangers(model, dim, items))  # (bundles, items - 1)
    best = others.amax(-1, keepdim=True)
    ties = (others == best).sum(-1, keepdim=True)
    won = (own > best) + (own == best) / (1.0 + ties)
    found: list[float] = []
    for values in (own.double().mean(-1), won.double().mean(-1)):
        found += [float(values.mean()), float(values.std()) / bundles**0.5]
    return found[0], found[1], found[2], found[3]


def measure(progress: Any, model: str, n: int, dim: int, items: int) -> Any:
    """All models at some sizes each, and the one that is looked at here as well."""
    left: dict[str, Any] = {}
    right: dict[str, Any] = {}
    for number, name in enumerate(NAMES):
        sizes = [s for i, s in enumerate(SIZES) if i and i % 5 == OFFSETS[name]]
        if name == model and n not in sizes:
            sizes = sorted([*sizes, n])
        cells = []
        for done, size in enumerate(sizes):
            progress((number + done / len(sizes)) / len(NAMES))
            cells.append(drawn(name, size, dim, items))
        columns = list(zip(*cells, strict=True))
        for part, (mean, stderr) in ((left, columns[:2]), (right, columns[2:])):
            part[measured(name)] = {"x": sizes, "y": mean, "error_y": {"array": stderr}}
    kept, kept_error, won, won_error = drawn(model, n, dim, items)
    shares = f"{rounded(100 * won, 100 * won_error)} %" if won_error else "every draw"
    shares = shares if won else "no draw"
    found = f"Measured: similarity {said(kept, kept_error)}, right in {shares}."
    return (left, right), ({}, {}), f"{in_words(model, n, dim, items)} {found}"
