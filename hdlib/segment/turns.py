"""Turns that open or close a topic, learned without labels: by the valleys that lie beside them."""

from __future__ import annotations

import functools
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from hdlib.segment.segmentation import Array
from hdlib.segment.words import Text

CUES = 200  # the most frequent words may be cues
NAMES = 8  # pairs of speakers' labels that may be cues
RIDGE = 0.15  # of the number of gaps: only what is frequent can be a cue


@dataclass(frozen=True)
class Cues:
    """The words and changes of speaker that are looked at, and what each is worth, once learned."""

    words: list[str]
    speakers: list[str]
    weights: Array  # closing words, opening words, changes of speaker; (2 · words + speakers,)
    offset: float  # the mean of a gap's sum, taken off
    scale: float  # its spread, divided by

    @functools.cached_property
    def _place(self) -> dict[str, int]:
        return {word: i for i, word in enumerate(self.words)}

    def __call__(self, text: Text) -> Array:
        """What speaks for a boundary at each gap, spread about 1: ``-> (gaps,)``."""
        place, count = self._place, len(self.words)
        number = np.array([place.get(word, count) for word in text.tokens], dtype=np.int64)
        cue = number[text.token] if len(text.tokens) else text.token
        closing = np.append(self.weights[:count], 0)
        opening = np.append(self.weights[count : 2 * count], 0)
        close = np.bincount(text.utterance, closing[cue], text.size)
        open_ = np.bincount(text.utterance, opening[cue], text.size)
        turn = np.append(self.weights[2 * count :], 0)
        index = {name: i for i, name in enumerate(self.speakers)}
        change = turn[[index.get(name, -1) for name in changes(text)]]
        total = close[text.left] + open_[text.left + 1] + change
        return (total - self.offset) / self.scale  # type: ignore[no-any-return]


def changes(text: Text) -> list[str]:
    """Who speaks before and after each gap; where nobody says, odd and even places take turns."""
    out: list[str] = []
    for roles, gaps in zip(text.roles, np.diff(text.gaps).tolist(), strict=True):
        if roles is None:
            out += [f"place {i % 2}" for i in range(gaps)]
        else:
            out += [f"{a} > {b}" for a, b in pairwise(roles)]
    return out


def openers(text: Text) -> Array:
    """1/2 at gaps before a turn of the dialogue's first speaker, -1/2 at others: ``-> (gaps,)``.

    Who opens a conversation opens topics; where nobody says who speaks, two take turns.
    """
    out: list[bool] = []
    for roles, gaps in zip(text.roles, np.diff(text.gaps).tolist(), strict=True):
        if roles is None:
            out += [i % 2 == 1 for i in range(gaps)]
        else:
            out += [role == roles[0] for role in roles[1:]]
    return np.array(out, dtype=np.float64) - 0.5


def features(text: Text) -> tuple[list[str], list[str], Any]:
    """Candidate cues, words and speakers, and which gap has which: sparse ``(gaps, cues)``."""
    from scipy import sparse

    often = np.bincount(text.token, minlength=len(text.tokens))
    order = np.argsort(-often, kind="stable")[:CUES]
    words = [text.tokens[i] for i in order]
    place = np.full(len(text.tokens), -1)
    place[order] = np.arange(len(order))
    cue = place[text.token]
    known = cue >= 0
    ones = np.ones(int(known.sum()))
    shape = text.size, len(words)
    bag = sparse.csr_array((ones, (text.utterance[known], cue[known])), shape=shape)
    names = changes(text)
    speakers = [name for name, _ in Counter(names).most_common(NAMES)]
    index = {name: i for i, name in enumerate(speakers)}
    column = np.array([index.get(name, -1) for name in names], dtype=np.int64)
    row = np.flatnonzero(column >= 0)
    turn = sparse.csr_array(
        (np.ones(len(row)), (row, column[row])), shape=(len(names), len(speakers))
    )
    gaps = sparse.hstack([bag[text.left], bag[text.left + 1], turn], format="csr")
    return words, speakers, gaps


@dataclass(frozen=True)
class Moments:
    """All that least squares needs of rows: their number, their sum, their products."""

    count: int
    total: Array
    products: Array

    @classmethod
    def of(cls, rows: Any) -> Moments:
        """Of sparse rows ``(n, columns)``."""
        return cls(rows.shape[0], np.asarray(rows.sum(0)).ravel(), (rows.T @ rows).toarray())

    def __sub__(self, other: Moments) -> Moments:
        mine, its = (self.count, self.total, self.products), (other.count, other.total)
        return Moments(mine[0] - its[0], mine[1] - its[1], mine[2] - other.products)

    @property
    def mean(self) -> Array:
        """The mean of a column."""
        return self.total / self.count

    @property
    def penalised(self) -> Array:
        """Products about the mean, with a penalty that grows with the number of rows."""
        about = self.products - self.count * np.outer(self.mean, self.mean)
        about.flat[:: len(about) + 1] += RIDGE * self.count
        return about  # type: ignore[no-any-return]


class Ridge:
    """Least squares about the mean, with a penalty that grows with the number of rows."""

    def __init__(self, rows: Any) -> None:
        moments = Moments.of(rows)
        self.rows, self.mean = rows, moments.mean
        self.inverse = np.linalg.inv(moments.penalised)

    def weights(self, target: Array) -> Array:
        """The weights that come nearest to a target: ``(n,) -> (columns,)``."""
        centred = target - target.mean()
        return self.inverse @ (self.rows.T @ centred)  # type: ignore[no-any-return]

    def __call__(self, rows: Any, weights: Array) -> Array:
        """What weights say about rows, the mean taken off."""
        return rows @ weights - float(self.mean @ weights)  # type: ignore[no-any-return]


def agreement(rows: Any, target: Array, folds: int = 5) -> float:
    """How well cues foretell valleys where they were not learned: a correlation, never below 0."""
    n = len(target)
    if n < folds:
        return 0.0
    cuts = [-(-n * k // folds) for k in range(folds + 1)]
    parts = [(rows[a:b], target[a:b]) for a, b in pairwise(cuts)]
    every, moments = Moments.of(rows), [Moments.of(part) for part, _ in parts]
    toward = [part.T @ aim for part, aim in parts]
    told = []
    for (part, aim), mine, own in zip(parts, moments, toward, strict=True):
        rest = every - mine
        mean = (target.sum() - aim.sum()) / rest.count
        weights = np.linalg.solve(rest.penalised, sum(toward) - own - mean * rest.total)
        told.append(part @ weights - float(rest.mean @ weights))
    found = np.concatenate(told)
    if found.std() < 1e-12 or target.std() < 1e-12:
        return 0.0
    return max(0.0, float(np.corrcoef(found, target)[0, 1]))
