"""Notebook 07: what HyperSeg's curve measures, and what becomes of it with independent words."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go

from hdlib.segment import HyperSeg, boundaries_of, expected_cosines, words
from hdlib.segment.hyperseg import minima, numbered
from hdlib.segment.segmentation import Array, Gaps
from hdlib.workbook import style
from hdlib.workbook.colours import ACCENT
from hdlib.workbook.controls import Select, Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers import talks
from hdlib.workbook.explorers.similarity import note
from hdlib.workbook.figure import LiveFigure

DIMS = (256, 1024, 4096, 10_000)
CLOSED, TABLE = "closed form", "words"
CONTENT = {
    "spoken": "as spoken",
    "fresh": "no word comes twice",
    "equal": "… and all lengths equal",
}
MOST = 48  # words in the table
SIGNS = {"published": "above: as published", "fixed": "below: sign fixed"}


def explore_hyperseg(talk: str = "service-en-19", basis: str = "circular") -> Explorer:
    """HyperSeg's similarity and its closed form, with and without its circle of words.

    Taught in notebook 07.

    >>> explore_hyperseg(basis="random").words.split(";")[0]
    'Independent words: the curve is flat at 0.02 ± 0.06'
    """
    controls = {
        "talk": Select("dialogue", talks.SHOWN, talk),
        "basis": Select(
            "word vectors", {"circular": "on a circle", "random": "independent"}, basis
        ),
        "content": Select("what is said", CONTENT),
        "sign": Select("minima that count", SIGNS),
        "dim": Slider("dimension D", 10_000, values=DIMS),
    }
    return Explorer(
        "swap the circle for independent words. Then go back to the circle, and take away all "
        "repetition, and last the lengths: what was it that the curve measured?",
        controls,
        (curve_figure(), table_figure()),
        update,
    )


def curve_figure() -> LiveFigure:
    """Similarities of neighbours, the closed form dotted over them."""
    closed = style.approximate([], [], CLOSED)
    closed.update(line={"color": style.COLOURS["BSC"], "width": 2.5})
    return talks.figure("similarity of neighbours", (-0.35, 1.05), [closed])


def table_figure() -> LiveFigure:
    """How alike the first words are."""
    table = go.Heatmap(
        name=TABLE,
        meta="table",
        zmin=-1,
        zmax=1,
        colorscale=[[0, style.COLOURS["BSC"]], [0.5, "rgba(127,127,127,0.05)"], [1, ACCENT]],
        colorbar={"title": {"text": "cosine"}, "thickness": 12, "tickvals": [-1, 0, 1]},
        hovertemplate="words %{x} and %{y}: %{z:.2f}<extra></extra>",
    )
    layout = {
        "xaxis": {"title": {"text": "word, in order of first appearance"}, "nticks": 6},
        "yaxis": {"autorange": "reversed", "nticks": 6, "showgrid": False},
    }
    return LiveFigure(go.Figure([table], layout))


@lru_cache(maxsize=64)
def said(talk: str, content: str) -> tuple[Array, list[list[int]]]:
    """Utterances that keep a word, and the numbers of their words, perhaps with others put in."""
    kept, ids = numbered(talks.shipped()[talk]["utterances"], words.stop_words())
    if content == "spoken":
        return kept, ids
    sizes = [len(row) for row in ids]
    if content == "equal":
        sizes = [round(float(np.mean(sizes)))] * len(sizes)
    starts = np.cumsum([0, *sizes]).tolist()
    return kept, [list(range(a, a + n)) for a, n in zip(starts, sizes, strict=False)]


@lru_cache(maxsize=256)
def curve(talk: str, basis: str, content: str, dim: int) -> Array:
    """The cosine of each pair of neighbours that have words."""
    return HyperSeg(dim, basis=basis).cosines(said(talk, content)[1])  # type: ignore[arg-type]


@lru_cache(maxsize=64)
def table(basis: str, count: int, dim: int) -> Any:
    """Cosines of the first words: ``-> (n, n)``."""
    space = HyperSeg(dim, basis=basis)  # type: ignore[arg-type]
    first = space.vectors(count)[:MOST]
    return space.vsa.similarity(first, first).double().numpy().round(2)


def likeness(one: Array, other: Array) -> float:
    """The correlation of two curves; 0 where one is flat."""
    if min(one.std(), other.std()) < 1e-6:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def update(talk: str, basis: str, content: str, sign: str, dim: int) -> Any:
    """What both figures show for these settings."""
    utterances = talks.shipped()[talk]["utterances"]
    kept, ids = said(talk, content)
    heights, closed = curve(talk, basis, content, dim), expected_cosines(ids)
    gap = kept[1:]  # the gap just before the next utterance with words
    low = minima(heights, sign, damp=False)
    found = np.zeros(len(utterances) - 1, dtype=np.bool_)
    found[gap[low] - 1] = True
    truth = boundaries_of(talks.shipped()[talk]["segments"])
    bar = float(heights.mean() - heights.std(ddof=1))
    change = talks.drawn(heights, low, [talks.sides(utterances)[g - 1] for g in gap])
    for name in (talks.CURVE, talks.FOUND):
        change[name]["x"] = gap if name == talks.CURVE else gap[low]
    change[CLOSED] = {"x": gap, "y": closed.round(4)}
    count = 1 + max(map(max, ids))
    square = table(basis, count, dim)
    named = note(1, bar, "mean − sd", "right", xref="paper", yshift=-10)
    number = np.arange(1, len(square) + 1)
    side = {TABLE: {"x": number, "y": number, "z": square}}
    first = {
        "title": title(heights, closed, talk, basis, content),
        "shapes": [*talks.ends(truth), talks.level(bar)],
        "annotations": [named],
    }
    kin = "Words that enter together are alike", "Each word is like itself alone"
    second = {"title": kin[basis == "random"]}
    words = in_words(heights, closed, talk, basis, content, truth, found)
    return (change, side), (first, second), words


def aligned(ids: list[list[int]]) -> int:
    """How many pairs of neighbours have the same word at the same distance from the end.

    >>> aligned([[0, 1], [2, 1], [1, 2]])
    1
    """
    pairs = [zip(reversed(a), reversed(b), strict=False) for a, b in pairwise(ids)]
    return sum(any(a == b for a, b in pair) for pair in pairs)


def title(heights: Array, closed: Array, talk: str, basis: str, content: str) -> str:
    """The finding."""
    if basis == "random":
        same = aligned(said(talk, content)[1])
        return f"Independent words: flat, but for {same} of {len(heights)} pairs"
    if content == "spoken":
        return (
            f"Lengths and recency foretell the curve: correlation {likeness(heights, closed):.3f}"
        )
    alike = likeness(*heard_and_changed(talk, content))
    if content == "fresh":
        return f"No word comes twice, and the curve still looks like itself: {alike:.2f}"
    return "Equal lengths: the rest of the curve is gone"


def heard_and_changed(talk: str, content: str) -> tuple[Array, Array]:
    """The closed forms of what was said and of what was put in its place."""
    return expected_cosines(said(talk, "spoken")[1]), expected_cosines(said(talk, content)[1])


def in_words(
    heights: Array, closed: Array, talk: str, basis: str, content: str, truth: Gaps, found: Gaps
) -> str:
    """What the figures show, in one line."""
    wrong = talks.score(truth, found)
    boundaries = (
        f"Boundaries after {talks.places(found)}, really after {talks.places(truth)}: "
        f"Pk = {wrong:.2f}."
    )
    if basis == "random":
        return (
            f"Independent words: the curve is flat at {heights.mean():.2f} ± {heights.std():.2f}; "
            f"only {aligned(said(talk, content)[1])} of {len(heights)} pairs of neighbours have "
            f"the same word at the same distance from the end. "
            f"{boundaries}"
        )
    alike = likeness(heights, closed)
    same = (
        f"; the closed form, from lengths and numbers alone (dotted), correlates with it by "
        f"{alike:.3f}"
        if alike
        else "; the closed form is flat"
    )
    other = (
        ""
        if content == "spoken"
        else f" The curve of what was really said correlates with this one by "
        f"{likeness(*heard_and_changed(talk, content)):.2f}."
    )
    return (
        f"Words on a circle: the curve lies at {heights.mean():.2f} ± {heights.std():.2f}{same}."
        f"{other} {boundaries}"
    )
