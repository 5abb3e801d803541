"""The exercises of notebook 04: each answer from the library, as worked out by hand."""

import itertools
import math

import pytest
from scipy import stats

from hdlib.capacity import bundle_bits, capacity_of, dimension_for
from hdlib.theory import (
    bloom_bits_per_key,
    bloom_false_positive,
    bloom_fill,
    bloom_overlap,
    cleanup_accuracy,
    false_negative,
    false_positive,
    hopfield_false_negative,
    hopfield_false_positive,
    hopfield_flip,
    intersection_moments,
    majority_agreement,
    member_similarity,
    sufficient_dimension,
)


def test_one_two_histograms():
    n, dim = 50, 1000
    assert math.sqrt(dim * (n - 1)) == pytest.approx(221.4, abs=0.05)
    assert math.sqrt(dim * n) == pytest.approx(223.6, abs=0.05)
    assert round(false_positive("MAPI", n, dim=dim), 5) == 0.01282
    assert round(false_negative("MAPI", n, dim=dim), 5) == 0.01181


def test_two_majorities():
    assert majority_agreement([5, 6, 7, 2]).tolist() == [0.375, 0.3125, 0.3125, 0.5]


def test_three_dimensions_for_ten_of_five_hundred():
    sums = dimension_for("MAPI", n=10, universe=500, failure=0.1)
    signs = dimension_for("MAPB", n=10, universe=500, failure=0.1)
    assert (sums.dim, signs.dim) == (505, 838)  # 502 is the first even one that holds, by luck
    assert bundle_bits("MAPI", 10, 502) == 2008
    assert round(sufficient_dimension("paper", 10, 500, 0.1)) == 5158
    assert round(sufficient_dimension("bloom", 10, 500, 0.1)) == 177


def test_four_nesting():
    deep = majority_agreement(5) * majority_agreement(7)
    assert round(deep, 4) == 0.1172
    assert round(float(majority_agreement(35)), 4) == 0.1358
    assert majority_agreement(2) ** 5 == 1 / 32
    flat = false_negative("BSC", 35, dim=2000, threshold=0.06)
    assert false_negative("BSC", 5, within=(7,), dim=2000, threshold=0.06) > flat


def test_five_and_six_filters():
    rates = bloom_false_positive([100, 200, 400], bits=1024, hashes=7)
    assert rates.round(5).tolist() == [0.00737, 0.12827, 0.62615]
    assert bloom_fill([100, 200, 400], bits=1024, hashes=7).round(3).tolist() == [
        0.495,
        0.745,
        0.935,
    ]
    assert bloom_bits_per_key([0.01, 0.001]).round(3).tolist() == [9.585, 14.378]
    assert -math.log(0.1) / math.log(2) ** 2 == pytest.approx(4.79, abs=0.005)


def test_eight_disjoint_filters_overlap():
    missed = 1 - 4 / 1024  # a key misses a place
    both = 1024 * (1 - missed**50) * (1 - missed**40)
    assert both == pytest.approx(26.4, abs=0.05)
    found = bloom_overlap(50, 40, 0, bits=1024, hashes=4, kind="distinct")
    assert found == pytest.approx(both)
    assert both / 4 == pytest.approx(6.6, abs=0.05)


def test_seven_intersections():
    _, sd = intersection_moments("MAPI", 50, 40, 20, dim=[1024, 9439, 9440])
    assert round(float(sd[0]), 3) == 1.518
    assert sd[1] > 0.5 >= sd[2]
    _, counts = intersection_moments("BSDC", 50, 40, 20, dim=[9440, 9441])
    assert counts[0] > 0.5 >= counts[1]  # whatever the number of ones


def test_nine_hopfield():
    found = [
        hopfield_flip(100, dim=64),
        hopfield_flip(100, dim=64, ties="keep"),
        hopfield_false_positive(100, dim=64),
        hopfield_false_negative(100, dim=64),
        hopfield_false_positive(100, dim=64, signed=True),
        false_positive("MAPI", 100, dim=4096),
        false_positive("MAPI", 100, dim=2016),
    ]
    rounded = [round(float(value), 4) for value in found]
    assert rounded == [0.2125, 0.2089, 0.0183, 0.0062, 0.0640, 0.0007, 0.0125]


def test_ten_values_among_a_thousand():
    found = [
        cleanup_accuracy("MAPI", 50, 1000, dim=1024),
        cleanup_accuracy("MAPB", 51, 1000, dim=1024),
        cleanup_accuracy("MAPB", 51, 1000, dim=1608),
    ]
    assert found == pytest.approx([0.892, 0.632, 0.884], abs=1.5e-3)


@pytest.mark.claim("extra-capacity")
def test_extra_items_at_one_per_cent_of_false_positives():
    # m = 10⁴, normal scores, thresholds half way: MAP-I 462, MAP-B 294
    for model, want in [("MAPI", 462), ("MAPB", 294)]:
        rate = false_positive(model, [want - 1, want + 2], dim=10_000, form="approximate")
        assert rate[0] <= 0.01 * (1 + 2e-3)
        assert rate[1] > 0.01 * (1 - 2e-3)
    z = stats.norm.isf(0.01)
    assert 10_000 / (4 * z * z) == pytest.approx(462, abs=1)
    assert 10_000 / (2 * math.pi * z * z) == pytest.approx(294, abs=1)


@pytest.mark.claim("misconceptions")
def test_similarity_in_a_sign_bundle_and_growth_with_the_dimension():
    # taught elsewhere: 1/√n in a sign bundle, and that a bundle holds about √D items
    n = 1001
    assert majority_agreement(n) * math.sqrt(n) == pytest.approx(math.sqrt(2 / math.pi), rel=1e-3)
    assert member_similarity("MAPI", n) * math.sqrt(n) == pytest.approx(1)
    dims = (2000, 4000, 8000, 16_000)
    held = [capacity_of("MAPI", dim=dim, universe=1000, failure=0.01).n for dim in dims]
    ratios = [after / before for before, after in itertools.pairwise(held)]
    assert ratios == pytest.approx([2, 2, 2], rel=0.1)  # linear: √D would give 1.41
