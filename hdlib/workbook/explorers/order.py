"""Notebook 03: two texts, encoded in five ways; which of them know the order, and which forgive."""

from __future__ import annotations

import math
from collections import Counter
from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
from torch import Tensor

from hdlib import encode, theory
from hdlib.memory.items import ItemMemory
from hdlib.vsa import VSA
from hdlib.workbook import style
from hdlib.workbook.colours import AXIS
from hdlib.workbook.controls import Select, Slider, Text
from hdlib.workbook.dice import throws
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.analogy import percent
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.languages import plain
from hdlib.workbook.models import DIMS, measured, space
from hdlib.workbook.rounding import rounded

MODELS = ("MAPI", "FHRR", "HRR")  # bundles are sums, so that similarity is the cosine of counts
CODES = ("letters", "at places", "2-grams", "3-grams", "whole")
ALPHABET = "abcdefghijklmnopqrstuvwxyz "
MOST = 60  # letters of a text
SIZES = (1, 2, 4, 6, 8, 12, 16, 24, 32, 48, 60)
TRIALS = 16
MEAN = f"mean of {TRIALS} draws"


def explore_order(first: str = "listen to the sea", second: str = "silent to the sea") -> Explorer:
    """Two texts and what different encodings say of them. Taught in notebook 03.

    >>> card = explore_order("stop", "pots")
    >>> card.words.split(", 2-")[0]
    'By counting, “stop” and “pots” have similarity: letters 1.00, at places 0.00'
    """
    controls = {
        "first": Text("text", first, max_length=MOST),
        "second": Text("other text", second, max_length=MOST),
        "model": Select("model", MODELS, MODELS[0]),
        "dim": Slider("dimension D", 256, values=DIMS),
    }
    return Explorer(
        "type an anagram, then put one letter in front: which encoding still sees the likeness?",
        controls,
        (codes_figure(), reading_figure()),
        update,
        slow=measure,
    )


def codes_figure() -> LiveFigure:
    """The similarity of both texts by each encoding: the cosine of counts, and the vectors'."""
    ticks = style.exact([], [], "counts", "MAPI").update(line={"width": 5})
    once = go.Scatter(
        name="this draw",
        mode="markers",
        marker={"size": 9, "symbol": "square-open", "line": {"width": 2}},
        hovertemplate="%{x:.3f}<extra>this draw</extra>",
    )
    mean = style.measured([], [], [], MEAN, "MAPI").update(visible=False)
    mean.update(error_x=mean.error_y.to_plotly_json(), error_y=None)
    layout = {
        "xaxis": {
            "title": {"text": "similarity (bar: by counting · square: this draw)"},
            "range": [-0.2, 1.08],
            "tickformat": ".1f",
            "zeroline": True,
            "zerolinecolor": AXIS,
            "zerolinewidth": 1,
        },
        "yaxis": {
            "tickvals": list(range(len(CODES))),
            "ticktext": [code + "  " for code in CODES],
            "range": [len(CODES) - 0.4, -0.6],
            "showgrid": False,
        },
    }
    return LiveFigure(go.Figure([ticks, once, mean], layout))


def reading_figure() -> LiveFigure:
    """How often a letter at a place is read right, over the length."""
    traces = [
        style.approximate(SIZES, [0] * len(SIZES), "theory", "MAPI"),
        style.measured([], [], [], measured("reading"), "MAPI").update(visible=False),
        style.here(1, 1),
    ]
    layout = {
        "xaxis": {"title": {"text": "letters in one vector (dotted: approximate)"}},
        "yaxis": {
            "title": {"text": "letters read right"},
            "range": [-0.03, 1.05],
            "tickformat": ".0%",
        },
    }
    return LiveFigure(go.Figure(traces, layout))


def counted(text: str, code: str) -> Counter[Any]:
    """What an encoding adds up: letters, letters with their places, n-grams, or the whole."""
    if code == "whole":
        return Counter([text])
    if code == "at places":
        return Counter(enumerate(text))
    n = 1 if code == "letters" else int(code[0])
    return Counter(text[i : i + n] for i in range(len(text) - n + 1))


def by_counting(first: str, second: str) -> list[float]:
    """The cosine of both texts' counts, by each encoding; of a text too short for it, 0.

    Vectors are as similar on average, but for O(1/D), as the lengths of sums vary.
    """
    found = []
    for code in CODES:
        x, y = counted(first, code), counted(second, code)
        lengths = math.sqrt(sum(c * c for c in x.values()) * sum(c * c for c in y.values()))
        found.append(sum(c * y[key] for key, c in x.items()) / lengths if lengths else 0.0)
    return found


def encoded(vsa: VSA, text: str, code: str) -> Tensor:
    """A text by one of the encodings: ``-> (W,)``."""
    letters = list(text)
    if code == "whole":
        return encode.bind_sequence(vsa, letters)
    if code == "at places":
        return encode.bundle_sequence(vsa, letters)
    return encode.ngrams(vsa, letters, 1 if code == "letters" else int(code[0]))


@lru_cache(maxsize=512)
def drawn(first: str, second: str, model: str, dim: int, seed: int) -> tuple[float, ...]:
    """The similarity of both texts' vectors, by each encoding, in one draw."""
    vsa, found = space(model, dim, seed), []
    for code in CODES:
        short = code[0].isdigit() and min(len(first), len(second)) < int(code[0])
        pair = [] if short else [encoded(vsa, text, code) for text in (first, second)]
        found.append(float(vsa.similarity(*pair)) if pair else 0.0)
    return tuple(found)


@lru_cache(maxsize=512)
def read(text: str, model: str, dim: int, seed: int) -> str:
    """A text read back from the one vector of its letters at places."""
    vsa = space(model, dim, seed)
    letters = encode.BundleSequence(vsa, list(text)).decode(ItemMemory(vsa).add(list(ALPHABET)))
    return "".join(letters)


@lru_cache(maxsize=64)
def expected(model: str, dim: int) -> list[float]:
    """How often a letter is read right, at each length."""
    right: list[float] = theory.cleanup_accuracy(model, SIZES, len(ALPHABET), dim=dim).tolist()
    return right


def cleaned(text: str) -> str:
    """The text as it is encoded: small letters without accents or signs, never empty."""
    return "".join(c for c in plain(text) if c in ALPHABET)[:MOST] or " "


def update(first: str, second: str, model: str, dim: int) -> Any:
    """What both figures show for these settings."""
    first, second = cleaned(first), cleaned(second)
    colour = style.COLOURS[model]
    bars: dict[str, list[float | None]] = {"x": [], "y": []}
    for place, value in enumerate(by_counting(first, second)):
        bars["x"] += [value, value, None]
        bars["y"] += [place - 0.26, place + 0.26, None]
    marker = {"color": colour, "line": {"color": colour}}
    left = {
        "counts": {**bars, "line": {"color": colour}},
        "this draw": {
            "x": drawn(first, second, model, dim, 0),
            "y": list(range(len(CODES))),
            "marker": marker,
        },
        MEAN: {"marker": {**marker, "symbol": style.SYMBOLS[model]}, "error_x": {"color": colour}},
    }
    line = expected(model, dim)
    sure = float(theory.cleanup_accuracy(model, len(first), len(ALPHABET), dim=dim))
    right = {
        "theory": {"y": line, "line": {"color": colour}},
        measured("reading"): {
            "marker": {**marker, "symbol": style.SYMBOLS[model]},
            "error_y": {"color": colour},
        },
        "you are here": {"x": [len(first)], "y": [sure]},
    }
    got = read(first, model, dim, 0)
    good = sum(a == b for a, b in zip(got, first, strict=True))
    layouts = (
        {"title": f"As bags {by_counting(first, second)[0]:.2f} alike, with places "
                  f"{by_counting(first, second)[1]:.2f}"},
        {"title": f"Read {good} of {len(first)}: {got[:18]}" + "…" * (len(got) > 18)},
    )  # fmt: skip
    return (left, right), layouts, in_words(first, second, model, dim)


def in_words(first: str, second: str, model: str, dim: int) -> str:
    """What the figures show, in one line."""
    like = zip(CODES, by_counting(first, second), strict=True)
    sure = float(theory.cleanup_accuracy(model, len(first), len(ALPHABET), dim=dim))
    return (
        f"By counting, “{first}” and “{second}” have similarity: "
        f"{', '.join(f'{code} {value:.2f}' for code, value in like)}; one vector of {model} at "
        f"D = {dim:,} gives back each of {len(first)} letters right in {percent(sure)} of all "
        f"draws (approximate), here it reads “{read(first, model, dim, 0)}”."
    )


@lru_cache(maxsize=1024)
def share_read(model: str, dim: int, size: int) -> tuple[float, float]:
    """Share of letters read right from random texts of a length, and its error."""
    shares = []
    for trial in range(TRIALS):
        places = throws(trial, "letters", len(ALPHABET), size)
        text = "".join(ALPHABET[place] for place in places)
        got = read(text, model, dim, 100 + trial)
        shares.append(np.mean([a == b for a, b in zip(got, text, strict=True)]))
    return float(np.mean(shares)), float(np.std(shares, ddof=1)) / math.sqrt(TRIALS)


def measure(progress: Any, first: str, second: str, model: str, dim: int) -> Any:
    """Both comparisons in many draws."""
    first, second = cleaned(first), cleaned(second)
    rows = []
    for trial in range(TRIALS):
        progress(0.5 * trial / TRIALS)
        rows.append(drawn(first, second, model, dim, 1 + trial))
    mean, error = np.mean(rows, 0), np.std(rows, 0, ddof=1) / math.sqrt(TRIALS)
    left = {MEAN: {"x": mean, "y": list(range(len(CODES))), "error_x": {"array": error}}}
    cells = []
    for done, size in enumerate(SIZES):
        progress(0.5 + 0.5 * done / len(SIZES))
        cells.append(share_read(model, dim, size))
    shares, errors = zip(*cells, strict=True)
    right = {measured("reading"): {"x": SIZES, "y": shares, "error_y": {"array": errors}}}
    found = f"In {TRIALS} draws “at places” gives {rounded(mean[1], error[1])}."
    words = f"{in_words(first, second, model, dim)} {found}"
    return (left, right), ({}, {}), words
