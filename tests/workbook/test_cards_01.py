"""The cards of notebook 01: words and figures agree with the plain algebra, theory beside them."""

import math
import re

import numpy as np
import pytest
import torch

from hdlib import BSC, MODELS, theory
from hdlib.workbook import explore_codebook, explore_noise, explore_similarity
from hdlib.workbook.explorers import codebook, noise, similarity
from hdlib.workbook.models import NAMES
from tests.vsa.spaces import pooled
from tests.workbook.cards import deck, trace

CARDS = [explore_similarity, explore_codebook, explore_noise]
TestDeck = deck(CARDS, drawings=("tolerance", "this draw", "2^D"))


# Pairs


@pytest.mark.parametrize("model", NAMES)
def test_pairs_are_those_of_the_plain_algebra(model):
    vsa = MODELS[model](256, seed=4)
    atoms = vsa.atoms(list(range(similarity.ATOMS)))
    found = similarity.drawn(model, 256, seed=4)
    assert len(found) == 2016
    for place, (i, j) in enumerate([(0, 1), (0, 2), (0, 3)]):
        assert found[place] == pytest.approx(float(vsa.similarity(atoms[i], atoms[j])), abs=1e-6)


@pytest.mark.parametrize("model", NAMES)
@pytest.mark.parametrize("dim", similarity.DIMS)
def test_bars_hold_the_whole_law_and_cut_no_step(model, dim):
    bars = similarity.bars(model, dim)
    assert 0.9985 < bars.exact.sum() < 1 + 1e-6
    assert len(bars.exact) <= similarity.BARS + 3
    assert (bars.exact >= 0).all()
    if model in theory.orthogonality.COUNTS:
        values, _ = theory.similarity_mass(model, dim)
        gaps = np.abs(values[:, None] - bars.edges).min()
        assert gaps > 0.4 * (values[1] - values[0])


def test_bars_are_the_law_that_is_drawn():
    z = []
    for cell, model in enumerate(NAMES):
        bars = similarity.bars(model, 256)
        shares = [bars.shares(similarity.drawn(model, 256, 100 * cell + i)) for i in range(20)]
        place = len(bars.exact) // 3  # one bar a model: the bars of one draw share its pairs
        p = bars.exact[place]
        error = math.sqrt(p * (1 - p) / similarity.PAIRS / 20)
        z.append((np.mean(shares, 0)[place] - p) / error)
    pooled(z)


def test_words_and_figures_of_the_pairs_say_the_same():
    card = explore_similarity("FHRR", 1024).wait()
    said = float(re.search(r"deviation ([\d.]+) ±", card.words)[1])
    assert said == pytest.approx(
        math.sqrt((similarity.drawn("FHRR", 1024, 0) ** 2).mean()), abs=1e-4
    )
    assert f"exact {theory.similarity_sd(1024, model='FHRR'):.4f}" in card.words
    ring = trace(card.figures[1], "you are here")
    assert ring.x[0] == 1024
    assert math.cos(math.radians(ring.y[0])) == pytest.approx(-2 / math.sqrt(2048))
    assert "20 other draws" in card.words
    assert trace(card.figures[0], similarity.MEASURED).visible


@pytest.mark.parametrize(("model", "dim", "said"), [("MCR", 16, 1), ("MCR", 64, 0), ("BSC", 16, 0)])
def test_a_law_whose_steps_are_smoothed_says_so(model, dim, said):
    notes = explore_similarity(model, dim).figure.figure.layout.annotations
    assert sum("steps smoothed" in note.text for note in notes) == said


def test_zoom_shows_the_needle():
    card = explore_similarity(dim=10_000)
    wide = card.figure.figure.layout.xaxis.range[1]
    card.controls["zoom"].value = True
    assert card.figure.figure.layout.xaxis.range[1] < wide / 15


# Codebooks


def test_the_closest_pair_is_that_of_the_plain_algebra():
    vsa = BSC(512, seed=3)
    atoms = vsa.atoms(torch.arange(1024))
    for n in (2, 3, 50, 1024):
        pairs = vsa.similarity(atoms[:n], atoms[:n]).fill_diagonal_(0)
        assert codebook.largest(512, 3)[n - 1] == pytest.approx(float(pairs.abs().max()))


def test_the_closest_pair_is_as_expected_and_below_the_bound():
    z, above = [], 0
    for dim in (256, 512, 1024, 2048):
        drawn = np.array([codebook.largest(dim, seed) for seed in range(1, 41)])
        for place, n in enumerate(codebook.SIZES):
            above += (drawn[:, n - 1] > codebook.bound(dim)[place]).sum()
        at = 1 + codebook.DIMS.index(dim)  # one size a dimension: sizes share their pairs
        found = drawn[:, codebook.SIZES[at] - 1]
        mean = codebook.expected(dim)[at]
        z.append((found.mean() - mean) / (found.std(ddof=1) / math.sqrt(len(found))))
    pooled(z)
    assert above <= 0.01 * 4 * 40 * len(codebook.SIZES)


def test_half_of_all_codebooks_break_where_the_dotted_line_says():
    card = explore_codebook(512, 128, 0.2).wait()
    point = trace(card.figures[1], "atoms until one is too close")
    fit = float(theory.codebook_size(512, 0.2, failure=0.5, method="independent"))
    assert point.visible
    assert trace(card.figures[1], "you are here").y[0] == fit
    assert abs(point.y[0] - fit) < 4 * point.error_y.array[0]


def test_a_codebook_that_does_not_break_is_said_to_be_whole():
    card = explore_codebook(4096, 128, 0.3).wait()
    assert "20 of them kept all 1,024 atoms apart" in card.words
    assert not trace(card.figures[1], "atoms until one is too close").visible


@pytest.mark.claim("two-capacities")
def test_names_grow_exponentially_and_bundles_linearly():
    held = {dim: codebook.bundle_size(dim) for dim in (1024, 2048, 4096)}
    assert held == {1024: 19, 2048: 39, 4096: 79}
    names = theory.codebook_size(np.array([1024, 2048, 4096]), 0.2)
    assert names[1] / names[0] > 1e3
    assert names[2] / names[1] > 1e7


def test_a_bundle_holds_what_the_card_says():
    dim, n, trials = 1024, codebook.bundle_size(1024), 100
    vsa, won = BSC(dim, seed=8), 0
    for _ in range(trials):
        atoms = vsa.random(codebook.CANDIDATES)
        scores = vsa.similarity(vsa.bundle(atoms[:n]), atoms)
        won += int(scores.argmax() < n and scores[0] > scores[n:].max())
    assert won >= 94  # 99 % are expected, and one in a thousand runs would have fewer


def test_words_hold_at_the_ends_of_the_sliders():
    assert "Up to 1 atom does so 99 times in 100" in explore_codebook(64, 2, 0.1).words
    lonely = explore_noise(64, 2, damage=0)
    assert "the wrong one has" in lonely.words
    assert "200 of 200 recognised" in lonely.words
    assert lonely.figure.figure.layout.title.text == "Right 1.00, best wrong 0.00"


def test_words_and_figures_of_the_codebook_say_the_same():
    card = explore_codebook()
    card.controls["n"].value = 32
    said = float(re.search(r"\|similarity\| is ([\d.]+)", card.words)[1])
    ring = trace(card.figures[0], "you are here")
    assert (ring.x[0], round(ring.y[0], 3)) == (32, said)
    assert f"{said:.3f}" in card.figure.figure.layout.title.text


# Noise


def test_scores_are_those_of_the_plain_algebra():
    own, best, won = noise.trials(512, 100, "flip", 30, seed=2)
    vsa = BSC(512, seed=2)
    atoms = vsa.atoms(torch.arange(100))
    dense = vsa.dense(atoms).double()
    assert own.mean() == pytest.approx(0.4, abs=0.02)
    assert len(own) == len(best) == len(won) == noise.TRIALS
    # Nothing damaged: 1 for itself, and the best of the others is a similarity of two atoms.
    own, best, won = noise.trials(512, 100, "flip", 0, seed=2)
    signs = 1 - 2 * dense
    others = (signs @ signs.T / 512).fill_diagonal_(-2).max(-1).values
    assert (own == 1).all()
    assert best[:100] == pytest.approx(others.numpy())
    assert (won == 1).all()


@pytest.mark.claim("recognition-cliff")
def test_recognition_is_the_exact_one_for_all_settings():
    z = []
    for dim in (64, 128, 256, 512):
        for known in (10, 100):
            for kind, levels in (("flip", (30, 36, 40, 44)), ("toss", (60, 74, 84, 90))):
                for damage in levels:
                    p = theory.recognition(dim, noise.kept(kind, damage), known)
                    if not 0.05 < p < 0.95:
                        continue
                    won = noise.trials(dim, known, kind, damage, seed=500 + len(z))[2]
                    z.append((won.mean() - p) / (won.std(ddof=1) / math.sqrt(len(won))))
    assert len(z) > 30
    pooled(z)


def test_a_cliff_near_one_half_for_flips_and_none_there_for_tosses():
    for dim in noise.DIMS:
        flipped = noise.curve(dim, 100, "flip")
        assert flipped[noise.GRIDS["flip"].index(50)] == pytest.approx(1 / 100, abs=1e-6)
    assert noise.curve(4096, 1000, "flip")[noise.GRIDS["flip"].index(44)] > 0.99
    assert noise.curve(1024, 1000, "toss")[noise.GRIDS["toss"].index(50)] > 0.999


def test_words_and_figures_of_the_noise_say_the_same():
    card = explore_noise(damage=40).wait()
    sure = theory.recognition(256, 0.2, 100)
    ring = trace(card.figures[1], "you are here")
    assert (ring.x[0], ring.y[0]) == (40, pytest.approx(sure))
    assert f"exact: {sure:.0%}".replace("%", " %") in card.words
    points = trace(card.figures[1], noise.MEASURED)
    assert points.visible
    for damage, share in zip(points.x, points.y, strict=True):
        p = theory.recognition(256, 1 - damage / 50, 100)
        assert abs(share - p) < 0.02 + 4 * math.sqrt(p * (1 - p) / noise.TRIALS)
    drawn = trace(card.figures[0], "right, drawn")
    assert sum(drawn.y) == pytest.approx(1)
    assert sum(trace(card.figures[0], "right").y) == pytest.approx(1)
    assert sum(trace(card.figures[0], "best wrong").y) == pytest.approx(1)
