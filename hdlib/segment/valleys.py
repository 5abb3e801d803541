"""How alike the two sides of each gap are, and how deep the valley is that the gap lies in."""

from __future__ import annotations

import numba
import numpy as np

from hdlib.segment.segmentation import Array, Gaps


@numba.njit(cache=True, nogil=True, fastmath=True)  # sums in any order, so that they vectorise
def _products(rows: Array, width: int, out: Array) -> None:
    for i in range(len(rows)):
        for k in range(min(width, len(rows) - i)):
            one, other, total = rows[i], rows[i + k], np.float32(0)
            for j in range(len(one)):
                total += one[j] * other[j]
            out[i, k] = total


def band(rows: Array, width: int) -> Array:
    """Cosine of each row with itself and the next ones: ``(N, D) -> (N, width)``.

    Column k holds that of rows i and i + k, 0 beyond the last; a zero row is like nothing.
    """
    n = len(rows)
    out = np.zeros((n + width, width))
    _products(rows, width, out)
    length = np.sqrt(out[:, 0])
    place = np.arange(n)[:, None] + np.arange(width)
    return out[:n] / np.maximum(length[:n, None] * length[place], 1e-30)  # type: ignore[no-any-return]


def curve(near: Array, starts: Array, windows: tuple[int, ...]) -> Array:
    """Mean over windows of the cosine of the bundles on both sides: ``(N, ·) -> (N,)``.

    near: what ``band`` gives, at least 2 · max(windows) wide. starts: where dialogues begin.
    Place i is the gap after utterance i; windows end where the dialogue does. The product of two
    bundles is the sum of the products of their members, so that no bundle is ever made.
    """
    out = np.zeros(len(near))
    _curve(near, starts, np.array(windows), out)
    return out / len(windows)


@numba.njit(cache=True, nogil=True)
def _curve(near: Array, starts: Array, windows: Array, out: Array) -> None:
    for run in range(len(starts) - 1):
        for gap in range(starts[run] + 1, starts[run + 1]):
            for w in windows:
                first, last = max(starts[run], gap - w), min(starts[run + 1], gap + w)
                across, before, after = 0.0, 0.0, 0.0
                for a in range(first, gap):
                    before += 2 * near[a, : gap - a].sum() - near[a, 0]
                    across += near[a, gap - a : last - a].sum()
                for a in range(gap, last):
                    after += 2 * near[a, : last - a].sum() - near[a, 0]
                if before * after > 1e-24:
                    out[gap - 1] += across / np.sqrt(before * after)


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


def standard(values: Array, starts: Array, flat: float = 0.0) -> Array:
    """Each run with mean 0 and spread 1; a run without spread becomes 0.

    flat: a spread below which runs are not stretched to 1, as they may be noise: each is divided
    by √(spread² + flat²).
    """
    size = np.maximum(np.diff(starts), 1)
    run = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    count = len(starts) - 1
    centred = values - (np.bincount(run, values, count) / size)[run]
    spread = np.sqrt(np.bincount(run, centred**2, count) / size + flat**2)[run]
    return np.where(spread > 1e-9, centred / np.maximum(spread, 1e-9), 0)


def edges(starts: Array, reach: int = 3) -> Array:
    """Which gaps lie near an end: 0 … reach - 1 from the start, then from the end; then others."""
    size = np.diff(starts)
    first = np.arange(int(starts[-1])) - np.repeat(starts[:-1], size)
    last = np.repeat(size, size) - 1 - first
    return np.where(first < reach, first, np.where(last < reach, reach + last, 2 * reach))
