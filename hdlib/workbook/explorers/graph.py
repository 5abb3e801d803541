"""Notebook 03: a graph in one vector; which edges are still there, and which were invented."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
import torch

from hdlib import encode, theory
from hdlib.workbook import style
from hdlib.workbook.colours import INK, QUIET
from hdlib.workbook.controls import Select, Slider
from hdlib.workbook.dice import shuffled
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.analogy import percent
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.models import FINE, NAMES, measured, space
from hdlib.workbook.models import WIDER as DIMS
from hdlib.workbook.rounding import rounded

NODES = 12
PAIRS = [(i, j) for i in range(NODES) for j in range(i)]  # of an undirected graph
TRIALS = 8
RANGE = (0.48, 1.02)
DOUBLED = ("BSDC", "VTB", "MBAT")  # an undirected edge is two bound pairs
FOUND, MISSED, INVENTED = "found", "missed", "invented"
Truth = npt.NDArray[np.bool_]


def explore_graph(model: str = "MAPI") -> Explorer:
    """Edges and dimension against how often an edge test is right. Taught in notebook 03.

    >>> card = explore_graph()
    >>> card.controls["edges"].value = 20
    >>> card.words.split(",")[0]
    'At D = 256'
    """
    controls = {
        "model": Select("model", list(NAMES), model),
        "edges": Slider("edges", 25, min=5, max=45, step=5),
        "dim": Slider("dimension D", 256, values=DIMS),
    }
    return Explorer(
        "add edges until the first false ones appear; then buy them off with dimensions.",
        controls,
        (drawing(), accuracy_figure()),
        update,
        slow=measure,
    )


def corner(node: Any) -> tuple[Any, Any]:
    """Where a node stands on the circle."""
    turn = 2 * np.pi * np.asarray(node) / NODES
    return np.sin(turn), np.cos(turn)


def drawing() -> LiveFigure:
    """The graph: edges found, missed and invented, and the nodes."""
    lines = {
        FOUND: {"color": style.COLOURS["MAPI"], "width": 1.8},
        MISSED: {"color": QUIET, "width": 2.2, "dash": "dash"},
        INVENTED: {"color": style.COLOURS["BSC"], "width": 2.2, "dash": "dot"},
    }
    traces = [
        go.Scatter(x=[], y=[], name=name, mode="lines", line=line, hoverinfo="skip")
        for name, line in lines.items()
    ]
    x, y = corner(np.arange(NODES))
    traces.append(
        go.Scatter(
            x=x,
            y=y,
            name="nodes",
            mode="markers",
            marker={"size": 13, "color": INK},
            text=[f"node {i}" for i in range(NODES)],
            hovertemplate="%{text}<extra></extra>",
        )
    )
    hidden = {"visible": False, "range": [-1.12, 1.12]}
    layout = {
        "xaxis": hidden,
        "yaxis": {**hidden, "scaleanchor": "x"},
        "margin": {"l": 8, "r": 8, "t": 12, "b": 34},
    }
    return LiveFigure(go.Figure(traces, layout))


def accuracy_figure() -> LiveFigure:
    """The share of all pairs that are judged right, over the dimension."""
    traces = [
        style.approximate(FINE, [0] * len(FINE), "theory", "MAPI"),
        style.measured([], [], [], measured("graph"), "MAPI").update(visible=False),
        style.here(1, 1),
    ]
    layout = {
        "xaxis": style.log_axis("dimension D (dotted: approximate)", DIMS, 1.75, 3.68)
        | {"tickangle": -45},
        "yaxis": {"title": {"text": "pairs judged right"}, "range": RANGE, "tickformat": ".0%"},
    }
    return LiveFigure(go.Figure(traces, layout))


def truth(edges: int, seed: int) -> Truth:
    """Which of all pairs are edges, drawn at random: ``-> (PAIRS,)``."""
    joined = np.zeros(len(PAIRS), dtype=bool)
    joined[shuffled(seed, "edges", len(PAIRS))[:edges]] = True
    return joined


@lru_cache(maxsize=4096)
def judged(model: str, edges: int, dim: int, seed: int) -> Truth:
    """For which pairs the vector of the graph says yes: ``-> (PAIRS,)``."""
    vsa, joined = space(model, dim, seed), truth(edges, seed)
    nodes = vsa.atoms(list(range(NODES)))
    u, v = torch.tensor(PAIRS).T
    graph = encode.Graph(vsa).add(nodes[u[joined]], nodes[v[joined]])
    said: Truth = graph.has_edge(nodes[u], nodes[v]).numpy()
    return said


@lru_cache(maxsize=512)
def expected(model: str, edges: int) -> list[float]:
    """The share judged right at each dimension, as if edges were independent atoms."""
    bundled = edges * (2 if model in DOUBLED else 1)
    found, invented = theory.edge_test(model, bundled, dim=np.array(FINE))
    share = edges / len(PAIRS)
    right: list[float] = (share * found + (1 - share) * (1 - invented)).tolist()
    return right


def path(chosen: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Line segments of some edges."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    for pair in chosen:
        x, y = corner(pair)
        xs += [*x.round(3).tolist(), None]
        ys += [*y.round(3).tolist(), None]
    return {"x": xs, "y": ys}


def update(model: str, edges: int, dim: int) -> Any:
    """What both figures show for these settings."""
    joined, said = truth(edges, 0), judged(model, edges, dim, 0)
    parts = {FOUND: joined & said, MISSED: joined & ~said, INVENTED: said & ~joined}
    left = {
        name: path([pair for pair, yes in zip(PAIRS, mask, strict=True) if yes])
        for name, mask in parts.items()
    }
    counts = {name: int(mask.sum()) for name, mask in parts.items()}
    line, colour = expected(model, edges), style.COLOURS[model]
    at = FINE.index(dim)
    right = {
        "theory": {"y": line, "line": {"color": colour}},
        measured("graph"): {
            "marker": {"color": colour, "symbol": style.SYMBOLS[model], "line": {"color": colour}},
            "error_y": {"color": colour},
        },
        "you are here": {"x": [dim], "y": [line[at]]},
    }
    layouts = (
        {
            "title": f"Of {edges} edges {counts[FOUND]} found, {counts[INVENTED]} invented",
            "annotations": [legend()],
        },
        {"title": f"{percent(line[at])} of all pairs are judged right in {model}"},
    )
    return (left, right), layouts, in_words(model, edges, dim)


def legend() -> dict[str, Any]:
    """What the strokes mean, below the drawing."""
    text = f"solid: {FOUND} · dashed: {MISSED} · dotted: {INVENTED}"
    place = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0, "yshift": -22}
    return {**place, "text": text, "showarrow": False, "font": {"size": 13, "color": INK}}


def in_words(model: str, edges: int, dim: int) -> str:
    """What the figures show, in one line."""
    joined, said = truth(edges, 0), judged(model, edges, dim, 0)
    missed, invented = int((joined & ~said).sum()), int((said & ~joined).sum())
    right = expected(model, edges)[FINE.index(dim)]
    enough = [d for d, share in zip(FINE, expected(model, edges), strict=True) if share > 0.99]
    needs = f"99 % take D = {min(enough):,}" if enough else f"99 % take more than {DIMS[-1]:,}"
    return (
        f"At D = {dim:,}, one vector of {model} holds {edges} edges of {NODES} nodes: "
        f"{missed} missed and {invented} invented of {len(PAIRS)} pairs in this draw; "
        f"approximate theory expects {percent(right)} right, and {needs}."
    )


def measure(progress: Any, model: str, edges: int, dim: int) -> Any:
    """Other graphs, at every dimension."""
    means, errors = [], []
    for place, size in enumerate(DIMS):
        shares = []
        for trial in range(TRIALS):
            progress((place + trial / TRIALS) / len(DIMS))
            shares.append(np.mean(judged(model, edges, size, 1 + trial) == truth(edges, 1 + trial)))
        means.append(float(np.mean(shares)))
        errors.append(float(np.std(shares, ddof=1)) / math.sqrt(TRIALS))
    at = DIMS.index(dim)
    points = {measured("graph"): {"x": DIMS, "y": means, "error_y": {"array": errors}}}
    share = rounded(100 * means[at], 100 * errors[at]) if errors[at] else f"{100 * means[at]:g}"
    found = f"In {TRIALS} other graphs {share} % were right."
    return ({}, points), ({}, {}), f"{in_words(model, edges, dim)} {found}"
