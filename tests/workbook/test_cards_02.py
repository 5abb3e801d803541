"""The cards of notebook 02: they never wait, and say what theory and the plain algebra say."""

import re

import numpy as np
import pytest
import torch

from hdlib import ItemMemory, theory
from hdlib.workbook import explore_binding, explore_bundle, explore_ties, model_table
from hdlib.workbook.explorers import binding, bundle, ties
from hdlib.workbook.models import NAMES, measured, space
from tests.workbook.cards import deck, trace

CARDS = [explore_bundle, explore_binding, explore_ties]
TestDeck = deck(CARDS)


# Bundles


def test_a_cell_of_the_bundle_card_is_the_plain_algebra():
    n, dim, items = 12, 256, 100
    kept, _, won, _ = bundle.drawn("MAPB", n, dim, items)
    vsa, strangers = space("MAPB", dim, seed=1000 + n), bundle.strangers("MAPB", dim, items)
    similarities, right = [], []
    for members in vsa.random(100, n):
        total = vsa.bundle(members)
        similarities += vsa.similarity(total, members).tolist()
        best = vsa.similarity(total, strangers)
        for own in vsa.similarity(total, members):
            ties_ = int((best == best.max()).sum())
            right.append(1.0 if own > best.max() else (own == best.max()).item() / (1 + ties_))
    assert kept == pytest.approx(np.mean(similarities), abs=1e-6)
    assert won == pytest.approx(np.mean(right), abs=1e-6)


def test_words_and_figures_of_the_bundle_card_agree():
    card = explore_bundle()
    card.controls["model"].value, card.controls["n"].value = "SBC", 9
    said = re.search(r"similarity ([\d.]+) in SBC \(exact\); .* finds it in (\d+) %", card.words)
    left, right = (trace(view, "you are here") for view in card.figures)
    assert left.y[0] == pytest.approx(float(said[1]), abs=5e-4)
    assert right.y[0] == pytest.approx(float(said[2]) / 100, abs=5e-3)
    assert right.y[0] == theory.cleanup_accuracy("SBC", 9, 1000, dim=1024)
    assert "the last is SBC" in card.words
    card.controls["n"].value, card.controls["dim"].value = 1, 2304
    assert card.words.endswith("so do all models.")


def test_models_are_measured_at_sizes_of_their_own_and_at_the_one_looked_at():
    card = explore_bundle("VTB").wait()
    assert "Measured" in card.words
    sizes = {model: trace(card.figure, measured(model)).x for model in NAMES}
    assert 32 in sizes["VTB"]
    shared = ("MAPI", "HRR", "FHRR", "MBAT")  # one curve: the points take turns
    assert len({size for model in shared for size in sizes[model]}) == sum(
        len(sizes[model]) for model in shared
    )
    for model in NAMES:
        points = trace(card.figures[1], measured(model))
        wanted = theory.cleanup_accuracy(model, list(points.x), 1000, dim=1024)
        slack = 5 * np.maximum(points.error_y.array, 0.004)
        assert (np.abs(np.array(points.y) - wanted) < slack).all(), model


# Binding


@pytest.mark.parametrize("asked", binding.ASKED)
@pytest.mark.parametrize("model", NAMES)
def test_comparisons_are_as_expected_in_every_model(asked, model):
    mean, stderr = binding.drawn(asked, model, 1024)
    expected = binding.expected(asked, model, 1024)
    assert abs(mean - expected) < 5 * stderr + 1e-5


def test_the_binding_card_names_how_many_models_are_exact_and_commute():
    card = explore_binding()
    for asked, finding in (("back", "exact in 9 of 11"), ("swapped", "matter in 8 of 11")):
        card.controls["asked"].value = asked
        assert finding in card.figure.figure.layout.title.text
    rows = model_table().rows
    assert sum(row[-2] == "exact" for row in rows) == 9
    assert sum(row[-1] == "yes" for row in rows) == 8


def test_words_and_figures_of_the_binding_card_agree():
    card = explore_binding("back", "VTB")
    card.controls["keys"].value = 4
    here = trace(card.figures[1], "you are here")
    said = re.search(r"left with ([\d.]+) \(approximate\)", card.words)
    assert (here.x[0], here.y[0]) == (4, pytest.approx(float(said[1]), abs=5e-4))
    card.wait()
    points = trace(card.figures[1], measured("VTB"))
    assert list(points.x) == list(binding.KEYS)


# Ties and nesting


@pytest.mark.claim("nested-bundles")
def test_each_level_of_pairwise_bundling_costs_a_half():
    zs = []
    for model in ties.VOTING:
        for n in (3, 5, 8):
            *_, one, error = ties.drawn(model, n, 1024)
            expected = ties.nested(model, n, 1024)
            zs += [(a - b) / e for a, b, e in zip(one, expected, error, strict=True)]
    assert abs(np.mean(zs)) < 4 / len(zs) ** 0.5
    assert 0.7 < np.std(zs) < 1.3


@pytest.mark.parametrize("model", ["MAPI", "BSDC"])
def test_sums_and_ors_forget_nothing_when_nested(model):
    once, _, one, _ = ties.drawn(model, 9, 576)
    assert one == pytest.approx(once, abs=1e-6)
    assert "every item keeps as much" in explore_ties(model).words


def test_the_chain_of_the_card_is_bundling_one_by_one():
    vsa = space("MAPB", 256, seed=3)
    items = vsa.random(1, 4)
    a, b, c, d = items[0]
    by_hand = a
    for x in (b, c, d):
        by_hand = vsa.bundle(torch.stack([by_hand, x]))
    assert torch.equal(ties.chained(vsa, items)[0], by_hand)


def test_the_ties_card_shows_that_even_and_odd_step_together():
    card = explore_ties("MAPB")
    line = trace(card.figure, "MAPB")
    for even in range(2, ties.MOST, 2):
        assert line.y[even - 1] == line.y[even]
    card.controls["n"].value = 4
    assert "as much as one of 5, because 38 % of the places tie" in card.words
    assert card.figure.figure.layout.title.text.endswith("as 5 do")
    card.controls["n"].value = 1
    assert "1 item" in card.figure.figure.layout.title.text


# The table


def test_the_table_is_measured_and_reads_in_plain_text():
    table = model_table()
    text = repr(table).splitlines()
    assert len(text) == 1 + len(NAMES)
    by_name = {row[0]: row for row in table.rows}
    assert by_name["BSC"][2:4] == ("0.125", "0.125")
    assert by_name["MAPI"][2:4] == ("1", "4")
    assert by_name["FHRR"][2] == "8"
    page = table._repr_html_()
    assert page.count('scope="row"') == len(NAMES)
    assert page.count('scope="col"') == len(table.head)
    assert "<caption" in page


def test_a_memory_of_every_model_reads_a_bundle_of_the_table():
    for model in NAMES:
        vsa = space(model, 1024)
        memory = ItemMemory(vsa).add(["x", "y", "z", *(str(i) for i in range(50))])
        found, _ = memory.cleanup(vsa.bundle(vsa.atoms(["x", "y", "z"])), k=3)
        assert sorted(found) == ["x", "y", "z"], model
