"""Notebook 03: which language is it? Trigrams in one vector, beside exact counting."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
import torch
from torch import Tensor

from hdlib import encode, theory
from hdlib.vsa import MAPB, MAPI
from hdlib.workbook import style
from hdlib.workbook.colours import INK
from hdlib.workbook.controls import Select, Slider, Text
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.analogy import percent
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.languages import LANGUAGES, messages, plain
from hdlib.workbook.rounding import rounded

DIMS = (64, 128, 256, 512, 1024, 2048, 4096)
SPARSE = (64, 256, 1024)  # measured beside the dimension that is looked at
DRAWS, SHOWN = 3, 8
KINDS = {"sums": "sums (MAP-I)", "signs": "signs (MAP-B)"}
MEASURED, SEEN = "measured", "this draw"
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Counted:
    """Exact trigram counts of all languages and test sentences, as unit vectors' cosines."""

    grams: list[str]
    counts: Tensor  # of profiles, then sentences, sparse (K + Q, G)
    profiles: Tensor  # (K, G), rows of length 1
    cosines: Floats  # of sentences and profiles, (Q, K)
    among: Floats  # of profiles, (K, K)
    right: npt.NDArray[np.int64]  # (Q,)
    sentences: list[str]

    @property
    def ceiling(self) -> float:
        """Share of sentences whose nearest profile is the right one, by exact counting."""
        return float((self.cosines.argmax(1) == self.right).mean())


@cache
def counted() -> Counted:
    """All counts, once for all cards."""
    learn = [learn for learn, _ in messages().values()]
    pairs = [(text, k) for k, (_, test) in enumerate(messages().values()) for text in test]
    sentences = [text for text, _ in pairs]
    grams, counts = encode.count_ngrams([*learn, *sentences])
    rows = torch.nn.functional.normalize(counts.to_dense())
    profiles, queries = rows[: len(learn)], rows[len(learn) :]
    return Counted(
        grams,
        counts,
        profiles,
        (queries @ profiles.T).double().numpy(),
        (profiles @ profiles.T).double().numpy(),
        np.array([k for _, k in pairs]),
        sentences,
    )


def explore_languages(
    sentence: str = "the sentence that you type is compared with twenty languages",
) -> Explorer:
    """A sentence and its nearest languages; dimension against accuracy. Taught in notebook 03.

    >>> card = explore_languages("wie spät ist es denn in dieser schönen stadt")
    >>> card.words.split(";")[0]
    'By exact trigrams the sentence is nearest to German (0.34), then Danish (0.25)'
    """
    controls = {
        "sentence": Text("a sentence", sentence),
        "kind": Select("profiles", KINDS, "sums"),
        "dim": Slider("dimension D", 1024, values=DIMS),
    }
    return Explorer(
        "type a sentence in a language you know; then find the dimension at which more no longer "
        "helps.",
        controls,
        (nearest_figure(), accuracy_figure()),
        update,
        slow=measure,
    )


def nearest_figure() -> LiveFigure:
    """The nearest languages: exact cosines, and those of the vectors."""
    exact = style.exact([], [], "counts", "MAPI").update(line={"width": 5})
    once = go.Scatter(
        name=SEEN,
        mode="markers",
        marker={"size": 9, "symbol": "square-open", "line": {"width": 2}},
        hovertemplate="%{x:.3f}<extra>this draw</extra>",
        visible=False,
    )
    layout = {
        "xaxis": {"title": {"text": "cosine (bar: exact · square: vectors)"}, "tickformat": ".1f"},
        "yaxis": {
            "tickvals": list(range(SHOWN)),
            "range": [SHOWN - 0.4, -0.6],
            "showgrid": False,
        },
    }
    return LiveFigure(go.Figure([exact, once], layout))


def accuracy_figure() -> LiveFigure:
    """The share of sentences recognised, over the dimension, and the ceiling."""
    ceiling = style.exact([DIMS[0], DIMS[-1]], [0, 0], "exact trigrams")
    traces = [
        ceiling.update(line={"color": INK, "width": 2}),
        style.approximate(DIMS, [0] * len(DIMS), "theory", "MAPI"),
        style.measured([], [], [], MEASURED, "MAPI").update(visible=False),
        style.here(1, 1),
    ]
    layout = {
        "xaxis": style.log_axis("dimension D (dotted: approximate)", DIMS, 1.72, 3.7),
        "yaxis": {
            "title": {"text": "sentences recognised"},
            "range": [0, 1.02],
            "tickformat": ".0%",
        },
    }
    return LiveFigure(go.Figure(traces, layout))


@cache
def expected(kind: str) -> list[float]:
    """The share recognised at each dimension, by normal scores."""
    known = counted()
    share: list[float] = theory.profile_accuracy(
        known.cosines, known.among, known.right, DIMS, signs=kind == "signs"
    ).tolist()
    return share


@lru_cache(maxsize=256)
def exactly(sentence: str) -> list[float]:
    """Cosine of a sentence's trigrams to each profile."""
    known = counted()
    grams, counts = encode.count_ngrams([sentence])
    own = dict(zip(grams, counts.values().tolist(), strict=True))
    row = torch.tensor([own.get(gram, 0.0) for gram in known.grams])
    length = float(counts.values().norm())
    like: list[float] = (known.profiles @ row / length).tolist()
    return like


@lru_cache(maxsize=4)
def encoded(dim: int, seed: int) -> Tensor:
    """The vectors of all profiles, then of all sentences, as sums: ``-> (K + Q, D)``."""
    known = counted()
    return encode.bundle_ngrams(MAPI(dim, seed=seed), known.grams, known.counts)


def profiles(kind: str, dim: int, seed: int) -> Tensor:
    """The vector of each language: ``-> (K, D)``."""
    sums = encoded(dim, seed)[: len(LANGUAGES)]
    return sums if kind == "sums" else MAPB(dim, seed=seed).normalize(sums)


@lru_cache(maxsize=256)
def recognised(kind: str, dim: int, seed: int) -> float:
    """The share of all test sentences whose nearest profile is the right one."""
    queries = encoded(dim, seed)[len(LANGUAGES) :]
    like = MAPI(dim, seed=seed).similarity(queries, profiles(kind, dim, seed))
    return float((like.argmax(1).numpy() == counted().right).mean())


def cleaned(sentence: str) -> str:
    """What is counted: small letters; of less than three, a stand-in that is no language."""
    text = plain(sentence)
    return text if len(text) > 2 else "   "


def order(sentence: str) -> list[int]:
    """The languages by exact cosine, nearest first."""
    like = exactly(sentence)
    return sorted(range(len(like)), key=lambda k: -like[k])


def update(sentence: str, kind: str, dim: int) -> Any:
    """What both figures show for these settings."""
    text = cleaned(sentence)
    first, like, names = order(text)[:SHOWN], exactly(text), list(LANGUAGES.values())
    colour = style.COLOURS["MAPI" if kind == "sums" else "MAPB"]
    bars: dict[str, list[float | None]] = {"x": [], "y": []}
    for place, k in enumerate(first):
        bars["x"] += [like[k], like[k], None]
        bars["y"] += [place - 0.3, place + 0.3, None]
    left = {
        "counts": {**bars, "line": {"color": INK}},
        SEEN: {"marker": {"color": colour, "line": {"color": colour}}},
    }
    line, ceiling, at = expected(kind), counted().ceiling, DIMS.index(dim)
    right = {
        "exact trigrams": {"y": [ceiling, ceiling]},
        "theory": {"y": line, "line": {"color": colour}},
        MEASURED: {
            "marker": {"color": colour, "line": {"color": colour}},
            "error_y": {"color": colour},
        },
        "you are here": {"x": [dim], "y": [line[at]]},
    }
    layouts = (
        {
            "title": f"Nearest: {names[first[0]]}, then {names[first[1]]}",
            "yaxis": {"ticktext": [names[k] + "  " for k in first]},
            "xaxis": {"range": [-0.08, max(0.25, 1.2 * like[first[0]])]},
        },
        {
            "title": f"{percent(line[at])} at D = {dim:,}, ceiling {percent(ceiling)}",
            "annotations": [ceiling_name(ceiling)],
        },
    )
    return (left, right), layouts, in_words(text, kind, dim)


def ceiling_name(ceiling: float) -> dict[str, Any]:
    """The name of the ceiling, above its left end."""
    place = {"x": math.log10(DIMS[0]), "y": ceiling, "xanchor": "left", "yanchor": "bottom"}
    return {
        **place,
        "text": "exact trigrams",
        "showarrow": False,
        "font": {"size": 12, "color": INK},
    }


def in_words(text: str, kind: str, dim: int) -> str:
    """What the figures show, in one line."""
    (first, second, *_), like = order(text), exactly(text)
    names, at = list(LANGUAGES.values()), DIMS.index(dim)
    return (
        f"By exact trigrams the sentence is nearest to {names[first]} ({like[first]:.2f}), then "
        f"{names[second]} ({like[second]:.2f}); of {len(counted().sentences):,} test sentences "
        f"exact counting recognises {percent(counted().ceiling)}, and {KINDS[kind]} at "
        f"D = {dim:,} {percent(expected(kind)[at])} (approximate)."
    )


def measure(progress: Any, sentence: str, kind: str, dim: int) -> Any:
    """The vectors' view of the sentence, and the share recognised at some dimensions up to D."""
    text = cleaned(sentence)
    shown = order(text)[:SHOWN]
    vsa = MAPI(dim)
    (query,) = encode.encode_texts(vsa, [text])
    like = vsa.similarity(query, profiles(kind, dim, 0))
    left = {SEEN: {"x": [float(like[k]) for k in shown], "y": list(range(SHOWN))}}
    sizes = [size for size in DIMS if size == dim or (size < dim and size in SPARSE)]
    cells = []
    for done, size in enumerate(sizes):
        found = []
        for seed in range(DRAWS):
            progress((done + seed / DRAWS) / len(sizes))
            found.append(recognised(kind, size, seed))
        cells.append((float(np.mean(found)), float(np.std(found, ddof=1)) / math.sqrt(DRAWS)))
    means, errors = zip(*cells, strict=True)
    right = {MEASURED: {"x": sizes, "y": means, "error_y": {"array": errors}}}
    names = list(LANGUAGES.values())
    says = f"Here the vectors say {names[int(like.argmax())]}; over {DRAWS} draws they recognise "
    says += f"{rounded(100 * means[-1], 100 * errors[-1])} %."
    return (left, right), ({}, {}), f"{in_words(text, kind, dim)} {says}"
