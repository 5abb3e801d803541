"""One table for any segmenter: all metrics, their intervals, and a row for each dialogue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch

from hdlib import bits
from hdlib.segment.dialogues import checked, gold
from hdlib.segment.metrics import boundary_similarity, pk, window_diff
from hdlib.segment.segmentation import Array, Segmentation
from hdlib.vsa.base import whole

MEASURES = ("pk", "window_diff", "f1", "boundary_similarity")


class Segmenter(Protocol):
    """Whatever can segment one dialogue."""

    def segment(self, utterances: Any, roles: Any = None) -> Segmentation: ...


@dataclass(frozen=True)
class Row:
    """The result for one dialogue; hits, found and true count boundaries."""

    id: str
    utterances: int
    pk: float
    window_diff: float
    boundary_similarity: float
    hits: int
    found: int
    true: int

    @property
    def f1(self) -> float:
        """Of this dialogue alone; 1 where no boundary is found and none true."""
        return 2 * self.hits / (self.found + self.true) if self.found + self.true else 1.0


@dataclass(frozen=True)
class Evaluation:
    """Means over dialogues, F1 of all boundaries together, and 95 % intervals.

    intervals: for each measure its 2.5 and 97.5 % points when dialogues are drawn with replacement.
    found, true: boundaries a dialogue. Look at them as well: Pk can be bought with few or many.
    """

    pk: float
    window_diff: float
    f1: float
    boundary_similarity: float
    found: float
    true: float
    intervals: dict[str, tuple[float, float]]
    rows: list[Row]

    def __str__(self) -> str:
        shown = [
            f"{name} {getattr(self, name):.3f} ({low:.3f}–{high:.3f})"
            for name, (low, high) in self.intervals.items()
        ]
        return "  ".join(
            [*shown, f"boundaries {self.found:.2f} of {self.true:.2f}", f"n = {len(self.rows)}"]
        )


def evaluate(
    segmenter: Segmenter, dialogues: Iterable[Any], *, resamples: int = 1000, seed: int = 0
) -> Evaluation:
    """Segment labelled dialogues and compare: all metrics, intervals, a row for each dialogue.

    The segmenter is used as it is; it sees utterances and roles, never labels. Errors: ValueError
    for a dialogue without segments or with fewer than two utterances, and for no dialogue. Taught
    in notebook 07.

    >>> from hdlib.segment import NoBoundary
    >>> talk = {"utterances": ["a", "b", "c", "d", "e"], "segments": [2, 3]}
    >>> round(evaluate(NoBoundary(), [talk]).pk, 3)
    0.667
    """
    given = checked("evaluate", dialogues)
    draws = whole("evaluate: resamples", resamples, 1)
    if not given:
        raise ValueError("evaluate: there is no dialogue; give at least one")
    truths = [gold("evaluate", dialogue) for dialogue in given]
    short = [i for i, truth in enumerate(truths) if len(truth) == 0]
    if short:
        raise ValueError(f"evaluate: dialogue {short[0]} has one utterance; leave it out")
    many = getattr(segmenter, "segment_all", None)
    if many is not None:
        found = many(given)
    else:
        found = [segmenter.segment(d["utterances"], d.get("roles")) for d in given]
    rows = [
        Row(
            dialogue.get("id", str(i)),
            len(dialogue["utterances"]),
            pk(truth, guess),
            window_diff(truth, guess),
            boundary_similarity(truth, guess),
            int((truth & guess.boundaries).sum()),
            int(guess.boundaries.sum()),
            int(truth.sum()),
        )
        for i, (dialogue, truth, guess) in enumerate(zip(given, truths, found, strict=True))
    ]
    fields = ("pk", "window_diff", "boundary_similarity", "hits", "found", "true")
    table = np.array([[getattr(row, name) for name in fields] for row in rows])
    draw = bits.words(bits.derive(seed, "bootstrap"), torch.arange(draws), len(rows))
    again = bits.lsr(draw, 1).remainder(len(rows)).numpy()  # (draws, n)
    samples = means(table[again].mean(1))
    whole_table = means(table.mean(0))
    intervals = {
        name: (
            float(np.quantile(samples[name], 0.025)),
            float(np.quantile(samples[name], 0.975)),
        )
        for name in MEASURES
    }
    numbers = {name: float(whole_table[name]) for name in (*MEASURES, "found", "true")}
    return Evaluation(**numbers, intervals=intervals, rows=rows)


def means(table: Array) -> dict[str, Array]:
    """The measures from mean columns; F1 from the mean counts: ``(…, 6) -> (…,)`` each."""
    one, two, three, hits, found, true = np.moveaxis(table, -1, 0)
    placed = found + true
    f1 = np.where(placed > 0, 2 * hits / np.where(placed > 0, placed, 1), 1.0)
    names = (*MEASURES, "found", "true")
    return dict(zip(names, (one, two, f1, three, found, true), strict=True))
