"""HyperSeg as it was published, its sign mended, and the closed form of what it measures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Literal, Self

import numpy as np
import torch
from torch import Tensor

from hdlib.encode import circular
from hdlib.segment.dialogues import checked, one
from hdlib.segment.segmentation import NOTHING, Array, Segmentation
from hdlib.segment.words import Numbering, stop_words
from hdlib.vsa import MAPI
from hdlib.vsa.base import unit


class HyperSeg:
    """The published segmenter: circular word vectors, neighbouring utterances, local minima.

    Words are split at white space, stop words dropped, and numbered as they come, afresh for each
    dialogue. Word i is point i of a circle of vectors, so that words which enter together are
    alike. An utterance is the sum of its words, each shifted by its distance from the end. A strict
    inner local minimum of the cosines of neighbours is a boundary if it passes
    thr = mean - standard deviation.

    sign: "published" keeps minima above thr, as the published code does; "fixed" those below, as
    its author agreed it should. damp: of m minima only the int(ln(m)²) lowest. basis: "circular",
    or "random" for independent vectors. closed_form: use ``expected_cosines`` instead of vectors.

    We could not reproduce the paper's figures from the published code; see the ledger of claims.
    Source: Park, Seo & Lee 2023, Interspeech, arXiv 2308.10464. Taught in notebook 07.

    >>> talk = ["tea or coffee", "tea tea tea tea", "no coffee", "trains leave", "trains trains go"]
    >>> HyperSeg(closed_form=True).segment(talk).sizes
    [5]
    """

    def __init__(
        self,
        dim: int = 10_000,
        *,
        sign: Literal["published", "fixed"] = "published",
        damp: bool = False,
        basis: Literal["circular", "random"] = "circular",
        closed_form: bool = False,
        stops: Iterable[str] | None = None,
        seed: int = 0,
        device: torch.device | str | None = None,
    ) -> None:
        if sign not in ("published", "fixed"):
            raise ValueError(f"HyperSeg: sign must be 'published' or 'fixed', got {sign!r}")
        if basis not in ("circular", "random"):
            raise ValueError(f"HyperSeg: basis must be 'circular' or 'random', got {basis!r}")
        if closed_form and basis == "random":
            raise ValueError("HyperSeg: the closed form is that of the circular basis")
        self.vsa = MAPI(dim, seed=seed, device=device)
        self.sign, self.damp, self.basis, self.closed_form = sign, damp, basis, closed_form
        self.stops = stop_words() if stops is None else frozenset(stops)

    def __repr__(self) -> str:
        return f"HyperSeg({self.vsa.dim}, sign={self.sign!r}, damp={self.damp})"

    def fit(self, dialogues: Iterable[Any]) -> Self:
        """Learns nothing; there so that all segmenters can be used alike."""
        checked("fit", dialogues)
        return self

    def segment(
        self, utterances: Sequence[str], roles: Sequence[str] | None = None
    ) -> Segmentation:
        """The topics of one dialogue. Utterances without a word join the topic before them."""
        dialogue = one("segment", utterances, roles)
        if not dialogue["utterances"]:
            return NOTHING
        kept, ids = numbered(dialogue["utterances"], self.stops)
        alike = np.full(len(dialogue["utterances"]) - 1, np.nan)
        gaps = np.zeros(len(alike), dtype=np.bool_)
        if len(kept) > 1:
            cosines = self.cosines(ids)
            where = kept[1:] - 1  # the gap just before the next utterance that has words
            alike[where], gaps[where] = cosines, minima(cosines, self.sign, self.damp)
        return Segmentation.of(gaps, similarity=alike)

    def cosines(self, ids: list[list[int]]) -> Array:
        """The cosine of each pair of neighbours, from the words' numbers: ``-> (n - 1,)``."""
        if self.closed_form:
            return expected_cosines(ids)
        count = 1 + max(max(row) for row in ids)
        vectors = self.vectors(count)
        sums = torch.stack([self._sum(vectors, row) for row in ids]).to(torch.float32)
        rows = unit(sums)
        return (rows[:-1] * rows[1:]).sum(-1).double().cpu().numpy()

    def vectors(self, count: int) -> Tensor:
        """The vectors of the words of one dialogue: ``-> (count, D)``."""
        if self.basis == "circular":
            return circular(self.vsa, count)
        return self.vsa.atoms(list(range(count)))

    def _sum(self, vectors: Tensor, row: list[int]) -> Tensor:
        total = torch.zeros(self.vsa.dim, dtype=torch.int32, device=self.vsa.device)
        for place, number in enumerate(reversed(row)):
            total += vectors[number].roll(place)
        return total


def numbered(utterances: Sequence[str], stops: frozenset[str]) -> tuple[Array, list[list[int]]]:
    """Which utterances keep a word, and the words' numbers in order of first appearance."""
    number, kept, ids = Numbering(), [], []
    for i, utterance in enumerate(utterances):
        row = [number[word] for word in utterance.lower().split() if word not in stops]
        if row:
            kept.append(i)
            ids.append(row)
    return np.array(kept, dtype=np.int64), ids


def expected_cosines(ids: list[list[int]]) -> Array:
    """What the published similarity measures, without vectors: ``-> (n - 1,)``.

    Two utterances of m and n words, aligned at their ends, have
    Σ_p (1 - 2 · d(a_p, b_p) / V) / sqrt(m · n) over the p < min(m, n) last words, where d is the
    distance of the numbers on a circle of V words. So the lengths of utterances and the time at
    which words first came decide; whether the words mean the same hardly does. Kind: approximate
    (what chance adds, about 1/sqrt(D), and what words of one utterance share, is left out). Derived
    for this course. Taught in notebook 07.

    >>> expected_cosines([[0, 1, 2, 3], [4]]).round(2).tolist()
    [0.3]
    """
    size = 1 + max((max(row) for row in ids), default=0)
    out = []
    for left, right in pairwise(ids):
        pairs = zip(reversed(left), reversed(right), strict=False)
        apart = (abs(a - b) for a, b in pairs)
        total = sum(1 - 2 * min(d, size - d) / size for d in apart)
        out.append(total / math.sqrt(len(left) * len(right)))
    return np.array(out)


def minima(cosines: Array, sign: str, damp: bool) -> Array:
    """Strict inner local minima that pass the threshold: ``(n,) -> (n,)`` truth values."""
    found = np.zeros(len(cosines), dtype=np.bool_)
    if len(cosines) < 3:
        return found
    inner = cosines[1:-1]
    low = 1 + np.flatnonzero((inner < cosines[:-2]) & (inner < cosines[2:]))
    if damp and len(low):
        most = int(math.log(len(low)) ** 2)
        low = low[np.argsort(cosines[low], kind="stable")[:most]]
    limit = cosines.mean() - cosines.std(ddof=1)
    passes = cosines[low] > limit if sign == "published" else cosines[low] < limit
    found[low[passes]] = True
    return found
