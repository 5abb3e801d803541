"""How wrong is a segmentation: Pk, WindowDiff, F1 and boundary similarity, equal to segeval's."""

from __future__ import annotations

from typing import Any

import numpy as np

from hdlib.segment.segmentation import Gaps
from hdlib.vsa.base import whole


def pair(verb: str, ref: Any, hyp: Any) -> tuple[Gaps, Gaps]:
    """Two segmentations of one dialogue as truth values; a ValueError if they are not."""
    both = [np.asarray(getattr(x, "boundaries", x)) for x in (ref, hyp)]
    for x in both:
        if x.ndim != 1 or not (x.dtype == np.bool_ or (len(x) == 0) or set(x.tolist()) <= {0, 1}):
            raise ValueError(f"{verb}: expected a truth value for each gap; see boundaries_of")
    if len(both[0]) != len(both[1]):
        raise ValueError(
            f"{verb}: {len(both[0])} and {len(both[1])} gaps; compare segmentations of one dialogue"
        )
    return both[0].astype(np.bool_), both[1].astype(np.bool_)


def window(ref: Any) -> int:
    """Half the mean segment of the reference, at least 2, rounded half to even as segeval does.

    >>> window([False, False, False, True, False, False, False, False, False])
    2
    """
    gaps = np.asarray(ref, dtype=np.bool_)
    return max(2, round((len(gaps) + 1) / (int(gaps.sum()) + 1) / 2))


def _counts(verb: str, ref: Any, hyp: Any, k: int | None) -> tuple[Any, Any]:
    """Boundaries inside each window of k gaps, of the reference and of the hypothesis."""
    one, two = pair(verb, ref, hyp)
    width = window(one) if k is None else whole(f"{verb}: k", k, 1)
    sums = [np.concatenate([[0], np.cumsum(x)]) for x in (one, two)]
    return tuple(s[width:] - s[:-width] if width < len(s) else s[:0] for s in sums)  # type: ignore[return-value]


def pk(ref: Any, hyp: Any, k: int | None = None) -> float:
    """Probability that two utterances k apart are wrongly joined or wrongly parted; 0 is best.

    ref, hyp: a truth value for each of the N - 1 gaps, or a ``Segmentation``. k: by default half
    the mean reference segment. There are N - k windows, as in segeval 2.0.11 (nltk has one more).
    Source: Beeferman, Berger & Lafferty 1999, doi:10.1023/A:1007506220214. Taught in notebook 07.

    >>> pk([0, 0, 1, 0, 0], [0, 1, 0, 0, 0])
    0.5
    """
    one, two = _counts("pk", ref, hyp, k)
    return float(np.mean((one > 0) != (two > 0))) if len(one) else 0.0


def window_diff(ref: Any, hyp: Any, k: int | None = None) -> float:
    """Share of windows in which the numbers of boundaries differ; 0 is best.

    Arguments as for ``pk``. Source: Pevzner & Hearst 2002, doi:10.1162/089120102317341756, without
    padding, as in segeval 2.0.11. Taught in notebook 07.

    >>> window_diff([0, 0, 1, 0, 0], [0, 1, 1, 0, 0])
    0.5
    """
    one, two = _counts("window_diff", ref, hyp, k)
    return float(np.mean(one != two)) if len(one) else 0.0


def f1(ref: Any, hyp: Any) -> float:
    """Harmonic mean of precision and recall of exact boundaries; 1 where neither has any.

    >>> round(f1([0, 1, 0, 1], [0, 1, 0, 0]), 3)
    0.667
    """
    one, two = pair("f1", ref, hyp)
    placed = int(one.sum()) + int(two.sum())
    return 2 * int((one & two).sum()) / placed if placed else 1.0


def boundary_similarity(ref: Any, hyp: Any, n_t: int = 2) -> float:
    """1 where all boundaries agree, 0 where none is near: an edit distance of boundaries.

    A boundary that moved by less than n_t gaps costs its shift divided by n_t; one that is missing
    or superfluous costs 1; the sum is divided by the number of matches and edits. Moves are taken
    shortest first, then from left to right, and never overlap. Source: Fournier 2013, ACL P13-1167,
    as in segeval 2.0.11. Taught in notebook 07.

    >>> boundary_similarity([0, 0, 1, 0, 0], [0, 1, 0, 0, 0])
    0.5
    """
    one, two = pair("boundary_similarity", ref, hyp)
    most = whole("boundary_similarity: n_t", n_t, 2)
    only = one.astype(np.int8) - two  # 1: the reference alone, -1: the hypothesis alone
    taken, moves, cost = np.zeros(len(one), np.bool_), 0, 0.0
    for shift in range(1, most):
        for i in np.flatnonzero(only[:-shift] * only[shift:] == -1):
            if not (taken[i] or taken[i + shift]):
                taken[[i, i + shift]] = True
                moves, cost = moves + 1, cost + shift / most
    full = int(((only != 0) & ~taken).sum())
    total = full + moves + int((one & two).sum())
    return (total - full - cost) / total if total else 1.0
