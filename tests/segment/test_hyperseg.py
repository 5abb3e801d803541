"""HyperSeg decides as its description says, a slow loop of its own; its closed form is near."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from hdlib.segment import HyperSeg, expected_cosines

WORDS = [f"word{i}" for i in range(40)]
STOPS = {"the", "of"}


def dialogue(seed, utterances=30):
    """Words that come back, stop words, and now and then an utterance without any word."""
    draw = np.random.default_rng(seed)
    out = []
    for _ in range(utterances):
        count = int(draw.integers(0, 9))
        words = [WORDS[int(40 * draw.random() ** 2)] for _ in range(count)]
        out.append(" ".join([*words, "the"] if draw.random() < 0.5 else words))
    return out


def described(utterances, vectors_of, sign, damp):
    """The description, step by step: ``-> truth values``."""
    known, kept, rows = {}, [], []
    for i, text in enumerate(utterances):
        tokens = [t for t in text.lower().split() if t not in STOPS]
        if tokens:
            for token in tokens:
                known.setdefault(token, len(known))
            kept.append(i)
            rows.append([known[t] for t in tokens])
    gaps = [False] * (len(utterances) - 1)
    vectors = vectors_of(len(known)).numpy().astype(float)
    sums = []
    for row in rows:
        total = np.zeros(vectors.shape[1])
        for i, number in enumerate(row):
            total += np.roll(vectors[number], len(row) - 1 - i)
        sums.append(total)
    s = [a @ b / (np.linalg.norm(a) * np.linalg.norm(b)) for a, b in pairwise(sums)]
    low = [i for i in range(1, len(s) - 1) if s[i] < s[i - 1] and s[i] < s[i + 1]]
    if damp:
        most = int(math.log(len(low)) ** 2) if low else 0
        low = sorted(low, key=lambda i: s[i])[:most]
    mean = sum(s) / len(s)
    limit = mean - math.sqrt(sum((x - mean) ** 2 for x in s) / (len(s) - 1))
    for i in low:
        if (s[i] > limit) == (sign == "published"):
            gaps[kept[i + 1] - 1] = True
    return gaps, s


@pytest.mark.claim("hyperseg-description")
@pytest.mark.parametrize("sign", ["published", "fixed"])
@pytest.mark.parametrize("damp", [False, True])
def test_decisions_are_those_of_the_description(sign, damp):
    found = 0
    for seed in range(12):
        segmenter = HyperSeg(2000, sign=sign, damp=damp, stops=STOPS, seed=seed)
        utterances = dialogue(seed)
        wanted, cosines = described(utterances, segmenter.vectors, sign, damp)
        result = segmenter.segment(utterances)
        assert result.boundaries.tolist() == wanted
        said = result.similarity[~np.isnan(result.similarity)]
        np.testing.assert_allclose(said, cosines, atol=1e-5)
        found += sum(wanted)
    assert found > 5


@pytest.mark.claim("hyperseg-closed-form")
def test_the_closed_form_predicts_similarities_and_decisions():
    real, predicted, same, gaps = [], [], 0, 0
    for seed in range(40):
        utterances = dialogue(seed)
        vectors = HyperSeg(10_000, stops=STOPS, seed=seed).segment(utterances)
        closed = HyperSeg(closed_form=True, stops=STOPS).segment(utterances)
        real.append(vectors.similarity)
        predicted.append(closed.similarity)
        same += int((vectors.boundaries == closed.boundaries).sum())
        gaps += len(utterances) - 1
    real, predicted = np.concatenate(real), np.concatenate(predicted)
    known = ~np.isnan(real)
    correlation = np.corrcoef(real[known], predicted[known])[0, 1]
    print(f"correlation {correlation:.4f}, equal decisions {same / gaps:.4f}")
    assert correlation > 0.99
    assert same / gaps > 0.96


def test_the_circle_is_torchhds():
    torchhd = pytest.importorskip("torchhd")
    torch.manual_seed(0)  # torchhd has no other way
    theirs = torchhd.circular(12, 20_000, "MAP")
    theirs = torchhd.cosine_similarity(theirs, theirs)[0].numpy()
    ours = HyperSeg(20_000).vectors(12)
    ours = HyperSeg(20_000).vsa.similarity(ours, ours)[0].numpy()
    np.testing.assert_allclose(ours, theirs, atol=0.04)


@pytest.mark.claim("hyperseg-flat")
def test_independent_vectors_make_the_curve_flat():
    spread = {}
    for basis in ("circular", "random"):
        said = [HyperSeg(4000, basis=basis, stops=STOPS).segment(dialogue(s)) for s in range(10)]
        spread[basis] = np.nanmean([np.nanmean(r.similarity) for r in said])
    print(f"mean similarity: circular {spread['circular']:.2f}, random {spread['random']:.2f}")
    assert spread["random"] < 0.25 * spread["circular"]


def test_lengths_alone_decide_where_no_word_comes_back():
    ids = [[0], [1, 2, 3, 4], [5]]
    long = expected_cosines(ids)
    assert long[0] == pytest.approx((1 - 2 * 2 / 6) / 2)  # 0 and 4 are 2 apart on a circle of 6


def test_short_and_empty_dialogues_have_no_boundary():
    segmenter = HyperSeg(500)
    assert segmenter.segment([]).sizes == []
    assert segmenter.segment(["the"]).sizes == [1]
    assert segmenter.segment(["the", "of"]).sizes == [2]
    assert segmenter.segment(["apples", "pears", "plums"]).sizes == [3]


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="sign must be"):
        HyperSeg(sign="wrong")
    with pytest.raises(ValueError, match="basis must be"):
        HyperSeg(basis="square")
    with pytest.raises(ValueError, match="closed form"):
        HyperSeg(basis="random", closed_form=True)
    with pytest.raises(TypeError, match="list of utterances"):
        HyperSeg().segment("one text")
