"""How alike the two sides of each gap are, and how deep the valley is that the gap lies in."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from hdlib.segment.segmentation import Array, Gaps
from hdlib.vsa import VSA

BLOCK = 128  # utterances compared at once


def band(vsa: VSA, utterances: Tensor, width: int) -> Array:
    """Similarity of each utterance to itself and the next ones: ``(N, W) -> (N, width)``.

    Column k holds the similarity of utterances i and i + k, 0 beyond the last.
    """
    n = len(utterances)
    out = np.zeros((n, width), dtype=np.float64)
    for start in range(0, n, BLOCK):
        rows, others = utterances[start : start + BLOCK], utterances[start : start + BLOCK + width]
        table = np.zeros((len(rows), len(rows) + width), dtype=np.float32)
        table[:, : len(others)] = vsa.similarity(rows, others).cpu().numpy()
        step, item = table.strides
        diagonals = np.lib.stride_tricks.as_strided(table, (len(rows), width), (step + item, item))
        out[start : start + len(rows)] = diagonals
    return out


def curve(near: Array, starts: Array, windows: tuple[int, ...]) -> Array:
    """Mean over windows of the cosine of the bundles on both sides: ``(N, ·) -> (N,)``.

    near: what ``band`` gives, at least 2 · max(windows) wide. starts: where dialogues begin.
    Place i is the gap after utterance i; windows end where the dialogue does. The product of two
    bundles is the sum of the products of their members, so that no bundle is ever made.
    """
    n, most = len(near), max(windows)
    size = np.diff(starts)
    begin, end = np.repeat(starts[:-1], size), np.repeat(starts[1:], size)
    place = np.arange(n)
    inside = place[:, None] + np.arange(2 * most) < end[:, None]
    sums = np.zeros((n + 1, 2 * most + 1))  # of near along a row; row n stands for no utterance
    np.cumsum(np.where(inside, near[:, : 2 * most], 0), axis=1, out=sums[:n, 1:])
    back, ahead = [], []
    for a in range(most):
        back.append(sums[np.where(place - a >= begin, place - a, n)])
        ahead.append(sums[np.where(place + 1 + a < end, place + 1 + a, n)])
    total = np.zeros(n)
    for w in windows:
        across, before, after = np.zeros(n), np.zeros(n), np.zeros(n)
        for a in range(w):
            across += back[a][:, a + 1 + w] - back[a][:, a + 1]
            before += 2 * back[a][:, a + 1] - back[a][:, 1]
            after += 2 * ahead[a][:, w - a] - ahead[a][:, 1]
        length = np.sqrt(np.maximum(before * after, 0))
        total += np.where(length > 1e-12, across / np.maximum(length, 1e-12), 0)
    return total / len(windows)


def depth(heights: Array, starts: Array) -> Array:
    """Climb from each place to the next hilltop on both sides, and add up: ``(G,) -> (G,)``.

    starts: where each run of gaps begins and the last ends, ``(runs + 1,)``. Source: Hearst 1997,
    ACL J97-1003.

    >>> depth(np.array([0.9, 0.2, 0.5, 0.4, 0.8]), np.array([0, 5])).round(1).tolist()
    [0.0, 1.0, 0.0, 0.5, 0.0]
    """
    n = len(heights)
    if n == 0:
        return heights
    edge = np.zeros(n + 1, dtype=np.bool_)
    edge[starts] = True
    falls = heights[:-1] < heights[1:]  # going left from i + 1 leads down
    rises = heights[1:] < heights[:-1]  # going right from i leads down
    stop_left, stop_right = edge[:-1].copy(), edge[1:].copy()
    stop_left[1:] |= falls
    stop_right[:-1] |= rises
    place = np.arange(n)
    left = np.maximum.accumulate(np.where(stop_left, place, 0))
    right = np.minimum.accumulate(np.where(stop_right, place, n - 1)[::-1])[::-1]
    return heights[left] + heights[right] - 2 * heights  # type: ignore[no-any-return]


def peaks(values: Array, starts: Array) -> Gaps:
    """Places as high as their neighbours in the same run; of equal neighbours the first."""
    n = len(values)
    edge = np.zeros(n + 1, dtype=np.bool_)
    edge[starts] = True
    above = np.full(n + 1, np.inf)
    above[1:-1] = values[1:] - values[:-1]  # step into place i
    rising = edge | (above > 0)
    falling = edge | (above <= 0)
    return rising[:-1] & falling[1:]


def standard(values: Array, starts: Array) -> Array:
    """Each run with mean 0 and spread 1; a run without spread becomes 0."""
    size = np.maximum(np.diff(starts), 1)
    run = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    count = len(starts) - 1
    centred = values - (np.bincount(run, values, count) / size)[run]
    spread = np.sqrt(np.bincount(run, centred**2, count) / size)[run]
    return np.where(spread > 1e-9, centred / np.maximum(spread, 1e-9), 0)


def edges(starts: Array, reach: int = 3) -> Array:
    """Which gaps lie near an end: 0 … reach - 1 from the start, then from the end; then others."""
    size = np.diff(starts)
    first = np.arange(int(starts[-1])) - np.repeat(starts[:-1], size)
    last = np.repeat(size, size) - 1 - first
    return np.where(first < reach, first, np.where(last < reach, reach + last, 2 * reach))
