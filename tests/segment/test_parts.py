"""The segmenter's parts against slow loops, scipy and closed forms."""

import itertools
import math

import numpy as np
import pytest
import torch
from scipy import stats
from sklearn.metrics.pairwise import cosine_similarity

from hdlib import BSC, MAPB
from hdlib.segment import contexts, mixture, turns, valleys, words
from hdlib.segment.baselines import TextTiling
from tests.segment.talk import talk


def test_words_are_read_once_each():
    text = words.read([{"utterances": ["Go, go! Where?", "", "going's 5"]}, {"utterances": ["go"]}])
    assert text.tokens == ["go", "!", "where", "?", "going's", "5"]
    assert text.stems == ["go", "where", "going", "5"]
    seen = list(zip(text.utterance.tolist(), [text.tokens[t] for t in text.token], strict=True))
    assert seen[:4] == [(0, "go"), (0, "!"), (0, "where"), (0, "?")]
    assert text.starts.tolist() == [0, 3, 4]
    assert text.gaps.tolist() == [0, 2, 2]
    assert text.left.tolist() == [0, 1]
    utterance, stem = words.bags(text)
    assert utterance.tolist() == [0, 0, 2, 2, 3]
    assert stem.tolist() == [0, 1, 2, 3, 0]


def test_cooccurrences_and_ppmi_equal_slow_loops():
    dialogues, reach = talk(3, seed=1, topics=3), 2
    text = words.read(dialogues)
    order = np.arange(len(text.stems))
    counts = contexts.cooccurrence(text, order, reach)
    slow = np.zeros((len(order), len(order)))
    place = {name: i for i, name in enumerate(text.stems)}
    for dialogue in dialogues:
        bags = [{place[t[:5]] for t in words.tokens(u)} for u in dialogue["utterances"]]
        for i, j in itertools.product(range(len(bags)), repeat=2):
            if abs(i - j) <= reach:
                for a, b in itertools.product(bags[i], bags[j]):
                    slow[a, b] += a != b
    np.testing.assert_array_equal(counts.toarray(), slow)
    share = slow.sum(0) ** 0.75 / (slow.sum(0) ** 0.75).sum()
    with np.errstate(divide="ignore"):
        wanted = np.maximum(0, np.log(slow / (slow.sum(1)[:, None] * share)))
    np.testing.assert_allclose(contexts.ppmi(counts).toarray(), wanted, atol=1e-5)


def test_only_the_greatest_pairs_are_kept(monkeypatch):
    text = words.read(talk(3, seed=1))
    counts = contexts.cooccurrence(text, np.arange(len(text.stems)), 2)
    whole = contexts.ppmi(counts)
    monkeypatch.setattr(contexts, "PAIRS", 500)
    few = contexts.ppmi(counts)
    assert 300 < few.nnz <= 500
    assert few.data.min() >= np.sort(whole.data)[-501]


def bundles(rows, first, last):
    return sum(rows[i] / np.linalg.norm(rows[i]) for i in range(first, last))


@pytest.mark.parametrize("sizes", [(9, 1, 2, 300), (5,)])
def test_the_curve_equals_the_cosine_of_bundles(sizes):
    windows = 1, 3, 4
    starts = np.concatenate([[0], np.cumsum(sizes)])
    x = np.random.default_rng(0).normal(0.3, 1, (starts[-1], 256))
    near = valleys.band(x.astype(np.float32), 8)
    found = valleys.curve(near, starts, windows)
    for begin, end in itertools.pairwise(starts):
        for i in range(begin, end - 1):
            total = 0
            for w in windows:
                left = bundles(x, max(begin, i - w + 1), i + 1)
                right = bundles(x, i + 1, min(end, i + 1 + w))
                total += left @ right / (np.linalg.norm(left) * np.linalg.norm(right))
            assert found[i] == pytest.approx(total / 3, abs=2e-6)


def test_the_band_is_the_middle_of_the_table_of_cosines():
    x = np.random.default_rng(1).normal(size=(20, 33)).astype(np.float32)
    x[7] = 0
    near, table = valleys.band(x, 5), cosine_similarity(x)
    for i, k in itertools.product(range(20), range(5)):
        wanted = table[i, i + k] if i + k < 20 else 0
        assert near[i, k] == pytest.approx(wanted, abs=1e-6)


def climb(s, i, step):
    while 0 <= i + step < len(s) and s[i + step] >= s[i]:
        i += step
    return s[i]


def test_depth_and_peaks_equal_slow_loops():
    draw = np.random.default_rng(3)
    sizes = [1, 2, 7, 40, 3]
    starts = np.concatenate([[0], np.cumsum(sizes)])
    s = draw.integers(0, 5, starts[-1]) / 4.0  # with many ties
    found, tops = valleys.depth(s, starts), valleys.peaks(s, starts)
    for begin, end in itertools.pairwise(starts):
        part = s[begin:end]
        for i in range(len(part)):
            assert found[begin + i] == climb(part, i, -1) + climb(part, i, 1) - 2 * part[i]
            left = i == 0 or part[i] > part[i - 1]
            right = i == len(part) - 1 or part[i] >= part[i + 1]
            assert tops[begin + i] == (left and right)
    assert valleys.depth(s[:0], np.array([0])).size == 0


def test_runs_are_standardised_each_for_itself():
    x = np.array([1.0, 2.0, 6.0, 5.0, 5.0, 7.0])
    found = valleys.standard(x, np.array([0, 3, 5, 6]))
    np.testing.assert_allclose(found[:3], stats.zscore(x[:3]))
    assert found[3:].tolist() == [0, 0, 0]
    shrunk = x[:3].std() / math.hypot(x[:3].std(), 0.5)
    np.testing.assert_allclose(valleys.standard(x, np.array([0, 3, 5, 6]), 0.5), shrunk * found)
    assert valleys.edges(np.array([0, 8, 10])).tolist() == [0, 1, 2, 6, 6, 5, 4, 3, 0, 1]


def test_two_populations_are_found_again():
    draw = np.random.default_rng(0)
    x = np.concatenate([draw.normal(0, 1, 8000), draw.normal(4, 1, 2000)])
    found = mixture.fit(x)
    assert found.low == pytest.approx(0, abs=0.05)
    assert found.high == pytest.approx(4, abs=0.1)
    assert found.variance == pytest.approx(1, abs=0.05)
    assert found.share == pytest.approx(0.2, abs=0.01)
    density = [
        share * stats.norm.pdf(found.even, mean, math.sqrt(found.variance))
        for share, mean in ((found.share, found.high), (1 - found.share, found.low))
    ]
    assert density[0] == pytest.approx(density[1])
    assert mixture.fit(np.ones(100)) is None
    assert mixture.fit(np.arange(5.0)) is None


def test_ridge_equals_least_squares_with_a_penalty():
    from scipy import sparse

    draw = np.random.default_rng(1)
    rows = (draw.random((60, 7)) < 0.4).astype(float)
    target = draw.normal(size=60)
    ridge = turns.Ridge(sparse.csr_array(rows))
    centred = rows - rows.mean(0)
    more = np.vstack([centred, math.sqrt(turns.RIDGE * 60) * np.eye(7)])
    wanted = np.linalg.lstsq(more, np.concatenate([target, np.zeros(7)]), rcond=None)[0]
    np.testing.assert_allclose(ridge.weights(target), wanted, atol=1e-10)
    np.testing.assert_allclose(ridge(rows, wanted), centred @ wanted, atol=1e-10)


def test_agreement_is_about_other_gaps_than_those_learned_from():
    from scipy import sparse

    draw = np.random.default_rng(2)
    rows = (draw.random((4000, 20)) < 0.3).astype(float)
    noise = draw.normal(size=4000)
    told = rows @ draw.normal(size=20)
    assert turns.agreement(sparse.csr_array(rows), noise) < 0.08
    signal = told / told.std()
    found = turns.agreement(sparse.csr_array(rows), signal + noise)
    assert found == pytest.approx(math.sqrt(0.5), abs=0.06)


def test_cues_say_the_same_as_the_matrix_they_were_learned_from():
    text = words.read([*talk(4, seed=5, roles=True), *talk(3, seed=6)])
    listed, speakers, rows = turns.features(text)
    assert {"user > agent", "agent > user", "place 0", "place 1"} == set(speakers)
    weights = np.random.default_rng(0).normal(size=rows.shape[1])
    cues = turns.Cues(listed, speakers, weights, 0.25, 2.0)
    np.testing.assert_allclose(cues(text), (rows @ weights - 0.25) / 2, atol=1e-10)


def test_signs_and_packed_bits_are_one_model():
    names = ["a", "b", "c"]
    mixed = torch.from_numpy(np.random.default_rng(0).normal(size=(3, 200))).float()
    one, two = MAPB(200), BSC(200)
    assert torch.equal(contexts.atoms(one, names), contexts.atoms(two, names))
    signs, bits = contexts.stored(one, mixed), contexts.stored(two, mixed)
    assert torch.equal(contexts.real(one, signs), contexts.real(two, bits))
    np.testing.assert_array_equal(contexts.real(two, bits).numpy(), np.sign(mixed.numpy()))


def test_texttiling_compares_word_counts_of_both_sides():
    utterances = ["red red blue", "blue", "green", "green gold"]
    found = TextTiling(window=2).segment(utterances)
    unit = math.sqrt(0.5)
    left, right = np.array([unit, unit + 1, 0, 0]), np.array([0, 0, 1 + unit, unit])
    assert found.similarity[1] == pytest.approx(left @ right)
    assert found.sizes == [2, 2]
