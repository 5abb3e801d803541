"""The utterances that stand for their topics: those nearest to the bundle of all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hdlib.segment.dialogues import one
from hdlib.segment.segmentation import Segmentation, boundaries_of
from hdlib.segment.topics import TopicSegmenter
from hdlib.vsa.base import whole


def summarise(
    segmenter: TopicSegmenter,
    utterances: Sequence[str],
    topics: Segmentation | Sequence[int] | None = None,
    *,
    per_topic: int = 1,
) -> list[list[int]]:
    """For each topic the places of its most representative utterances, in order.

    An utterance is scored by the similarity of its hypervector to the bundle of its topic. topics:
    a segmentation or the sizes; by default what the segmenter finds. Errors: ValueError where sizes
    do not sum to the number of utterances. Source: HyperSum, Park et al. 2024, arXiv 2405.09765
    (there with clusters in the place of topics). Taught in notebook 07.

    >>> talk = ["A train to Bonn at noon", "Hm", "The noon", "Now a pizza", "Cheese pizza"]
    >>> summarise(TopicSegmenter(), talk, [3, 2])
    [[0], [4]]
    """
    dialogue = one("summarise", utterances)
    count = whole("summarise: per_topic", per_topic, 1)
    found = segmenter.segment(utterances) if topics is None else topics
    sizes = list(found.sizes if isinstance(found, Segmentation) else found)
    if len(dialogue["utterances"]) and len(boundaries_of(sizes)) + 1 != len(utterances):
        raise ValueError(f"summarise: sizes {sizes} for {len(utterances)} utterances")
    vectors = segmenter.encode(utterances)
    out, start = [], 0
    for size in sizes:
        rows = vectors[start : start + size]
        score = segmenter.vsa.similarity(rows, segmenter.vsa.bundle(rows)).cpu().numpy()
        best = np.argsort(-score.round(6), kind="stable")[:count]
        out.append([start + int(i) for i in np.sort(best)])
        start += size
    return out
