"""Notebook 06: six kinds of matrix, bound again and again; which of them bring a leaf back."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import plotly.graph_objects as go
import torch
from torch import Tensor

from hdlib import theory
from hdlib.vsa import HRR, MBAT, VSA
from hdlib.workbook import style
from hdlib.workbook.colours import AXIS
from hdlib.workbook.controls import Select, Slider
from hdlib.workbook.dice import shuffled
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.analogy import percent
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.rounding import rounded, said

KINDS = {
    "gaussian": "Gaussian, back by transpose",
    "inverse": "Gaussian, back by inverse",
    "hrr": "HRR, not orthogonal",
    "orthogonal": "orthogonal, dense",
    "permutation": "orthogonal, permutation",
    "hadamard": "orthogonal, Hadamard",
}
TITLES = {
    "gaussian": "Gaussian, by its transpose",
    "inverse": "Gaussian, by its inverse",
    "hrr": "HRR",
    "orthogonal": "Dense orthogonal",
    "permutation": "Signed permutation",
    "hadamard": "Hadamard",
}
STABLE = ("orthogonal", "permutation", "hadamard")
DIMS = (128, 256, 512)
DEEPEST, SIBLINGS, KNOWN = 16, 3, 200
DEPTHS = (1, 2, 4, 6, 8, 12, 16)
POOL = 24  # operators of a kind
SETS, LEAVES = 8, 25  # paths, and leaves that take each
CHAINS = 12
MODEL = "MBAT"


@dataclass(frozen=True)
class Operators:
    """Some matrices of a kind, by number."""

    vsa: VSA
    forward: Callable[[Tensor, int], Tensor]  # (n, D) -> (n, D)
    back: Callable[[Tensor, int], Tensor]


@lru_cache(maxsize=len(KINDS) * len(DIMS))
def operators(kind: str, dim: int) -> Operators:
    """The pool of a kind; matrices are made when they are first asked for."""
    name: Any = {"inverse": "gaussian"}.get(kind, kind)
    vsa: VSA = HRR(dim) if kind == "hrr" else MBAT(dim, kind=name)
    roles = vsa.atoms([f"operator {i}" for i in range(POOL)])

    @lru_cache(maxsize=POOL)
    def inverse(i: int) -> Tensor:
        found: Tensor = torch.linalg.inv(vsa.bind(torch.eye(dim), roles[i]))
        return found

    def forward(x: Tensor, i: int) -> Tensor:
        return vsa.bind(x, roles[i])

    def back(x: Tensor, i: int) -> Tensor:
        return x @ inverse(i) if kind == "inverse" else vsa.unbind(x, roles[i])

    return Operators(vsa, forward, back)


def explore_stability(kind: str = "gaussian") -> Explorer:
    """Lengths of vectors, and leaves that come back, by depth. Taught in notebook 06.

    >>> card = explore_stability("permutation")
    >>> card.words.split(";")[0]
    'Expected at D = 256 and depth 8 (25 terms): a leaf keeps a cosine of 1/√25 = 0.20'
    """
    controls = {
        "kind": Select("matrices", KINDS, kind),
        "depth": Slider("depth d", 8, min=1, max=DEEPEST, unit="levels"),
        "dim": Slider("dimension D", 256, values=DIMS),
    }
    return Explorer(
        "compare the first three kinds with the last three; then see whether depth itself harms "
        "an orthogonal matrix.",
        controls,
        (lengths_figure(), recall_figure()),
        update,
        slow=measure,
    )


def lengths_figure() -> LiveFigure:
    """The length of some vectors, bound with a new matrix at each step."""
    chains = go.Scatter(
        name="chains",
        meta="samples",
        mode="lines+markers",
        opacity=0.5,
        line={"width": 1, "color": style.COLOURS[MODEL]},
        marker={"size": 4, "color": style.COLOURS[MODEL]},
        hovertemplate="length %{y:.2f} after %{x} binds<extra></extra>",
        visible=False,
    )
    steps = list(range(DEEPEST + 1))
    traces = [
        style.band(steps, [1.0] * len(steps), [1.0] * len(steps), "± 1 sd", MODEL),
        style.exact(steps, [1.0] * len(steps), "orthogonal", "MAPI"),
        chains,
    ]
    layout = {
        "xaxis": {"title": {"text": "matrices applied"}, "range": [-0.4, DEEPEST + 0.4]},
        "yaxis": {
            "title": {"text": "length of the vector"},
            "type": "log",
            "range": [math.log10(0.2), math.log10(6)],
            "tickvals": [0.25, 0.5, 1, 2, 4],
        },
    }
    return LiveFigure(go.Figure(traces, layout))


def recall_figure() -> LiveFigure:
    """How many leaves come back: theory of orthogonal matrices, and what was measured."""
    depths = list(range(1, DEEPEST + 1))
    traces = [
        style.approximate(depths, [0.0] * DEEPEST, "theory", "MAPI"),
        style.measured([], [], [], "measured", MODEL).update(visible=False),
        style.here(1, 1),
    ]
    layout = {
        "xaxis": {"title": {"text": "depth d of the leaf"}, "range": [0.2, DEEPEST + 0.6]},
        "yaxis": {
            "title": {"text": f"leaves that come back, of {KNOWN} known"},
            "range": [-0.04, 1.06],
            "tickformat": ".0%",
            "zeroline": True,
            "zerolinecolor": AXIS,
            "zerolinewidth": 1,
        },
    }
    return LiveFigure(go.Figure(traces, layout))


def terms(depth: int) -> int:
    """Atoms in the sum: the leaf, and its siblings at each level."""
    return SIBLINGS * depth + 1


@lru_cache(maxsize=len(DIMS))
def law(dim: int) -> list[float]:
    """The share of leaves that orthogonal matrices bring back, by depth."""
    many = [terms(depth) for depth in range(1, DEEPEST + 1)]
    share: list[float] = theory.cleanup_accuracy(MODEL, many, KNOWN, dim=dim).tolist()
    return share


def spread(kind: str, dim: int, steps: int) -> float:
    """Standard deviation of the squared length after some binds; exact for matrices.

    A Gaussian matrix multiplies the squared length by chi-square(D)/D, of variance 2/D.
    """
    return math.sqrt((1 + 2 / dim) ** steps - 1) if kind in ("gaussian", "inverse") else 0.0


def update(kind: str, depth: int, dim: int) -> Any:
    """What both figures show for these settings."""
    steps = range(DEEPEST + 1)
    ends = [(spread(kind, dim, step)) for step in steps]
    high, low = ([math.sqrt(1 + sign * sd) for sd in ends] for sign in (1, -1))
    left = {"± 1 sd": {"y": [*high, *reversed(low)], "visible": kind != "hrr"}}
    right = {
        "theory": {"y": law(dim)},
        "you are here": {"x": [depth], "y": [law(dim)[depth - 1]]},
    }
    layouts = (
        {"title": finding(kind)},
        {"title": f"Orthogonal: {percent(law(dim)[depth - 1])} at depth {depth} (dotted: theory)"},
    )
    return (left, right), layouts, in_words(kind, depth, dim)


def finding(kind: str) -> str:
    """What happens to lengths."""
    if kind in STABLE:
        return "Orthogonal matrices keep every length"
    if kind == "hrr":
        return "Circulants of HRR: lengths run away"
    return "Gaussian matrices: lengths drift apart"


def in_words(kind: str, depth: int, dim: int) -> str:
    """What theory says, in one line."""
    many = terms(depth)
    return (
        f"Expected at D = {dim} and depth {depth} ({many} terms): a leaf keeps a cosine of "
        f"1/√{many} = {many**-0.5:.2f}; orthogonal matrices bring {percent(law(dim)[depth - 1])} "
        f"of the leaves back (approximate), whichever of the three they are."
    )


@lru_cache(maxsize=len(KINDS) * len(DIMS))
def lengths(kind: str, dim: int) -> list[list[float]]:
    """The length of some atoms after 0, 1, 2, … binds, each atom with matrices of its own order."""
    pool, found = operators(kind, dim), []
    for chain in range(CHAINS):
        x = pool.vsa.atoms([f"chain {chain}"]).float()
        x = x / x.norm()
        row = [1.0]
        for i in shuffled(chain, "a chain of matrices", POOL)[:DEEPEST]:
            x = pool.forward(x, i)
            row.append(round(float(x.norm()), 4))
        found.append(row)
    return found


@lru_cache(maxsize=256)
def recalled(kind: str, dim: int, depth: int) -> tuple[float, float, float]:
    """The share of leaves that come back, its standard error over paths, and the mean cosine."""
    pool = operators(kind, dim)
    known = pool.vsa.atoms([f"leaf {i}" for i in range(KNOWN)])
    shares, cosines = [], []
    for path in range(SETS):
        chosen = torch.tensor(shuffled(path, "leaves of a path", KNOWN)[:LEAVES])
        x = known[chosen].float()  # (LEAVES, D)
        keys = [shuffled(64 * path + level, "keys of a level", POOL) for level in range(depth)]
        for level, (own, *others) in enumerate(keys):
            x = pool.forward(x, own)
            for other in others[:SIBLINGS]:
                names = [f"sibling {path} {level} {other} {leaf}" for leaf in range(LEAVES)]
                x = x + pool.forward(pool.vsa.atoms(names), other)
        for own, *_ in reversed(keys):
            x = pool.back(x, own)
        like = torch.nn.functional.normalize(x, dim=-1) @ unit(known).T  # (LEAVES, KNOWN)
        shares.append((like.argmax(-1) == chosen).double().mean())
        cosines.append(like.gather(1, chosen[:, None]).double().mean())
    drawn = torch.stack(shares)
    return (
        float(drawn.mean()),
        float(drawn.std()) / math.sqrt(SETS),
        float(torch.stack(cosines).mean()),
    )


def unit(x: Tensor) -> Tensor:
    """Rows of length 1."""
    return torch.nn.functional.normalize(x.float(), dim=-1)


def measure(progress: Any, kind: str, depth: int, dim: int) -> Any:
    """Chains, and recall at several depths."""
    depths = sorted({*DEPTHS, depth})
    found = []
    for done, at in enumerate(depths):
        progress(done / len(depths))
        found.append(recalled(kind, dim, at))
    shares, errors, cosines = zip(*found, strict=True)
    rows = lengths(kind, dim)
    xs = [x for _ in rows for x in (*range(DEEPEST + 1), None)]
    ys = [y for row in rows for y in (*row, None)]
    place = depths.index(depth)
    left = {"chains": {"x": xs, "y": ys}}
    right = {"measured": {"x": depths, "y": shares, "error_y": {"array": errors}}}
    ends = torch.tensor([row[-1] for row in rows])
    sd = float(ends.std())
    long = f"after {DEEPEST} binds lengths are {float(ends.mean()):.2f} ± {sd:.2f}"
    share = f"{round(100 * shares[place])} % of the leaves come back at depth {depth}"
    exact = "" if errors[place] == 0 else f" ({rounded(shares[place], errors[place])})"
    words = (
        f"{in_words(kind, depth, dim)} Measured for “{KINDS[kind]}”: {long}; {share}{exact}, "
        f"with a cosine of {said(cosines[place], 0.005)}."
    )
    title = f"{TITLES[kind]}: {share}"
    return (left, right), ({}, {"title": title}), words
