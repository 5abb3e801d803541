"""What a segmenter must beat: no boundary, all of them, chance, even spacing, and shared words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Self

import numpy as np
import torch

from hdlib import bits
from hdlib.segment import valleys, words
from hdlib.segment.dialogues import Dialogue, checked, gold, one
from hdlib.segment.segmentation import NOTHING, Array, Segmentation
from hdlib.vsa.base import whole


class Baseline:
    """A segmenter that looks at one dialogue at a time."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def fit(self, dialogues: Iterable[Any]) -> Self:
        """Learn from dialogues, where there is something to learn. Returns itself."""
        self._learn(checked("fit", dialogues))
        return self

    def segment(
        self, utterances: Sequence[str], roles: Sequence[str] | None = None
    ) -> Segmentation:
        """The topics of one dialogue of N utterances."""
        dialogue = one("segment", utterances, roles)
        return self._segment(dialogue) if dialogue["utterances"] else NOTHING

    def _learn(self, dialogues: list[Dialogue]) -> None:
        """Nothing, if a method does not say otherwise."""

    def _segment(self, dialogue: Dialogue) -> Segmentation:
        raise NotImplementedError


class NoBoundary(Baseline):
    """One topic, always.

    >>> NoBoundary().segment(["a", "b", "c"]).sizes
    [3]
    """

    def _segment(self, dialogue: Dialogue) -> Segmentation:
        return Segmentation.of(np.zeros(len(dialogue["utterances"]) - 1, np.bool_))


class AllBoundaries(Baseline):
    """Each utterance a topic of its own.

    >>> AllBoundaries().segment(["a", "b", "c"]).sizes
    [1, 1, 1]
    """

    def _segment(self, dialogue: Dialogue) -> Segmentation:
        return Segmentation.of(np.ones(len(dialogue["utterances"]) - 1, np.bool_))


class EvenBoundaries(Baseline):
    """Topics of one size, the mean of the labelled dialogues of ``fit``, else ``size``.

    >>> EvenBoundaries(2).segment(["a", "b", "c", "d", "e"]).sizes
    [2, 2, 1]
    """

    def __init__(self, size: int = 6) -> None:
        self.size = whole("EvenBoundaries: size", size, 1)

    def _learn(self, dialogues: list[Dialogue]) -> None:
        topics = sum(int(gold("fit", d).sum()) + 1 for d in dialogues)
        utterances = sum(len(d["utterances"]) for d in dialogues)
        self.size = max(1, round(utterances / max(topics, 1)))

    def _segment(self, dialogue: Dialogue) -> Segmentation:
        gap = np.arange(1, len(dialogue["utterances"]))
        return Segmentation.of(gap % self.size == 0)


class RandomBoundaries(Baseline):
    """Each gap with one probability, that of the labelled dialogues of ``fit``, else ``rate``.

    The draw depends on the seed and the text alone.
    """

    def __init__(self, rate: float = 0.2, seed: int = 0) -> None:
        if not 0 <= rate <= 1:
            raise ValueError(f"RandomBoundaries: rate must lie in 0 … 1, got {rate}")
        self.rate, self.seed = float(rate), seed

    def _learn(self, dialogues: list[Dialogue]) -> None:
        gaps = [gold("fit", d) for d in dialogues]
        self.rate = float(np.concatenate(gaps).mean()) if gaps else self.rate

    def _segment(self, dialogue: Dialogue) -> Segmentation:
        n = len(dialogue["utterances"]) - 1
        label = torch.tensor(bits.key("\n".join(dialogue["utterances"])))
        seed = bits.derive(self.seed, "random boundaries")
        draw = bits.uniforms(bits.words(seed, label, (n + 1) // 2))[:n].numpy()
        return Segmentation.of(draw < self.rate, np.full(n, self.rate))


class WordDepth(Baseline):
    """Shared words on both sides of a gap, weighted, and the depth of the valley.

    windows: utterances on each side. A boundary is a hilltop of depth above its mean plus
    ``limit`` standard deviations. A subclass says what words weigh.
    """

    def __init__(self, window: int = 2, limit: float = 1.0) -> None:
        self.window = whole(f"{type(self).__name__}: window", window, 1)
        self.limit = float(limit)
        self._weights: dict[str, float] = {}
        self._unseen = 1.0

    def _segment(self, dialogue: Dialogue) -> Segmentation:
        text = words.read([dialogue])
        utterance, stem = words.bags(text)
        weight = np.array([self._weights.get(name, self._unseen) for name in text.stems])
        stops = words.stop_stems()
        weight[[name in stops for name in text.stems]] = 0
        table = np.zeros((text.size, len(text.stems)))
        table[utterance, stem] = weight[stem]
        norm = np.linalg.norm(table, axis=1, keepdims=True)
        table = table / np.where(norm > 0, norm, 1)
        similarity = self._similarity(table)
        height = valleys.depth(similarity, text.gaps)
        score = valleys.standard(height, text.gaps)
        return Segmentation.of(
            valleys.peaks(score, text.gaps) & (score > self.limit), similarity=similarity
        )

    def _similarity(self, table: Array) -> Array:
        sums = np.concatenate([np.zeros((1, table.shape[1])), np.cumsum(table, 0)])
        gap = np.arange(1, len(table))
        left = sums[gap] - sums[np.maximum(gap - self.window, 0)]
        right = sums[np.minimum(gap + self.window, len(table))] - sums[gap]
        length = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
        return (left * right).sum(1) / np.where(length > 1e-12, length, 1)  # type: ignore[no-any-return]


class TextTiling(WordDepth):
    """Shared words, all weighing the same, with utterances in the place of token sequences.

    Source: Hearst 1997, ACL J97-1003, for dialogues: blocks are utterances, cut-off mean plus half
    a standard deviation of depth.

    >>> talk = ["trains to Bonn", "which trains", "trains today", "pizza", "hot pizza", "pizza now"]
    >>> TextTiling().segment(talk).sizes
    [3, 3]
    """

    def __init__(self, window: int = 2, limit: float = 0.5) -> None:
        super().__init__(window, limit)


class TfidfDepth(WordDepth):
    """Shared words, rare ones weighing more: log(1 + N / n) for a word in n of N utterances.

    Counted in the text of ``fit``; without it all words weigh the same.
    """

    def _learn(self, dialogues: list[Dialogue]) -> None:
        text = words.read(dialogues)
        _, stem = words.bags(text)
        often = np.bincount(stem, minlength=len(text.stems))
        inverse = np.log1p(text.size / np.maximum(often, 1))
        self._weights = dict(zip(text.stems, inverse.tolist(), strict=True))
        self._unseen = float(np.log1p(text.size))
