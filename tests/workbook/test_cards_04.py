"""The cards of notebook 04: they never wait, and say what theory, the grid and draws say."""

import itertools
import random
import re

import numpy as np
import pytest

from hdlib import theory
from hdlib.capacity import dimension_for
from hdlib.workbook import (
    explore_cliff,
    explore_majority,
    explore_membership,
    explore_nesting,
    explore_network,
    explore_overlap,
    explore_sizing,
    explore_tightness,
    sizes,
)
from hdlib.workbook.explorers import (
    cliff,
    majority,
    membership,
    nesting,
    network,
    overlap,
    tightness,
)
from tests.vsa.spaces import pooled
from tests.workbook.cards import deck, trace

CARDS = [explore_membership, explore_cliff, explore_sizing, explore_tightness]
CARDS += [explore_majority, explore_nesting, explore_overlap, explore_network]
TestDeck = deck(CARDS, ("branches", "nodes", "the item asked for", "1/√n"))


# Two histograms


def test_the_bars_hold_all_scores():
    for model, n in itertools.product(membership.MODELS, (1, 4, 21)):
        own, other = membership.masses(model, n, 256)
        assert other.sum() == pytest.approx(1, abs=1e-3), model
        assert own.sum() == pytest.approx(1, abs=1e-3), model


def test_drawn_errors_are_the_exact_ones():
    zs = []
    for model, (n, dim) in itertools.product(membership.MODELS, ((5, 64), (10, 128), (31, 256))):
        own, other = membership.drawn(model, n, dim)
        reading = membership.Reading(model, n, dim, 0.5)
        for share in (0.4, 0.6):
            positive, negative = reading.errors(share)
            at = share * reading.kept - 1e-9
            for rows, want in ((other >= at, positive), (own < at, negative)):
                each = rows.mean(1)
                if 0.01 < want < 0.99:
                    zs.append((each.mean() - want) / (each.std(ddof=1) / len(each) ** 0.5))
    assert len(zs) > 50
    pooled(zs)


def test_words_and_figures_of_the_membership_card_agree():
    card = explore_membership("MAPI", 50, 1024)
    said = re.search(r"passes in ([\d.]+) %, a member is missed in ([\d.]+) %", card.words)
    exact = theory.false_positive("MAPI", 50, dim=1024), theory.false_negative("MAPI", 50, dim=1024)
    assert [float(x) for x in said.groups()] == [float(f"{100 * p:.2g}") for p in exact]
    card.controls["share"].value = 1.0
    line = trace(card.figure, "threshold")
    assert line.x[0] == pytest.approx(1)
    ring = trace(card.figures[1], "you are here")
    assert ring.y[0] == pytest.approx(theory.false_negative("MAPI", 50, dim=1024, threshold=1.0))


# The cliff


def test_the_cliff_card_shows_the_kept_grid_beside_theory():
    card = explore_cliff("BSC", 784)
    points, line = trace(card.figure, "measured"), trace(card.figure, "expected")
    run = cliff.kept()["BSC"]
    assert list(points.y) == run["mean"][run["dims"].index(784)]
    assert np.abs(np.array(points.y) - np.array(line.y)).max() < 0.06
    assert "the published one 47.9" in card.words
    published = trace(card.figures[1], "published")
    rise = (published.y[1] - published.y[0]) / (published.x[1] - published.x[0])
    assert rise == pytest.approx(47.9)


@pytest.mark.claim("capacity-linear")
def test_the_dimension_that_is_enough_grows_linearly_in_theory_and_experiment():
    for model in cliff.SLOPES:
        items, first, enough = cliff.needed(model)
        assert np.corrcoef(items, enough)[0, 1] > 0.995, model
        assert np.corrcoef(items, first)[0, 1] > 0.97, model
        root = np.polyfit(np.log(items), np.log(enough), 1)[0]  # √D items would make this 2
        assert 0.85 < root < 1.25, model


# The calculator


def test_the_calculators_table_is_what_the_library_works_out():
    draw = random.Random(4)
    cells = [
        (task, model, cell)
        for task in sizes.TASKS
        for model in (*sizes.MODELS, *sizes.OTHERS)
        for cell in sizes.cells()
        if sizes.needed(task, model, *cell) is not None
    ]
    assert len(cells) > 1200
    for task, model, cell in draw.sample(cells, 25):
        found = sizes.needed(task, model, *cell)
        assert (found.dim, found.bound, found.form) == sizes.worked_out(task, model, *cell)


def test_the_calculator_names_the_winners_and_measures():
    card = explore_sizing().wait()
    assert card.figure.figure.layout.title.text == "FHRR needs fewest dimensions, 364"
    assert card.figures[1].figure.layout.title.text == "Bloom needs fewest bits, 244"
    share, error = map(float, re.search(r"fails in ([\d.]+) ± ([\d.]+) %", card.words).groups())
    assert abs(share - 1) < 4 * error
    card.controls["task"].value = "intersection"
    assert card.wait().words.endswith("Counted in the card of overlaps.")


# Tightness


@pytest.mark.parametrize("model", tightness.MODELS)
def test_four_looks_find_what_the_library_finds(model):
    for n, universe, failure in ((5, 500, 0.5), (10, 500, 0.1), (200, 10_000, 0.001)):
        want = dimension_for(model, n=n, universe=universe, failure=failure).dims["exact"]
        assert tightness.exact(model, n, universe, failure) == want


@pytest.mark.claim("proof-factor")
def test_the_proof_asks_for_six_times_the_need():
    for n, factor in ((10, 6.2), (25, 6.7), (50, 6.5)):
        forms = tightness.wanted("MAPB", n, 500, 0.1)
        assert forms["a proof, sufficient"] / forms["exact"] == pytest.approx(factor, abs=0.05)
    card = explore_tightness("MAPB")
    assert "a proof asks for 6.2 times" in card.figure.figure.layout.title.text


def test_bounds_are_above_the_need_and_the_filter_far_below():
    for model, n, universe in itertools.product(tightness.MODELS, (5, 100), (500, 1_000_000)):
        forms = tightness.wanted(model, n, universe, 0.01)
        assert forms["exact"] < forms["Hoeffding, sufficient"]
        assert forms[tightness.BLOOM_BITS] < 0.35 * forms["exact"]


# Majorities


def test_the_votes_of_the_others_add_up_and_tie_as_often_as_a_member_decides():
    for size in range(1, majority.MOST + 1):
        sums, chances = majority.walk(size)
        assert chances.sum() == pytest.approx(1)
        assert chances[sums == 0].sum() == pytest.approx(theory.majority_agreement(size))


def test_members_of_majorities_are_drawn_as_theory_says():
    zs = []
    for size in (2, 3, 6, 7, 15, 24, 33, 51):
        mean, error = majority.drawn(size)
        zs.append((mean - theory.majority_agreement(size)) / error)
    pooled(zs)
    assert "the 5 others and the coin tie in 31 %" in explore_majority(6).words


# Bundles of bundles


def test_trees_are_drawn_as_theory_says():
    zs = []
    for tree in ((3, 3, 3), (7, 5, 1), (4, 6, 2), (5, 2, 4), (9, 9, 3), (2, 2, 2)):
        for mean, error, want in zip(*nesting.drawn(tree), nesting.left(tree)[1:], strict=True):
            zs.append((mean - want) / error)
    pooled(zs)


def test_every_bundle_stands_over_its_own():
    levels = nesting.rows((2, 3, 2))
    assert [len(level) for level in levels] == [12, 6, 2, 1]
    assert levels[-1][0] == pytest.approx(0.5)
    np.testing.assert_allclose(levels[1], levels[0].reshape(-1, 2).mean(1))
    card = explore_nesting(5, 7, 1)
    assert "0.375 · 0.3125 · 1 = 0.1172" in card.words
    assert "of all 35 keeps 0.1358" in card.words
    assert len(trace(card.figure, "nodes").x) == 35 + 7 + 1 + 1


# Overlaps


def test_estimates_stray_as_far_as_theory_says():
    zs = []
    for way, (a, b, c, dim) in itertools.product(
        overlap.WAYS, ((50, 40, 20, 1024), (20, 20, 4, 512), (30, 70, 15, 1024))
    ):
        found = overlap.drawn(way, a, b, c, dim)
        mean, sd = overlap.expected(way, a, b, c, dim)
        zs.append((found.mean() - mean) / (sd / len(found) ** 0.5))
        assert found.std(ddof=1) == pytest.approx(sd, rel=0.5), way
    pooled(zs)


def test_the_circles_overlap_by_what_is_shared():
    grid = np.stack(np.meshgrid(np.linspace(-2, 3, 900), np.linspace(-1.2, 1.2, 500)))
    for first, second, share in ((1, 0.8, 0.5), (1, 0.5, 0.9), (1, 1, 0.2)):
        common = share * np.pi * second**2
        apart = overlap.distance(first, second, common)
        inside = (np.hypot(*grid) < first) & (np.hypot(grid[0] - apart, grid[1]) < second)
        assert inside.mean() * 5 * 2.4 == pytest.approx(common, rel=0.03)


def test_counting_filters_do_not_care_for_their_hashes():
    card = explore_overlap()
    assert "counting, 4 1.52, counting, 16 1.52" in card.words
    card.controls["a"].value, card.controls["b"].value = 100, 100
    card.controls["dim"].value = 256
    assert "Bloom" not in card.figures[1].figure.layout.title.text


# Networks


def test_drawn_networks_are_those_of_theory():
    zs = []
    for units, n in ((16, 12), (24, 35), (32, 60), (48, 100)):
        mean, error = network.drawn(units, n, 10)
        passes, _, flips = (curve[network.SIZES.index(n)] for curve in network.curves(units))
        zs += [(mean[0] - passes) / error[0], (mean[1] - flips) / error[1]]
    pooled(zs)


def test_the_network_card_says_both_errors():
    card = explore_network(64, 100)
    assert "a stranger passes in 1.8 %, in MAP-I with as many dimensions as pairs in 1.2 %" in (
        card.words
    )
    assert "flips 21 % of the bits" in card.words
