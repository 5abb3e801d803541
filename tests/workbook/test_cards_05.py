"""The cards of notebook 05: they never wait, and say what theory and hdlib's own filters say."""

import re

import numpy as np
import pytest
import torch

from hdlib import BloomFilter, bits, theory
from hdlib import workbook as wb
from hdlib.workbook.explorers import (
    anding,
    badhash,
    bitgrid,
    bridge,
    counting,
    filters,
    forensics,
    hashes,
    saturation,
    thresholds,
)
from tests.vsa.spaces import pooled
from tests.workbook.cards import deck, trace

NAMES = ("bits", "forensics", "hashes", "saturation", "counting", "thresholds", "and")
CARDS = [getattr(wb, f"explore_{name}") for name in (*NAMES, "bad_hash", "bridge")]
TestDeck = deck(CARDS)


# Many filters at once


def test_the_filters_of_the_cards_are_those_of_hdlib():
    n, strangers = 40, 60
    where = filters.places(256, 4, 3, n + strangers, seed=9)
    counts = filters.counted(where[:, :n], 256)
    passed = (filters.read(counts, where[:, n:]) > 0).all(-1)
    for i in range(3):
        first = i * (n + strangers)
        own = BloomFilter.with_size(256, 4, seed=9).add(range(first, first + n))
        assert passed[i].tolist() == own.contains(range(first + n, first + n + strangers)).tolist()
        assert int((counts[i] > 0).sum()) == own.ones


def test_rates_are_measured_as_the_exact_form_says():
    zs = []
    for size, k, n in ((256, 4, 40), (512, 3, 120), (256, 7, 25), (1024, 2, 300), (128, 5, 30)):
        for seed in range(4):
            mean, stderr = filters.strangers_pass(size, k, n, seed=seed)
            zs.append((mean - theory.bloom_false_positive(n, bits=size, hashes=k)) / stderr)
    pooled(zs)


# The cards one by one


def test_s_v_above_0_is_the_filter_bit_for_bit():
    for n, k in ((1, 3), (16, 8), (128, 5)):
        own = BloomFilter.with_size(bitgrid.BITS, k, kind="distinct", seed=3).add(range(n))
        bundle = bits.unpack(own.to_hypervector(), bitgrid.BITS)
        assert torch.equal(bitgrid.product(n, k) > 0, bundle.bool())
        assert bitgrid.product(n, k).sum() == n * k
    card = wb.explore_bits()
    card.controls["reading"].value, card.controls["n"].value = "sum", 64
    shown = np.array(trace(card.figure, "bits").z).flatten()
    assert shown.tolist() == bitgrid.product(64, 8).clamp(max=bitgrid.MOST).tolist()


def test_the_owners_that_are_named_set_the_bits_of_the_stranger():
    members, strangers, counts, hits = forensics.scene(40, 4)
    wrong = (hits == 4).nonzero().flatten()
    assert len(wrong) > 5
    for stranger in wrong.tolist():
        for place in strangers[stranger].tolist():
            own = forensics.owners(members, place)
            assert len(own) == counts[place] > 0
            assert all(place in members[key - 1].tolist() for key in own)
    assert forensics.law(100, 4).sum() == pytest.approx(1)
    now = theory.bloom_false_positive_now(100, bits=256, hashes=4, kind="distinct")
    assert forensics.law(100, 4)[-1] == pytest.approx(now)
    card = wb.explore_forensics()
    card.controls["hashes"].value, card.controls["n"].value = 8, 10
    assert card.words.startswith("No stranger passes")


def test_the_best_number_of_hashes_fills_half():
    card = wb.explore_hashes()
    for n in (50, 100, 200):
        card.controls["n"].value = n
        best = int(re.match(r"(\d+)", card.figure.figure.layout.title.text)[1])
        assert abs(best - theory.bloom_hashes(n, bits=1024)) < 1
        assert abs(trace(card.figures[1], "fill").y[best - 1] - 0.5) < 0.06
    exact, textbook, _ = hashes.expected(100, 1024)
    assert all(low < high for low, high in zip(textbook[1:], exact[1:], strict=True))


@pytest.mark.claim("twice-the-keys")
def test_twice_the_keys_are_sixteen_times_the_errors():
    card = wb.explore_saturation()
    card.controls["load"].value = 2.0
    assert card.figure.figure.layout.title.text.endswith("16 times as many")
    zs = []
    for load in (1.5, 2.0, 3.0, 4.0):
        for capacity in (50, 200, 500):
            mean, stderr, _ = saturation.drawn(capacity, 0.05, load)
            wanted = saturation.expected(capacity, 0.05)[0][saturation.LOADS.index(load)]
            zs.append((mean - wanted) / stderr)
    pooled(zs)


def test_removing_members_leaves_a_fresh_filter_and_overflow_is_said():
    fresh = filters.counted(counting.scene()[None, 50:150], counting.BITS)[0]
    assert torch.equal(counting.counters(150, 50, 1, 0), fresh)
    card = wb.explore_counting()
    card.controls["copies"].value = 20
    assert "4 bits cannot hold it" in card.figure.figure.layout.title.text
    assert "refuses or saturates" in card.words


def test_thresholds_read_as_theory_says():
    for n, k, theta in ((400, 12, 3), (200, 8, 1), (100, 6, 0)):
        other, own = thresholds.drawn(n, k, theta)
        for found, wanted in zip((other, own), thresholds.curve(n, k, theta), strict=True):
            for (mean, stderr), value in zip(found, wanted, strict=True):
                assert abs(mean - value) < 5 * stderr + 0.02
    assert thresholds.best(400, 12)[:2] == (3, 10)


@pytest.mark.claim("and-trap")
def test_the_and_of_disjoint_sets_has_ones():
    shape = anding.shape(1024, 4)
    assert theory.bloom_overlap(50, 40, 0, **shape) == pytest.approx(26.4, abs=0.05)
    zs, off = [], []
    for c in (0, 10, 20, 40):
        for k in (2, 4, 8):
            ones, stderr, guess, sd = anding.drawn(1024, k, 50, 40, c)
            zs.append((ones - theory.bloom_overlap(50, 40, c, **anding.shape(1024, k))) / stderr)
            off.append((guess - c) / (sd / anding.FILTERS**0.5))
            assert sd == pytest.approx(
                theory.bloom_intersection_sd(50, 40, c, **anding.shape(1024, k)), rel=0.35
            )
    pooled([z for z in zs if np.isfinite(z)])
    assert abs(np.mean(off)) < 1.5  # corrected for chance: about right


def test_a_fair_hash_is_fair_on_all_keys_and_a_single_one_has_its_own_law():
    zs = []
    for series in badhash.SERIES:
        for n in (100, 200):
            for scheme, k in (("hdlib", badhash.HASHES), ("once", 1)):
                mean, stderr = badhash.drawn(scheme, series, n)
                zs.append((mean - badhash.fair(n, k)) / stderr)
    pooled(zs)
    assert badhash.drawn("times", "step", 100)[0] > 0.9
    assert badhash.drawn("next", "row", 100)[0] > 0.5


@pytest.mark.claim("equal-bits")
def test_a_bloom_filter_needs_the_fewest_bits():
    wants = {name: bridge.needed(name, 20) for name in bridge.MARKS}
    assert wants == pytest.approx(
        {"Bloom": 260, "counting": 1040, "MAP-B": 1200, "MAP-I": 3700, "Hopfield": 5400}, rel=0.04
    )
    for n in (5, 10, 40):
        least = min(bridge.MARKS, key=lambda name: bridge.needed(name, n))
        assert least == "Bloom"
    zs = []
    for name in bridge.MARKS:
        for size in (64, 128, 256, 512):
            if bridge.error(name, 20, size) > 0.005:
                mean, stderr = bridge.drawn(name, 20, size)
                zs.append((mean - bridge.error(name, 20, size)) / stderr)
    assert len(zs) > 12
    pooled(zs)
