"""What every segmenter returns, and the two ways to write a segmentation down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Gaps = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Segmentation:
    """The topics of one dialogue of N utterances. Taught in notebook 07.

    boundaries: one truth value for each of the N - 1 gaps between utterances. sizes: utterances in
    each topic, summing to N. confidence: for each gap the method's own belief, in [0, 1], that a
    topic ends there. similarity: for each gap how alike its two sides are, NaN where the method
    does not say.

    >>> Segmentation.of([False, True, False]).sizes
    [2, 2]
    """

    boundaries: Gaps
    sizes: list[int]
    confidence: Array
    similarity: Array

    @classmethod
    def of(
        cls, boundaries: Any, confidence: Array | None = None, similarity: Array | None = None
    ) -> Segmentation:
        """From the boundaries; without a confidence they are certain."""
        gaps = np.asarray(boundaries, dtype=np.bool_)
        sure = gaps.astype(np.float64) if confidence is None else confidence
        alike = np.full(len(gaps), np.nan) if similarity is None else similarity
        return cls(gaps, sizes_of(gaps), sure, alike)

    def __len__(self) -> int:
        return len(self.sizes)

    def __repr__(self) -> str:
        return f"Segmentation(sizes={self.sizes})"


NOTHING = Segmentation(np.zeros(0, np.bool_), [], np.zeros(0), np.zeros(0))  # of no utterances


def sizes_of(boundaries: Any) -> list[int]:
    """Segment sizes from the N - 1 truth values.

    >>> sizes_of([False, True, False])
    [2, 2]
    """
    gaps = np.asarray(boundaries, dtype=np.bool_)
    ends = [*np.flatnonzero(gaps) + 1, len(gaps) + 1]
    return [int(size) for size in np.diff(ends, prepend=0)]


def boundaries_of(sizes: Sequence[int]) -> Gaps:
    """The N - 1 truth values from segment sizes: positive whole numbers, else a ValueError.

    >>> boundaries_of([2, 2]).tolist()
    [False, True, False]
    """
    listed = np.asarray(sizes)
    if listed.ndim != 1 or listed.dtype.kind not in "iu" or not len(listed) or listed.min() < 1:
        raise ValueError(f"boundaries_of: sizes must be positive whole numbers, got {sizes!r}")
    gaps = np.zeros(int(listed.sum()) - 1, dtype=np.bool_)
    gaps[np.cumsum(listed)[:-1] - 1] = True
    return gaps
