"""Notebook 04: the scores of members and of strangers, and the threshold between them."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import plotly.graph_objects as go
import torch
from torch import Tensor

from hdlib import theory
from hdlib.theory.membership import membership_test
from hdlib.theory.orthogonality import Floats
from hdlib.vsa import VSA
from hdlib.workbook import style
from hdlib.workbook.colours import QUIET
from hdlib.workbook.controls import Select, Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.similarity import note
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.models import for_words, space
from hdlib.workbook.rounding import rounded

MODELS = ("MAPI", "MAPB", "BSC", "SBC", "HRR", "FHRR")
SIZES = (1, 2, 3, 4, 5, 7, 10, 15, 21, 31, 50, 71, 101)
DIMS = (64, 128, 256, 512, 1024, 2048, 4096)
SHARES = np.arange(0, 1.001, 0.025)  # thresholds in units of what a member keeps
POINTS = (0.2, 0.35, 0.5, 0.65, 0.8)  # where errors are measured
BUNDLES = 100
CHANCES = {  # a logarithmic axis of probabilities
    "type": "log",
    "tickvals": [1, 0.1, 0.01, 1e-3, 1e-4, 1e-5, 1e-6],
    "ticktext": ["1", "0.1", "0.01", "10⁻³", "10⁻⁴", "10⁻⁵", "10⁻⁶"],
}
FLOOR = 1e-6  # of the right axis
NORMS = {"MAPI": lambda d: d, "FHRR": lambda d: d, "HRR": lambda d: 1}  # mean a · a of an atom


@dataclass(frozen=True)
class Reading:
    """All that the card shows for one setting, by theory."""

    model: str
    n: int
    dim: int
    share: float

    @cached_property
    def kept(self) -> float:
        """A member's mean score."""
        return float(membership_test(self.model, self.n, self.dim).kept)

    @cached_property
    def spreads(self) -> tuple[float, float]:
        """Standard deviations of a member's and of a stranger's score."""
        test = membership_test(self.model, self.n, self.dim)
        member, stranger = (
            math.sqrt(float(law.variance)) / float(test.scale)
            for law in (test.member, test.stranger)
        )
        return member, stranger

    @cached_property
    def lead(self) -> float:
        """d′, the distance of the means in standard deviations."""
        return self.kept / math.sqrt(sum(sd * sd for sd in self.spreads) / 2)

    def errors(self, share: Any) -> tuple[Any, Any]:
        """False positives and negatives at thresholds in units of what a member keeps."""
        n, dim, at = self.n, self.dim, np.asarray(share) * self.kept
        return (
            theory.false_positive(self.model, n, dim=dim, threshold=at),
            theory.false_negative(self.model, n, dim=dim, threshold=at),
        )


@functools.lru_cache(maxsize=256)
def curves(model: str, n: int, dim: int) -> tuple[Floats, Floats]:
    """Both errors over all thresholds."""
    positive, negative = Reading(model, n, dim, 0.5).errors(SHARES)
    return np.maximum(positive, 1e-300), np.maximum(negative, 1e-300)


@functools.lru_cache(maxsize=256)
def edges(model: str, n: int, dim: int) -> Floats:
    """The ends of some forty bars, each with the same number of possible scores."""
    reading = Reading(model, n, dim, 0.5)
    test, (_, spread) = membership_test(model, n, dim), reading.spreads
    low, high = -4 * spread, reading.kept + 4 * max(reading.spreads)
    scale = float(test.scale)
    step, start = test.stranger.step / scale, float(np.asarray(test.stranger.start)) / scale
    start -= float(test.stranger.mean) / scale
    width = (high - low) / 44
    if not step:
        return np.arange(low, high, width)
    together = max(1, round(width / step))
    first = start + step * (math.floor((low - start) / step) - 0.5)
    return np.arange(first, high, together * step)


@functools.lru_cache(maxsize=256)
def masses(model: str, n: int, dim: int) -> tuple[Floats, Floats]:
    """The share of scores in each bar, of members and of strangers, by the exact law."""
    ends = edges(model, n, dim)
    above = theory.false_positive(model, n, dim=dim, threshold=ends)
    below = theory.false_negative(model, n, dim=dim, threshold=ends)
    return np.diff(below), -np.diff(above)


def scores(vsa: VSA, bundle: Tensor, atoms: Tensor) -> Tensor:
    """The test's score: ``(B, W), (B, k, W) -> (B, k)``; a product for sums, else similarity."""
    name = type(vsa).__name__
    if name not in NORMS:
        return vsa.similarity(bundle.unsqueeze(-2), atoms)[:, 0]
    kind = torch.complex64 if bundle.is_complex() else torch.float32
    products = bundle.to(kind).unsqueeze(-2) * atoms.to(kind).conj()
    found: Tensor = products.sum(-1).real / NORMS[name](vsa.dim)
    return found


@functools.lru_cache(maxsize=64)
def drawn(model: str, n: int, dim: int) -> tuple[Floats, Floats]:
    """Scores of members and of strangers, a row a bundle."""
    vsa = space(model, dim, seed=40 + n)
    own, other = [], []
    for _ in range(10):
        members, strangers = vsa.random(BUNDLES // 10, n), vsa.random(BUNDLES // 10, 20)
        sums = vsa.bundle(members)
        own.append(scores(vsa, sums, members[:, :20]))
        other.append(scores(vsa, sums, strangers))
    return tuple(torch.cat(rows).double().numpy() for rows in (own, other))  # type: ignore[return-value]


def explore_membership(model: str = "MAPI", n: int = 50, dim: int = 1024) -> Explorer:
    """Members against strangers: two histograms and a threshold. Taught in notebook 04.

    >>> card = explore_membership()
    >>> card.words.split(";")[0]
    'MAPI, n = 50 in D = 1,024: members score 1.00 ± 0.22, strangers 0 ± 0.22'
    """
    controls = {
        "model": Select("model", list(MODELS), model),
        "n": Slider("bundle size n", n, values=SIZES, unit="items"),
        "dim": Slider("dimension D", dim, values=DIMS),
        "share": Slider("threshold", 0.5, min=0, max=1, step=0.05, unit="of the mean"),
    }
    return Explorer(
        "double D until the hills part; then ask MAPB, and see where its members are.",
        controls,
        (hills_figure(), errors_figure()),
        update,
        slow=measure,
    )


def hills_figure() -> LiveFigure:
    """Two hills, exact over samples, and what of them lies on the wrong side."""
    wrong = {"mode": "lines", "fill": "tozeroy", "line": {"width": 0, "shape": "hvh"}}
    traces = [
        style.samples([0], [0], "members, drawn", "MAPI"),
        style.samples([0], [0], "strangers, drawn", None),
        go.Scatter(x=[0], y=[0], name="missed", meta="exact", hoverinfo="skip", **wrong),
        go.Scatter(x=[0], y=[0], name="false alarms", meta="exact", hoverinfo="skip", **wrong),
        style.exact([0], [0], "members", "MAPI"),
        style.exact([0], [0], "strangers", None),
        go.Scatter(
            x=[0, 0],
            y=[0, 1],
            name="threshold",
            meta="here",
            mode="lines",
            line={"color": style.INK, "width": 1.5},
            hoverinfo="skip",
        ),
    ]
    traces[1].marker.color = traces[5].line.color = QUIET
    traces[2].fillcolor, traces[3].fillcolor = "rgba(213,94,0,0.5)", "rgba(90,90,90,0.5)"
    for bars in traces[:2]:
        bars.visible = False
    layout = {
        "xaxis": {"title": {"text": "score: product with the item"}},
        "yaxis": {"title": {"text": "share in a bar"}, "tickformat": ".0%"},
    }
    return LiveFigure(go.Figure(traces, layout))


def errors_figure() -> LiveFigure:
    """Both errors against the threshold."""
    blank = [0.5] * len(SHARES)
    traces = [
        style.exact(SHARES, blank, "a member is missed", "MAPI"),
        style.exact(SHARES, blank, "a stranger passes", None),
        style.measured([], [], [], "missed, measured", "MAPI"),
        style.measured([], [], [], "passes, measured", None),
        style.here(0.5, 0.5),
    ]
    traces[1].line.color = traces[3].marker.color = traces[3].error_y.color = QUIET
    traces[3].marker.line.color = QUIET
    traces[3].marker.symbol = "square-open"
    for points in traces[2:4]:
        points.visible = False
    layout = {
        "xaxis": {
            "title": {"text": "threshold, in units of a member's mean"},
            "range": [-0.02, 1.02],
        },
        "yaxis": {
            **CHANCES,
            "title": {"text": "chance of a wrong answer"},
            "range": [math.log10(FLOOR), 1.0],
        },
    }
    return LiveFigure(go.Figure(traces, layout))


def update(model: str, n: int, dim: int, share: float) -> Any:
    """What both figures show for these settings."""
    reading = Reading(model, n, dim, share)
    (left, left_layout), (right, right_layout) = hills(reading), errors(reading)
    return (left, right), (left_layout, right_layout), in_words(reading)


def hills(reading: Reading) -> tuple[dict[str, Any], dict[str, Any]]:
    """Traces and layout of the left figure."""
    key = reading.model, reading.n, reading.dim
    ends, (own, other) = edges(*key), masses(*key)
    middles, at = (ends[:-1] + ends[1:]) / 2, reading.share * reading.kept
    top = 1.3 * float(max(own[own < 0.9].max(initial=0.01), other.max()))
    colour = style.COLOURS[reading.model]
    left, right = middles < at, middles >= at
    traces = {
        "members": {"x": middles, "y": own, "line": {"color": colour}},
        "strangers": {"x": middles, "y": other},
        "missed": {"x": middles[left], "y": own[left], "fillcolor": faint(colour)},
        "false alarms": {"x": middles[right], "y": other[right]},
        "threshold": {"x": [at, at], "y": [0, top]},
    }
    kind = "product with the item / D" if reading.model in NORMS else "similarity to the item"
    layout = {
        "title": f"Members at {reading.kept:.2f}, strangers at 0: {reading.lead:.1f} apart (d′)",
        "xaxis": {"range": [ends[0], ends[-1]], "title": {"text": f"score: {kind}"}},
        "yaxis": {"range": [0, top]},
        "annotations": [
            note(0, 0.95 * top, "strangers, exact", "center"),
            note(min(reading.kept, float(ends[-1])), 0.87 * top, "members, exact", "center"),
        ],
    }
    return traces, layout


def faint(colour: str) -> str:
    """The colour, half transparent."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.5)"


def errors(reading: Reading) -> tuple[dict[str, Any], dict[str, Any]]:
    """Traces and layout of the right figure."""
    positive, negative = curves(reading.model, reading.n, reading.dim)
    here = [float(each) for each in reading.errors(reading.share)]
    worse = max(here)
    colour = {"color": style.COLOURS[reading.model]}
    traces = {
        "a member is missed": {"y": negative, "line": colour},
        "a stranger passes": {"y": positive},
        "you are here": {"x": [reading.share], "y": [max(worse, FLOOR)]},
    }
    layout = {
        "title": f"At {reading.share:.2f} the worse error is {chance(worse)}",
        "annotations": [
            note(0, 0.8, "— a stranger passes, exact"),
            {
                **note(0, 0.4, "— a member is missed, exact"),
                "font": {"size": 12, "color": for_words(style.COLOURS[reading.model])},
            },
        ],
    }
    return traces, layout


def chance(p: float) -> str:
    """A probability with two digits.

    >>> chance(0.01282), chance(3.2e-9), chance(0)
    ('1.3 %', '3.2·10⁻⁹', '0')
    """
    if p >= 0.9995:
        return "100 %"
    if p >= 1e-4:
        return f"{100 * p:.2g} %"
    if p < 1e-300:
        return "0"
    mantissa, power = f"{p:.1e}".split("e")
    return f"{mantissa}·10{str(int(power)).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}"


def in_words(reading: Reading) -> str:
    """What the figures show, in one line."""
    own, other = reading.spreads
    positive, negative = (float(each) for each in reading.errors(reading.share))
    return (
        f"{reading.model}, n = {reading.n} in D = {reading.dim:,}: members score "
        f"{reading.kept:.2f} ± {own:.2f}, strangers 0 ± {other:.2f}; d′ = {reading.lead:.2f}. From "
        f"{reading.share * reading.kept:.2f} on the answer is yes: a stranger passes in "
        f"{chance(positive)}, a member is missed in {chance(negative)} (both exact)."
    )


def measure(progress: Any, model: str, n: int, dim: int, share: float) -> Any:
    """Histograms and errors of drawn bundles."""
    progress(0.1)
    own, other = drawn(model, n, dim)
    ends, kept = edges(model, n, dim), Reading(model, n, dim, share).kept
    middles, width = (ends[:-1] + ends[1:]) / 2, 0.94 * (ends[1] - ends[0])
    left = {
        name: {"x": middles, "y": np.histogram(rows, ends)[0] / rows.size, "width": width}
        for name, rows in (("members, drawn", own), ("strangers, drawn", other))
    }
    left["members, drawn"]["marker"] = {"color": style.COLOURS[model]}
    right, said = {}, []
    for name, rows, sign in (("missed, measured", own, -1), ("passes, measured", other, 1)):
        shares = np.array(
            [((rows >= at * kept - 1e-9) == (sign > 0)).mean(1) for at in (*POINTS, share)]
        )
        means, stderr = shares.mean(1), shares.std(1, ddof=1) / math.sqrt(shares.shape[1])
        seen = means[:-1] > 0
        right[name] = {
            "x": np.array(POINTS)[seen],
            "y": means[:-1][seen],
            "error_y": {"array": stderr[:-1][seen]},
        }
        found = (
            f"{rounded(100 * means[-1], 100 * stderr[-1])} %" if stderr[-1] else f"{means[-1]:.0%}"
        )
        said.append(found)
    words = f"Measured over {BUNDLES} bundles: passes {said[1]}, missed {said[0]}."
    reading = Reading(model, n, dim, share)
    return (left, right), ({}, {}), f"{in_words(reading)} {words}"
