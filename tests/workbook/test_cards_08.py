"""The cards of notebook 08: they never wait, and say what arithmetic and the kernels say."""

import pytest

from hdlib import BSC, kernels
from hdlib.workbook import explore_adders, explore_roofline, explore_storage
from hdlib.workbook.explorers import adders, roofline, storage
from hdlib.workbook.models import NAMES, space
from tests.workbook.cards import deck, trace

CARDS = [explore_adders, explore_roofline, explore_storage]
TestDeck = deck(CARDS)


@pytest.mark.claim("adders")
def test_n_rows_need_n_minus_its_ones_adders_and_the_planes_are_the_counts():
    for n in range(1, 34):
        steps = adders.history(n)
        assert len(steps) - 1 == adders.expected(n) == n - f"{n:b}".count("1")
        for rows in steps:  # no adder changes the count of any column
            counts = [sum((bits >> i & 1) << w for w, bits in rows) for i in range(63)]
            assert counts == [sum(bits >> i & 1 for _, bits in steps[0]) for i in range(63)]
        weights = [w for w, _ in steps[-1]]
        assert len(set(weights)) == len(weights) == n.bit_length()


def test_the_last_planes_decide_the_kernels_majority():
    n = 21
    counts = adders.history(n)[-1]
    won = sum((sum((bits >> i & 1) << w for w, bits in counts) > n // 2) << i for i in range(63))
    word = int(kernels.majority(BSC(512, seed=8).random(n))[0])
    assert won == word & ((1 << 63) - 1)


def test_the_card_of_adders_stops_when_all_are_done():
    card = explore_adders(5)
    card.controls["step"].value = 33
    assert "after 3 of them 3 rows of bits are left (done), worth 1, 2, 4" in card.words


@pytest.mark.parametrize("model", roofline.MODELS)
def test_the_roofline_counts_the_bytes_of_real_vectors(model):
    vsa = space(model, 4096)
    x, y = vsa.random(4), vsa.random(100)
    real = x.nbytes + y.nbytes + vsa.similarity(x, y).nbytes
    assert roofline.moved(model, 4096, 100, 4) == real


def test_the_ring_lies_on_the_roof_and_the_words_say_which():
    card = explore_roofline()
    for queries, bound, top in ((1, "memory", None), (256, "arithmetic", 2e12)):
        card.controls["queries"].value = queries
        assert f"bounded by {bound}" in card.words
        ring = trace(card.figure, "you are here")
        x, y = ring.x[0], ring.y[0]
        assert y == pytest.approx(top or x * 40e9)


def test_a_measurement_is_shown_beside_the_roof_of_this_machine():
    traces, _, words = roofline.measure(lambda part: None, "BSC", 1024, 1000, 4)
    assert traces["this machine"]["y"][0] > 0
    assert "Measured here" in words


@pytest.mark.parametrize("model", NAMES)
def test_atoms_weigh_what_the_card_says(model):
    card = explore_storage(model)
    dim = storage.fitting(model, 10_000)
    each = space(model, dim).atoms([1, 2]).nbytes // 2
    assert storage.row(model, 10_000) == each
    assert f"({each:,} bytes each)" in card.words


def test_what_does_not_fit_is_said():
    card = explore_storage("HRR")
    assert "does not fit 16 GB, which hold 400,000" in card.words
