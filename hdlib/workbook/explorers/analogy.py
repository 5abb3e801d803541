"""Notebook 00: the dollar of Mexico; dimension, facts and noise decide whether it comes back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import plotly.graph_objects as go
import torch
from torch import Tensor

from hdlib import bits, kernels, theory
from hdlib.vsa import BSC
from hdlib.workbook import style
from hdlib.workbook.colours import AXIS, INK, QUIET
from hdlib.workbook.controls import Select, Slider
from hdlib.workbook.countries import FIELDS, countries, values
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.rounding import rounded

DIMS = tuple(
    2**k for k in range(6, 15)
)  # 64 … 16,384: whole words, so each is a prefix of the next
FROM = "United States"
SHOWN = 8  # candidates in the left figure
TRIALS = 100
MEAN = f"mean of {TRIALS} draws"


@dataclass(frozen=True)
class Question:
    """What is the ``a`` of this country? ``a`` and ``b`` fill the same role in the two records."""

    country: str
    fields: tuple[str, ...]

    @classmethod
    def about(cls, country: str, asked: str, facts: int) -> Question:
        """The field asked about and the next ones, in the house order, ``facts`` in all."""
        others = [field for field in FIELDS if field != asked]
        return cls(country, (asked, *others[: facts - 1]))

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """The values of both countries, field by field."""
        here, there = countries()[FROM], countries()[self.country]
        return [(here[field], there[field]) for field in self.fields]

    @property
    def a(self) -> str:
        return self.pairs[0][0]

    @property
    def b(self) -> str:
        return self.pairs[0][1]

    @cached_property
    def candidates(self) -> list[str]:
        """What may be answered: any value but the one asked with.

        Records that share facts resemble each other, so their mapping resembles the identity and
        echoes the question; analogies leave the question out.
        """
        return [value for value in values() if value != self.a or value == self.b]

    @cached_property
    def right(self) -> int:
        """Place of the right answer among the candidates."""
        return self.candidates.index(self.b)

    @cached_property
    def ids(self) -> Tensor:
        """Of the candidates' atoms."""
        return bits.ids(self.candidates)

    def similarity(self, noise: float) -> float:
        """Of the answer to ``b``, as theory expects it, shared values counted."""
        shared = sum(x == y for x, y in self.pairs[1:])
        return theory.analogy_similarity(
            len(self.fields), shared=shared, same=self.a == self.b, noise=noise
        )


def scores(question: Question, noise: float, dims: tuple[int, ...], seed: int) -> Tensor:
    """Similarity of the answer to every candidate, in one draw: ``-> (dims, candidates)``.

    One record is made, at the largest dimension; a smaller one is its prefix, so one running sum of
    differing bits gives all dimensions.
    """
    vsa = BSC(max(dims), seed=seed)
    roles = vsa.atoms(list(question.fields))
    first, second = (
        vsa.bundle(vsa.bind(vsa.atoms(list(column)), roles))
        for column in zip(*question.pairs, strict=True)
    )
    answer = vsa.bind(first, second, vsa.atoms(question.a), flips(vsa, noise))
    differing = bits.popcount(vsa.atoms(question.ids) ^ answer).cumsum(-1)  # (candidates, W)
    ends = torch.tensor(dims)
    return (1 - 2 * differing[:, ends // 64 - 1] / ends).T


def flips(vsa: BSC, share: float) -> Tensor:
    """A vector whose bits are one with probability ``share``: binding with it flips those bits."""
    words = kernels.words(bits.derive(vsa.seed, "noise"), torch.tensor(0), vsa.dim // 2)
    return bits.pack(bits.uniforms(words) < share)


def lead(row: Tensor, right: int) -> float:
    """By how much the right value's score exceeds the best of the others."""
    others = row.clone()
    others[right] = -2
    return float(row[right] - others.max())


def explore_analogy(country: str = "Mexico", asked: str = "currency") -> Explorer:
    """The card of notebook 00, shown as the last line of a cell. Taught in notebook 00.

    >>> card = explore_analogy()
    >>> card.controls["dim"].value = 256
    >>> card.words.split(",")[0]
    'At D = 256 with 3 facts in each record'
    """
    controls = {
        "country": Select("country", [name for name in countries() if name != FROM], country),
        "asked": Select("asked about", list(FIELDS), asked),
        "facts": Slider("facts in a record", 3, min=1, max=len(FIELDS)),
        "dim": Slider("dimension D", 1024, values=DIMS),
        "noise": Slider("bits flipped", 0, min=0, max=45, unit="%"),
    }
    return Explorer(
        "find the smallest dimension at which the answer is safe; then add facts, or noise, "
        "and save it again.",
        controls,
        (candidates_figure(), margin_figure()),
        update,
        slow=measure,
    )


def candidates_figure() -> LiveFigure:
    """The best candidates, a dot each, beside what theory expects."""
    rows = [-0.6, SHOWN - 0.4]
    luck = go.Scatter(
        x=[0, 0], y=rows, name="best wrong", mode="lines", line={"color": QUIET, "width": 2}
    )
    others = go.Scatter(
        name="wrong",
        mode="markers",
        marker={"size": 10, "symbol": "circle-open", "color": QUIET, "line": {"width": 2}},
        hovertemplate="%{x:.3f}<extra></extra>",
    )
    right = go.Scatter(
        name="right",
        mode="markers",
        marker={"size": 13, "symbol": style.SYMBOLS["BSC"], "color": style.COLOURS["BSC"]},
        hovertemplate="%{x:.3f}<extra></extra>",
    )
    layout = {
        "xaxis": {
            "title": {"text": "similarity to the answer"},
            "range": [-0.05, 1.05],
            "zeroline": True,
            "zerolinecolor": AXIS,
            "zerolinewidth": 1,
        },
        "yaxis": {"range": [SHOWN - 0.4, -1.1], "tickvals": list(range(SHOWN))},
    }
    figure = go.Figure(
        [luck, style.exact([0, 0], rows, "right, exact", "BSC"), others, right], layout
    )
    return LiveFigure(figure)


def margin_figure() -> LiveFigure:
    """The lead of the right value against the dimension: theory, one draw, many draws."""
    once = go.Scatter(
        x=DIMS,
        name="this draw",
        mode="markers",
        marker={"size": 6, "symbol": "square-open", "color": style.COLOURS["BSC"], "opacity": 0.7},
        hovertemplate="%{y:.3f} at D = %{x:,}<extra>this draw</extra>",
    )
    layout = {
        "xaxis": style.log_axis("dimension D, bits", DIMS[::2], 1.72, 4.3),
        "yaxis": {
            "title": {"text": "lead over the best wrong value"},
            "zeroline": True,
            "zerolinecolor": AXIS,
            "zerolinewidth": 1,
        },
    }
    traces = [
        style.band(DIMS, [0] * len(DIMS), [0] * len(DIMS), "± 1 sd", "BSC"),
        style.exact(DIMS, [0] * len(DIMS), "expected", "BSC"),
        once,
        style.measured([DIMS[0]], [0], [0], MEAN, "BSC"),
        style.here(DIMS[0], 0),
    ]
    traces[3].visible = False
    return LiveFigure(go.Figure(traces, layout))


@dataclass(frozen=True)
class Reading:
    """Everything the card shows for one setting of its controls: one draw, and theory beside it."""

    question: Question
    dim: int
    noise: int

    @cached_property
    def expected(self) -> float:
        """Similarity of the right value, as theory expects it."""
        return self.question.similarity(self.noise / 100)

    @cached_property
    def drawn(self) -> Tensor:
        """Similarity of every value at every dimension: ``(dims, values)``."""
        return scores(self.question, self.noise / 100, DIMS, seed=0)

    @cached_property
    def row(self) -> Tensor:
        return self.drawn[DIMS.index(self.dim)]

    @cached_property
    def order(self) -> list[int]:
        """All values, the most similar first."""
        places: list[int] = self.row.sort(descending=True, stable=True).indices.tolist()
        return places

    @property
    def won(self) -> bool:
        return self.order[0] == self.question.right

    @property
    def best_wrong(self) -> str:
        return self.question.candidates[self.order[1] if self.won else self.order[0]]

    @cached_property
    def leads(self) -> list[float]:
        """Lead of the right value at every dimension, in this draw."""
        return [lead(row, self.question.right) for row in self.drawn]

    @cached_property
    def theory(self) -> list[tuple[float, float]]:
        """The same as theory expects it: mean and standard deviation."""
        return [theory.margin(dim, self.expected, len(self.question.candidates)) for dim in DIMS]

    @property
    def here(self) -> tuple[float, float, float]:
        """Lead at this dimension: this draw's, its mean, its standard deviation."""
        at = DIMS.index(self.dim)
        return self.leads[at], *self.theory[at]


def update(country: str, asked: str, facts: int, dim: int, noise: int) -> Any:
    """What both figures show for these settings."""
    reading = Reading(Question.about(country, asked, facts), dim, noise)
    (left, left_layout), (right, right_layout) = candidates(reading), margins(reading)
    return (left, right), (left_layout, right_layout), in_words(reading)


def candidates(reading: Reading) -> tuple[dict[str, Any], dict[str, Any]]:
    """Traces and layout of the left figure."""
    shown = reading.order[:SHOWN]
    if reading.question.right not in shown:
        shown = [*shown[:-1], reading.question.right]
    row, right, expected = (
        reading.row[shown].tolist(),
        shown.index(reading.question.right),
        reading.expected,
    )
    luck, _ = theory.best_unrelated(reading.dim, len(reading.question.candidates) - 1)
    wrong = [y for y in range(SHOWN) if y != right]
    traces = {
        "best wrong": {"x": [luck, luck]},
        "right, exact": {"x": [expected, expected]},
        "wrong": {"x": [row[y] for y in wrong], "y": wrong},
        "right": {"x": [row[right]], "y": [right]},
    }
    name = f"The {reading.question.a} of {reading.question.country}"
    names = [
        short(reading.question.candidates[i]) + " ✓" * (i == reading.question.right) + "  "
        for i in shown
    ]
    layout = {
        "title": f"{name}: {reading.question.b}" if reading.won else f"{name} is lost",
        "xaxis": {"range": [min(-0.1, min(row) - 0.05), 1.05]},
        "yaxis": {"ticktext": names},
        "annotations": heads(expected, luck),
    }
    return traces, layout


def heads(expected: float, luck: float) -> list[dict[str, Any]]:
    """The names of the two vertical lines, outside of the gap between them."""
    sides = ("left", "right") if luck < expected else ("right", "left")
    return [mark(luck, "best wrong", sides[1]), mark(expected, "right, exact", sides[0])]


def margins(reading: Reading) -> tuple[dict[str, Any], dict[str, Any]]:
    """Traces and layout of the right figure."""
    low, high = ([m + sign * sd for m, sd in reading.theory] for sign in (-1, 1))
    now, mean, sd = reading.here
    means = [m for m, _ in reading.theory]
    traces = {
        "± 1 sd": {"y": [*high, *reversed(low)]},
        "expected": {"y": means},
        "this draw": {"y": reading.leads},
        "you are here": {"x": [reading.dim], "y": [now]},
    }
    ends = min(-0.1, *low, *reading.leads) - 0.05, max(0.3, *high, *reading.leads) + 0.05
    layout = {
        "title": f"Its lead: {now:+.2f}, expected {mean:+.2f} ± {sd:.2f}",
        "yaxis": {"range": ends},
        "annotations": [curve_name("exact, ± 1 sd", means[-1])],
    }
    return traces, layout


def curve_name(text: str, y: float) -> dict[str, Any]:
    """A word below the right end of the curve."""
    end = {"x": math.log10(DIMS[-1]), "y": y, "xanchor": "right", "yanchor": "top", "yshift": -12}
    return {**end, "text": text, "showarrow": False, "font": {"size": 12, "color": INK}}


def in_words(reading: Reading) -> str:
    """What the figures show, in one line."""
    question, dim, mean = reading.question, reading.dim, reading.expected
    now, facts = reading.here[0], len(question.fields)
    sure = theory.recognition(dim, mean, len(question.candidates))
    noise = f"{reading.noise} % of its bits flipped" if reading.noise else "no noise"
    expected = rounded(mean, ((1 - mean**2) / dim) ** 0.5)
    place, score = "leads" if now >= 0 else "trails", float(reading.row[question.right])
    return (
        f"At D = {dim:,} with {facts} fact{'s' * (facts > 1)} in each record, {noise}: "
        f"{question.b} has similarity {score:.3f} (exact {expected}) "
        f"and {place} the best wrong value, {reading.best_wrong}, by {abs(now):.3f}. "
        f"Exact: right in {percent(sure)} of all draws."
    )


def measure(progress: Any, country: str, asked: str, facts: int, dim: int, noise: int) -> Any:
    """The same question for many other draws of all atoms: does the exact form hold?"""
    reading = Reading(Question.about(country, asked, facts), dim, noise)
    leads, won = [], 0
    for trial in range(TRIALS):
        progress(trial / TRIALS)
        row = scores(reading.question, noise / 100, (dim,), seed=1 + trial)[0]
        leads.append(lead(row, reading.question.right))
        won += int(row.sort(descending=True, stable=True).indices[0]) == reading.question.right
    drawn = torch.tensor(leads)
    mean, stderr = float(drawn.mean()), float(drawn.std()) / TRIALS**0.5
    point = {MEAN: {"x": [dim], "y": [mean], "error_y": {"array": [stderr]}}}
    found = f"In {TRIALS} other draws: {won} right, lead {rounded(mean, stderr)}."
    return ({}, point), ({}, {}), f"{in_words(reading)} {found}"


def mark(x: float, text: str, side: str) -> dict[str, Any]:
    """A word at the head of a vertical line."""
    anchor = "left" if side == "left" else "right"
    return {
        "x": x,
        "y": -0.85,
        "text": text,
        "showarrow": False,
        "xanchor": anchor,
        "xshift": 5 if anchor == "left" else -5,
        "font": {"size": 12, "color": INK},
    }


def short(value: str, most: int = 24) -> str:
    """A value that fits beside the axis."""
    return value if len(value) <= most else value[: most - 1].rstrip() + "…"


def percent(share: float) -> str:
    """A probability with the digits that matter near 0 and 1.

    >>> percent(0.5), percent(0.9994), percent(1 - 1e-9)
    ('50 %', '99.94 %', 'more than 99.99 %')
    """
    if share > 0.9999:
        return "more than 99.99 %"
    if share < 0.0001:
        return "less than 0.01 %"
    far = min(share, 1 - share)
    return f"{share:.2%}".replace("%", " %") if far < 0.01 else f"{share:.0%}".replace("%", " %")
