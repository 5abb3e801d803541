"""Notebook 01: how many nearly orthogonal vectors fit, and how few of them a bundle can hold."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import plotly.graph_objects as go
import torch

from hdlib import theory
from hdlib.theory.orthogonality import Floats
from hdlib.vsa import BSC
from hdlib.workbook import style
from hdlib.workbook.colours import AXIS, QUIET
from hdlib.workbook.controls import Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.analogy import percent
from hdlib.workbook.explorers.similarity import digits, note
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.rounding import rounded

DIMS = tuple(2**k for k in range(6, 13))  # 64 … 4,096
SIZES = tuple(2**k for k in range(1, 11))  # 2 … 1,024 atoms
AXIS_DIMS = np.arange(128, 4097, 128)
BOOKS = 20
MEASURED = f"mean of {BOOKS} codebooks"
FAILURE = 0.01  # what the bounds may fail in
CANDIDATES, SURE = 1000, 0.99  # when a bundle counts as holding its members


@functools.lru_cache(maxsize=64)
def largest(dim: int, seed: int) -> Floats:
    """The largest |similarity| among the first n atoms, for n = 1 … 1,024: ``-> (1024,)``.

    A codebook grows by its next atom, so one draw serves every size.
    """
    vsa = BSC(dim, seed=seed)
    atoms = vsa.atoms(torch.arange(SIZES[-1]))
    newcomers = vsa.similarity(atoms, atoms).abs().tril_(-1).amax(-1)  # with all before it
    grown: Floats = newcomers.cummax(0).values.double().numpy()
    return grown


@functools.lru_cache(maxsize=1)
def bundle_sizes() -> Floats:
    """The most members of a majority bundle of which each is recognised, at each of AXIS_DIMS.

    Recognised among 1,000 candidates in 99 % of all draws: exact, by the binomial law. A bundle has
    an odd number of members.
    """
    sizes, n = [], 1
    for dim in AXIS_DIMS:
        while holds(int(dim), n + 2):
            n += 2
        sizes.append(float(n))
    return np.array(sizes)


def holds(dim: int, n: int) -> bool:
    """Whether a majority of n still tells each member from 999 strangers, 99 times in 100."""
    return theory.recognition(dim, float(theory.majority_agreement(n)), CANDIDATES) >= SURE


@dataclass(frozen=True)
class Reading:
    """All that the card shows for one setting."""

    dim: int
    n: int
    eps: float

    @cached_property
    def drawn(self) -> Floats:
        """The largest |similarity| of this draw, for each of SIZES."""
        return np.asarray(largest(self.dim, 0)[np.array(SIZES) - 1])

    @property
    def here(self) -> float:
        return float(self.drawn[SIZES.index(self.n)])

    @cached_property
    def expected(self) -> Floats:
        return expected(self.dim)

    @cached_property
    def chance(self) -> float:
        """That all pairs stay below the tolerance."""
        return float(theory.all_separated(self.dim, self.n, self.eps, model="BSC"))

    @cached_property
    def fit(self) -> float:
        """How many fit with probability 1/2."""
        size = theory.codebook_size(self.dim, self.eps, failure=0.5, method="independent")
        return float(size)

    @cached_property
    def sure(self) -> float:
        """How many fit with probability 99 %, by the union of exact tails."""
        return float(theory.codebook_size(self.dim, self.eps, failure=FAILURE))


@functools.lru_cache(maxsize=64)
def expected(dim: int) -> Floats:
    """The mean of the largest |similarity|, for each of SIZES."""
    return np.array([theory.largest_similarity(dim, n, model="BSC") for n in SIZES])


def bound(dim: int) -> Floats:
    """What the largest |similarity| stays below 99 times in 100, by Hoeffding's inequality."""
    n = np.array(SIZES, dtype=float)
    return np.asarray(np.minimum(1.0, np.sqrt(2 * np.log(n * (n - 1) / FAILURE) / dim)))


def explore_codebook(dim: int = 512, n: int = 128, eps: float = 0.2) -> Explorer:
    """How many nearly orthogonal vectors fit into D dimensions. Taught in notebook 01.

    >>> explore_codebook().words.split(",")[0]
    '128 atoms of 512 bits'
    """
    controls = {
        "dim": Slider("dimension D", dim, values=DIMS, unit="bits"),
        "n": Slider("atoms in the codebook", n, values=SIZES),
        "eps": Slider("tolerance", eps, min=0.1, max=0.5, step=0.05),
    }
    return Explorer(
        "double the number of atoms and see how little the closest pair moves; then double D, and "
        "read from the right how many atoms fit now.",
        controls,
        (closest_figure(), sizes_figure()),
        update,
        slow=measure,
    )


def closest_figure() -> LiveFigure:
    """The largest similarity in a codebook against its size."""
    blank = [0.0] * len(SIZES)
    tolerance = go.Scatter(
        x=[1.6, SIZES[-1]],
        y=[0, 0],
        name="tolerance",
        mode="lines",
        line={"color": QUIET, "width": 1.5},
        hoverinfo="skip",
    )
    once = go.Scatter(
        x=SIZES,
        y=blank,
        name="this draw",
        mode="markers",
        marker={"size": 6, "symbol": "square-open", "color": style.COLOURS["BSC"], "opacity": 0.7},
        hovertemplate="%{y:.3f} among %{x:,}<extra>this draw</extra>",
    )
    traces = [
        tolerance,
        style.sufficient(SIZES, blank, "bound", "BSC"),
        style.approximate(SIZES, blank, "expected", "BSC"),
        once,
        style.measured(SIZES, blank, blank, MEASURED, "BSC"),
        style.here(SIZES[0], 0),
    ]
    traces[4].visible = False
    traces[4].marker.size = 7
    layout = {
        "xaxis": style.log_axis("atoms in the codebook, N", SIZES[1::2], 0.2, 3.12),
        "yaxis": {"title": {"text": "largest |similarity| of a pair"}},
    }
    return LiveFigure(go.Figure(traces, layout))


def sizes_figure() -> LiveFigure:
    """How many vectors fit against the dimension: a straight line here is an exponential."""
    blank = [1.0] * len(AXIS_DIMS)
    everything = go.Scatter(
        x=[0, 1],
        y=[1, 2],
        name="2^D",
        mode="lines",
        line={"color": AXIS, "width": 2},
        hoverinfo="skip",
    )
    traces = [
        everything,
        style.approximate(AXIS_DIMS, blank, "half of all codebooks", "BSC"),
        style.sufficient(AXIS_DIMS, blank, "simple bound", "BSC"),
        style.exact(AXIS_DIMS, bundle_sizes(), "members of a bundle"),
        style.measured([DIMS[0]], [1], [0], "atoms until one is too close", "BSC"),
        style.here(DIMS[0], 1),
    ]
    traces[4].visible = False
    layout = {
        "xaxis": {"title": {"text": "dimension D, bits"}, "range": [0, 4250], "nticks": 5},
        "yaxis": {
            "type": "log",
            "title": {"text": "how many vectors"},
        },
    }
    return LiveFigure(go.Figure(traces, layout))


def update(dim: int, n: int, eps: float) -> Any:
    """What both figures show for these settings."""
    reading = Reading(dim, n, eps)
    (left, left_layout), (right, right_layout) = closest(reading), sizes(reading)
    return (left, right), (left_layout, right_layout), in_words(reading)


def closest(reading: Reading) -> tuple[dict[str, Any], dict[str, Any]]:
    """Traces and layout of the left figure."""
    limit = bound(reading.dim)
    traces = {
        "tolerance": {"y": [reading.eps, reading.eps]},
        "bound": {"y": limit},
        "expected": {"y": reading.expected},
        "this draw": {"y": reading.drawn},
        "you are here": {"x": [reading.n], "y": [reading.here]},
    }
    top = 1.38 * max(reading.eps, float(limit[-1]), float(reading.drawn.max()))
    verdict = "within" if reading.here < reading.eps else "beyond"
    layout = {
        "title": f"Closest of {reading.n:,}: {reading.here:.3f}, {verdict} {reading.eps:g}",
        "yaxis": {"range": [0, top]},
        "annotations": [
            note(0.25, reading.eps, "tolerance", "left", yshift=9),
            note(0.25, 0.95 * top, "- - sufficient, 99 % sure"),
            note(0.25, 0.87 * top, "··· expected, approximate"),
        ],
    }
    return traces, layout


def sizes(reading: Reading) -> tuple[dict[str, Any], dict[str, Any]]:
    """Traces and layout of the right figure."""
    half, sure = curves(reading.eps)
    top = max(6.0, 1.12 * float(np.log10(half[-1])))
    steep = top / math.log10(2)  # where 2^D leaves the figure
    traces = {
        "2^D": {"x": [0, steep], "y": [1, 10.0**top]},
        "half of all codebooks": {"y": half},
        "simple bound": {"y": sure},
        "you are here": {"x": [reading.dim], "y": [reading.fit]},
    }
    held = bundle_sizes()[-1]
    layout = {
        "title": f"About {count(reading.fit)} nearly orthogonal vectors fit",
        "yaxis": {"range": [0, top], **powers(top)},
        "annotations": [
            note(steep, 0.95 * top, "2<sup>D</sup>: all there are", xshift=8),
            note(steep, 0.86 * top, "··· fit, approximate", xshift=8),
            note(steep, 0.77 * top, "- - fit, sufficient", xshift=8),
            note(AXIS_DIMS[-1], math.log10(held), "members of a bundle, exact", "right", yshift=11),
        ],
    }
    return traces, layout


def powers(top: float) -> dict[str, Any]:
    """Ticks at powers of ten, five or so.

    >>> powers(12)["ticktext"]
    ['1', '10<sup>3</sup>', '10<sup>6</sup>', '10<sup>9</sup>', '10<sup>12</sup>']
    """
    steps = range(0, math.floor(top) + 1, max(1, math.ceil(top / 5)))
    names = [f"10<sup>{step}</sup>" if step else "1" for step in steps]
    return {"tickvals": [10.0**step for step in steps], "ticktext": names}


@functools.lru_cache(maxsize=64)
def curves(eps: float) -> tuple[Floats, Floats]:
    """How many fit, at each of AXIS_DIMS: in half of all codebooks, and by the simple bound."""
    return (
        theory.codebook_size(AXIS_DIMS, eps, failure=0.5, method="independent"),
        theory.codebook_size(AXIS_DIMS, eps, failure=FAILURE, method="hoeffding"),
    )


def in_words(reading: Reading) -> str:
    """What the figures show, in one line."""
    dim, n = reading.dim, reading.n
    mean = float(reading.expected[SIZES.index(n)])
    held = bundle_size(dim)
    return (
        f"{n:,} atoms of {dim:,} bits, {n * (n - 1) // 2:,} pair{'s' * (n > 2)}: the largest "
        f"|similarity| is {reading.here:.3f} (expected {digits(mean)}). All pairs stay below "
        f"{reading.eps:g} in {percent(reading.chance)} of all codebooks. Up to "
        f"{atoms(reading.sure)} 99 times in 100, {count(reading.fit)} in half of all "
        f"codebooks; one bundle holds {held}."
    )


@functools.lru_cache(maxsize=64)
def bundle_size(dim: int) -> int:
    """The most members that a bundle of this dimension holds (see ``bundle_sizes``)."""
    n = 1
    while holds(dim, n + 2):
        n += 2
    return n


def measure(progress: Any, dim: int, n: int, eps: float) -> Any:
    """Other codebooks: their closest pairs, and when the first pair is too close."""
    reading, found, broken = Reading(dim, n, eps), [], []
    for book in range(BOOKS):
        progress(book / BOOKS)
        grown = largest(dim, 1 + book)
        found.append(grown[np.array(SIZES) - 1])
        beyond = np.flatnonzero(grown >= eps - 1e-6)
        broken.append(float(beyond[0]) if len(beyond) else math.inf)  # atoms before one too close
    errors = np.std(found, 0, ddof=1) / math.sqrt(BOOKS)
    left = {MEASURED: {"y": np.mean(found, 0), "error_y": {"array": errors}}}
    at = SIZES.index(n)
    mean = rounded(float(np.mean(found, 0)[at]), float(errors[at]))
    said = f"{BOOKS} other codebooks: {mean}"
    right: dict[str, Any] = {}
    broken.sort()
    low, high = broken[BOOKS // 2 - 3], broken[BOOKS // 2 + 2]  # ranks: the median ± 1 sd
    if high < math.inf:
        middle, stderr = float(np.median(broken)), (high - low) / 2
        point = {"x": [dim], "y": [middle], "error_y": {"array": [stderr]}}
        right = {"atoms until one is too close": point}
        said += f"; half of them took {rounded(middle, stderr)} atoms before one came too close"
    else:
        none = broken.count(math.inf)
        said += f"; {none} of them kept all {SIZES[-1]:,} atoms apart"
    return (left, right), ({}, {}), f"{in_words(reading)} {said}."


def atoms(n: float) -> str:
    """So many atoms stay below a tolerance.

    >>> atoms(1), atoms(64)
    ('1 atom does so', '64 atoms do so')
    """
    return f"{count(n)} atoms do so" if n > 1 else "1 atom does so"


def count(n: float) -> str:
    """A number of vectors, large ones as a power of ten.

    >>> count(7659), count(3.2e17)
    ('7,659', '3·10¹⁷')
    """
    if n < 1e6:
        return f"{n:,.0f}"
    power = math.floor(math.log10(n))
    lead = round(n / 10.0**power)
    raised = str(power + (lead == 10)).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{1 if lead == 10 else lead}·10{raised}"
