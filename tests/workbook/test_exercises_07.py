"""The exercises of notebook 07: solutions are right, wrong answers get the advice that fits."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest
import torch

from hdlib.segment import boundaries_of, contexts, expected_cosines, metrics, valleys
from hdlib.theory import random_segmentation
from hdlib.workbook.exercises import nb07
from tests.workbook.lessons import lesson

SOLUTIONS = {f"07.{task[0]}": task[4] for task in nb07.TASKS}


def windows(count, ref, hyp, k):
    return [count(ref[i : i + k]) != count(hyp[i : i + k]) for i in range(len(ref) + 1 - k)]


def row_share(counts, power=0.75):
    share = counts.sum(0) ** power
    return counts / (counts.sum(1, keepdim=True) * share / share.sum())


def near_by(lines, word, reach, back=False, own=False):
    found = Counter()
    for i, line in enumerate(lines):
        if word in line:
            for near in lines[max(0, i - reach) : i + 1 + (0 if back else reach)]:
                found.update(set(near) if own else set(near) - {word})
    return dict(found)


def beside(heights, gap):
    left, right = heights[max(gap - 1, 0)], heights[min(gap + 1, len(heights) - 1)]
    return left + right - 2 * heights[gap]


def highest(heights, gap):
    return max(heights[: gap + 1]) + max(heights[gap:]) - 2 * heights[gap]


def on_a_line(a, b, v):
    pairs = zip(a[::-1], b[::-1], strict=False)
    return sum(1 - 2 * abs(x - y) / v for x, y in pairs) / math.sqrt(len(a) * len(b))


def halved(a, b, v):
    pairs = zip(a[::-1], b[::-1], strict=False)
    near = [min(abs(x - y), v - abs(x - y)) for x, y in pairs]
    return sum(1 - d / v for d in near) / math.sqrt(len(a) * len(b))


ask = nb07.expected
NEAR = [
    ("07.sizes", lambda b: nb07.sizes(b)[:-1], "last topic is missing"),
    ("07.sizes", lambda b: [nb07.sizes(b)[0] - 1, *nb07.sizes(b)[1:]], "one short"),
    ("07.sizes", lambda b: [2, 2, 1], "sum to 5"),
    ("07.sizes", lambda b: sum(b), "a list of whole numbers"),
    ("07.sizes", lambda b: [len(b), 1], "you give"),
    ("07.utterance", lambda v, i: sum(v[n].roll(p) for p, n in enumerate(i)), "from the start"),
    ("07.utterance", lambda v, i: v[i].sum(0), "not shifted"),
    ("07.utterance", lambda v, i: sum(v[n].roll(-p) for p, n in enumerate(i[::-1])), "other way"),
    ("07.utterance", lambda v, i: nb07.utterance(v, i).roll(1), "too far"),
    ("07.utterance", lambda v, i: nb07.utterance(v, i).sign(), "the sign"),
    ("07.utterance", lambda v, i: v[i[0]] * 7, "distance from the end"),
    ("07.utterance", lambda v, i: v[:2], "returns shape"),
    ("07.expected", lambda a, b, v: ask(a[::-1], b[::-1], v), "first words"),
    ("07.expected", on_a_line, "that is a line"),
    ("07.expected", halved, "must have −1"),
    ("07.expected", lambda a, b, v: ask(a, b, v) * (len(a) * len(b)) ** 0.5, "by their lengths"),
    ("07.expected", lambda a, b, v: ask(a, b, v) / (len(a) * len(b)) ** 0.5, "not by m n"),
    (
        "07.expected",
        lambda a, b, v: ask(a, b, v) * (len(a) * len(b)) ** 0.5 / min(len(a), len(b)),
        "both sums",
    ),
    ("07.expected", lambda a, b, v: 7.0, "equally far"),
    ("07.depth", highest, "first hilltop"),
    ("07.depth", beside, "neighbours only"),
    ("07.depth", lambda h, g: nb07.depth(h, g) / 2, "add them up"),
    ("07.depth", lambda h, g: -nb07.depth(h, g), "turned round"),
    ("07.depth", lambda h, g: nb07.depth(h[: g + 1], g), "left alone"),
    ("07.depth", lambda h, g: nb07.depth(h[g:], 0), "right alone"),
    ("07.depth", lambda h, g: 9.0, "Climb from"),
    ("07.company", lambda n, w, r: near_by(n, w, r, own=True), "no company of its own"),
    ("07.company", lambda n, w, r: near_by(n, w, 0), "same utterance only"),
    ("07.company", lambda n, w, r: near_by(n, w, r, back=True), "look back only"),
    ("07.company", lambda n, w, r: dict.fromkeys(nb07.company(n, w, r), 99), "the counts are not"),
    ("07.company", lambda n, w, r: [w], "give a dict"),
    ("07.company", lambda n, w, r: {"plum": 1}, "you give"),
    ("07.ppmi", lambda x: row_share(x, 1).log().clamp(min=0), "power 0.75"),
    ("07.ppmi", lambda x: row_share(x).log(), "Negative ones"),
    ("07.ppmi", lambda x: row_share(x).log2().clamp(min=0), "natural"),
    ("07.ppmi", lambda x: row_share(x), "Take the logarithm"),
    (
        "07.ppmi",
        lambda x: (x / (x.sum(1, keepdim=True) * (x.sum(0) / x.sum()) ** 0.75)).log().clamp(min=0),
        "their own sum",
    ),
    ("07.ppmi", lambda x: x * math.nan, "not finite"),
    ("07.ppmi", lambda x: x + 1, "It is not max"),
    ("07.pk", lambda a, b, k: np.mean(windows(sum, a, b, k)), "WindowDiff"),
    ("07.pk", lambda a, b, k: 1 - np.mean(windows(any, a, b, k)), "right windows"),
    ("07.pk", lambda a, b, k: sum(windows(any, a, b, k)), "give the share"),
    ("07.pk", lambda a, b, k: sum(windows(any, a, b, k)) / (len(a) + 2 - k), "too many"),
    ("07.pk", lambda a, b, k: -3.0, "There are"),
    ("07.coins", lambda s, r, k: 1 - nb07.coins(s, r, k), "right windows"),
    ("07.coins", lambda s, r, k: s * (1 - r) ** k, "parted wrongly"),
    ("07.coins", lambda s, r, k: (1 - s) * (1 - (1 - r) ** k), "can be missed"),
    ("07.coins", lambda s, r, k: s * (1 - r) + (1 - s) * r, "one gap"),
    ("07.coins", lambda s, r, k: s * (1 - k * r) + (1 - s) * k * r, "do not add up"),
    ("07.coins", lambda s, r, k: (1 - r) ** k, "should be empty"),
    ("07.coins", lambda s, r, k: 7, "no coin"),
    ("07.stands_for", lambda x: int((x @ x.sum(0)).argmax()), "dot product"),
    (
        "07.stands_for",
        lambda x: int(torch.cosine_similarity(x, x.sum(0), dim=-1).argmin()),
        "least like",
    ),
    ("07.stands_for", lambda x: 9, "rows 0 to 5"),
    ("07.stands_for", lambda x: "0", "number of a row"),
]

TestLesson = lesson("07", SOLUTIONS, NEAR, 7)


def test_the_solutions_are_what_hdlib_does():
    gaps = boundaries_of([3, 1, 4])
    assert nb07.sizes(gaps.tolist()) == [3, 1, 4]
    rows = [[0, 1, 2, 3], [4, 2], [0, 5, 6]]
    wanted = [nb07.expected(a, b, 7) for a, b in itertools.pairwise(rows)]
    assert expected_cosines(rows).tolist() == pytest.approx(wanted)
    heights = np.random.default_rng(7).random(30)
    slow = [nb07.depth(heights.tolist(), g) for g in range(30)]
    assert valleys.depth(heights, np.array([0, 30])).tolist() == pytest.approx(slow)
    ref, hyp = boundaries_of([4, 5, 3, 6]), boundaries_of([5, 5, 8])
    for k in (2, 3, 4):
        assert nb07.wrong_windows(ref.tolist(), hyp.tolist(), k) == metrics.pk(ref, hyp, k)
    for rate in (0.1, 0.4):
        full = np.mean([ref[i : i + 3].any() for i in range(len(ref) - 2)])
        exact = random_segmentation(ref, rate, window=3)[0]
        assert nb07.coins(full, rate, 3) == pytest.approx(exact)


def test_ppmi_is_that_of_the_segmenter():
    from scipy import sparse

    counts = torch.tensor([[0.0, 3, 1], [3, 0, 0], [1, 0, 0]], dtype=torch.float64)
    ours = contexts.ppmi(sparse.csr_array(counts.numpy())).toarray()
    assert ours == pytest.approx(nb07.ppmi(counts).numpy(), abs=1e-6)
