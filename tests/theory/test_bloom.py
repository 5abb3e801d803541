"""Closed forms of Bloom filters against occupancy recursions, scipy, and published figures."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from hdlib import theory
from hdlib.theory.bloom import KINDS
from hdlib.theory.counting import tail


def occupancy(m, n, k, kind):
    """P(i bits are set) after n keys, i = 0 … m, key by key or throw by throw."""
    p, i = np.zeros(m + 1), np.arange(m + 1)
    p[0] = 1
    if kind == "plain":
        for _ in range(n * k):
            p = p * i / m + np.concatenate([[0], p[:-1] * (m - i[:-1]) / m])
        return p
    for _ in range(n):
        q = np.zeros(m + 1)
        for new in range(k + 1):
            chance = stats.hypergeom.pmf(new, m, m - i, k)  # of k places, ``new`` are empty ones
            q[new:] += (p * chance)[: m + 1 - new]
        p = q
    return p


SIZES = [(128, 10, 4), (256, 25, 7), (60, 40, 5), (300, 60, 3), (7, 3, 7), (5, 9, 2), (40, 1, 6)]


@pytest.mark.parametrize(("m", "n", "k"), SIZES)
@pytest.mark.parametrize("kind", ["plain", "distinct"])
def test_sums_of_powers_equal_the_recursion_over_all_occupancies(m, n, k, kind):
    p, i = occupancy(m, n, k, kind), np.arange(m + 1)
    shape = {"bits": m, "hashes": k, "kind": kind}
    now = theory.bloom_false_positive_now(i, **shape)
    assert theory.bloom_false_positive(n, **shape) == pytest.approx(p @ now, rel=1e-9)
    assert theory.bloom_fill(n, **shape) == pytest.approx(p @ i / m, rel=1e-9)
    sd = math.sqrt(max(0, p @ (i / m - p @ i / m) ** 2))
    assert theory.bloom_fill_sd(n, **shape) == pytest.approx(sd, rel=1e-6, abs=1e-7)


def test_slices_are_filters_of_one_hash():
    one = theory.bloom_false_positive(20, bits=30, hashes=1)
    found = theory.bloom_false_positive(20, bits=120, hashes=4, kind="partitioned")
    assert found == pytest.approx(one**4, rel=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_fills_spread_as_simulated(kind):
    m, n, k, trials = 60, 12, 4, 4000
    draw = np.random.default_rng(1)
    if kind == "plain":
        places = draw.integers(0, m, (trials, n, k))
    elif kind == "distinct":
        places = draw.random((trials, n, m)).argsort(-1)[..., :k]
    else:
        places = draw.integers(0, m // k, (trials, n, k)) + np.arange(k) * (m // k)
    table = np.zeros((trials, m), bool)
    table[np.arange(trials)[:, None], places.reshape(trials, -1)] = True
    fills = table.mean(-1)
    sd = theory.bloom_fill_sd(n, bits=m, hashes=k, kind=kind)
    mean = theory.bloom_fill(n, bits=m, hashes=k, kind=kind)
    assert fills.mean() == pytest.approx(mean, abs=4 * sd / math.sqrt(trials))
    assert fills.std() == pytest.approx(sd, rel=4 / math.sqrt(2 * trials))


@pytest.mark.claim("bloom-textbook")
def test_the_textbook_is_always_low_and_by_how_much():
    grid = itertools.product([16, 128, 1000, 10**6], [1, 7, 100, 10**5], [2, 5, 12])
    for m, n, k in grid:
        exact = theory.bloom_false_positive(n, bits=m, hashes=k)
        assert exact >= theory.bloom_textbook(n, bits=m, hashes=k) * (1 - 1e-12)
    for (m, n, k), low in (((1000, 100, 3), 0.1), ((256, 25, 7), 2.5)):
        exact = theory.bloom_false_positive(n, bits=m, hashes=k)
        textbook = theory.bloom_textbook(n, bits=m, hashes=k)
        assert 100 * (1 - textbook / exact) == pytest.approx(low, abs=0.06)
    assert theory.bloom_textbook(10, bits=128, hashes=4) == pytest.approx(0.00526, abs=5e-6)
    assert theory.bloom_false_positive(10, bits=128, hashes=4) == pytest.approx(0.00536, abs=5e-6)


@pytest.mark.claim("bloom-figures")
def test_figures_derived_by_hand():
    rates = theory.bloom_false_positive([100, 200, 400], bits=1024, hashes=7)
    assert rates == pytest.approx([0.00737, 0.1283, 0.6261], abs=6e-5)
    assert theory.bloom_fill([100, 200, 400], bits=1024, hashes=7).round(3).tolist() == [
        0.495,
        0.745,
        0.935,
    ]
    assert theory.bloom_hashes([100, 200, 400], bits=1024).round(1).tolist() == [7.1, 3.5, 1.8]
    distinct = theory.bloom_false_positive(25, bits=256, hashes=7, kind="distinct")
    assert distinct == pytest.approx(0.00737, abs=5e-6)
    assert pytest.approx(0.00781, abs=5e-6) == (1 - (1 - 7 / 256) ** 25) ** 7  # the shortcut
    overlap = theory.bloom_overlap(50, 40, 0, bits=1024, hashes=4, kind="distinct")
    assert overlap == pytest.approx(26.4, abs=0.05)


@pytest.mark.claim("bits-per-key")
def test_bits_per_key_of_the_best_filter():
    assert theory.bloom_bits_per_key([0.01, 0.001]).round(3).tolist() == [9.585, 14.378]
    bits, hashes = theory.bloom_size(10**6, 0.01)
    assert (round(bits / 10**6, 3), hashes) == (9.593, 7)  # with whole hashes, exactly at most 1 %


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("error", [0.3, 0.01, 1e-5])
def test_a_size_is_the_smallest_that_is_good_enough(kind, error):
    for n in (1, 2, 17, 1000, 10**7):
        bits, hashes = theory.bloom_size(n, error, kind=kind)
        step = hashes if kind == "partitioned" else 1
        rate = theory.bloom_false_positive(n, bits=bits, hashes=hashes, kind=kind)
        assert rate <= error
        least = hashes if kind != "plain" else 1
        if bits - step >= least:
            smaller = bits - step
            assert theory.bloom_false_positive(n, bits=smaller, hashes=hashes, kind=kind) > error


def test_huge_and_tiny_filters_keep_their_digits():
    huge = theory.bloom_false_positive(10**9, bits=43_132_918_023, hashes=30)
    assert huge == pytest.approx(theory.bloom_textbook(10**9, bits=43_132_918_023, hashes=30), 1e-6)
    rare = theory.bloom_false_positive(1, bits=10**12, hashes=20)  # all 20 in its 20 places
    assert rare == pytest.approx((20 / 10**12) ** 20, rel=1e-6)
    assert theory.bloom_false_positive(10**6, bits=64, hashes=5) == 1
    assert theory.bloom_false_positive([0, 1], bits=1, hashes=1).tolist() == [0, 1]


@pytest.mark.parametrize("kind", KINDS)
def test_estimators_are_as_sure_as_theory_says(kind):
    """Counts, intersections and Jaccard similarities of simulated tables, without any hashing."""
    draw, m, k, trials = np.random.default_rng(2), 1024, 4, 2000
    a, b, c = 50, 40, 20
    if kind == "plain":
        places = draw.integers(0, m, (trials, a + b - c, k))
    elif kind == "distinct":
        places = np.stack(
            [[draw.choice(m, k, False) for _ in range(a + b - c)] for _ in range(trials // 4)]
        )
    else:
        places = draw.integers(0, m // k, (trials, a + b - c, k)) + np.arange(k) * (m // k)
    trials = len(places)

    def ones(rows):
        table = np.zeros((trials, m), bool)
        table[np.arange(trials)[:, None], places[:, rows].reshape(trials, -1)] = True
        return table

    x, y = ones(slice(0, a)), ones(slice(a - c, None))
    shape = {"bits": m, "hashes": k, "kind": kind}
    n = [theory.bloom_count(t.sum(-1), **shape) for t in (x, y, x | y)]
    assert (x & y).sum(-1).mean() == pytest.approx(
        theory.bloom_overlap(a, b, c, **shape), abs=4 * (x & y).sum(-1).std() / math.sqrt(trials)
    )
    for values, want, sd in (
        (n[0], a, theory.bloom_count_sd(a, **shape)),
        (n[0] + n[1] - n[2], c, theory.bloom_intersection_sd(a, b, c, **shape)),
        (
            (n[0] + n[1]) / n[2] - 1,
            c / (a + b - c),
            theory.bloom_jaccard_sd(a, b, c, **shape),
        ),
    ):
        assert values.mean() == pytest.approx(want, abs=4 * sd / math.sqrt(trials) + 0.01 * sd)
        assert values.std() == pytest.approx(sd, rel=4 / math.sqrt(2 * trials) + 0.02)


@pytest.mark.claim("intersection-or-sum")
def test_a_bloom_filter_intersects_better_than_a_sum_until_it_is_half_full():
    light = {"bits": 1024, "hashes": np.array([4, 8, 16]), "kind": "distinct"}
    assert theory.bloom_intersection_sd(50, 40, 20, **light) == pytest.approx(
        [0.95, 1.04, 1.19], abs=0.03
    )
    assert theory.sketch_inner_sd(50, 40, 20, fourth=20, size=1024) == pytest.approx(1.52, abs=0.01)
    full = theory.bloom_intersection_sd(100, 100, 30, bits=512, hashes=4, kind="distinct")
    assert full == pytest.approx(4.83, abs=0.1)
    assert theory.sketch_inner_sd(100, 100, 30, fourth=30, size=512) == pytest.approx(4.6, abs=0.01)


def test_tails_equal_scipys():
    for n, p, least in itertools.product([1, 10, 5000], [1e-6, 0.1, 0.5, 0.99], [0, 1, 2, 7, 4000]):
        want = stats.binom.sf(least - 1, n, p)
        assert tail(n, p, least) == pytest.approx(want, rel=1e-9, abs=1e-300)
    assert tail(5, 0.0, 1) == 0 == tail(5, 0.3, 6)
    assert tail(5, 1.0, 5) == 1


def test_overflow_of_four_bits_at_half_fill():
    n, m, k = 10**6, round(7 * 10**6 / math.log(2)), 7
    found = theory.counting_overflow(n, bits=m, hashes=k)
    assert found == pytest.approx(m * stats.binom.sf(15, n * k, 1 / m), rel=1e-6)
    assert found <= 1.37e-15 * m  # the bound that is usually quoted
    assert theory.counting_overflow(10**6, bits=100, hashes=3) == 1


def test_thresholds_of_zero_and_all_hashes_are_the_textbook_filter():
    false, true = theory.threshold_reading(100, bits=1024, hashes=7)
    assert false == pytest.approx(theory.bloom_textbook(100, bits=1024, hashes=7), rel=1e-9)
    assert true == 1


def test_counts_of_members_and_strangers():
    draw, m, k, n = np.random.default_rng(3), 50, 4, 12
    places = draw.integers(0, m, (4000, n + 1, k))
    table = np.zeros((4000, m), int)
    np.add.at(table, (np.arange(4000)[:, None], places[:, :n].reshape(4000, -1)), 1)
    rows = np.arange(4000)[:, None]
    member, stranger = (table[rows, places[:, i]].sum(-1) for i in (0, n))
    want = theory.count_score(n, bits=m, hashes=k)
    for found, mean in zip((member, stranger), want, strict=True):
        assert found.mean() == pytest.approx(mean, abs=4 * found.std() / math.sqrt(4000))


@pytest.mark.parametrize(("n", "m", "k"), [(1, 9, 3), (5, 20, 4), (40, 256, 7), (3, 7, 5)])
def test_count_scores_follow_convolved_hypergeometric_numbers(n, m, k):
    one = stats.hypergeom.pmf(np.arange(k + 1), m, k, k)
    want = np.ones(1)
    for _ in range(n):
        want = np.convolve(want, one)
    found = theory.count_score_mass(n, bits=m, hashes=k)
    np.testing.assert_allclose(found, want, atol=1e-14)
    mean = found @ np.arange(n * k + 1)
    assert mean == pytest.approx(theory.count_score(n, bits=m, hashes=k, kind="distinct")[1])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: theory.bloom_fill(1, bits=8, hashes=1, kind="odd"), "kind must be one of"),
        (lambda: theory.bloom_fill(-1, bits=8, hashes=1), "n must be at least 0"),
        (lambda: theory.bloom_fill(1, bits=8, hashes=9, kind="distinct"), "do not fit"),
        (lambda: theory.bloom_false_positive(1, bits=8.5, hashes=1), "must be whole"),
        (lambda: theory.bloom_false_positive_now(9, bits=8, hashes=1), "cannot be set"),
        (lambda: theory.bloom_count(9, bits=8, hashes=1), "cannot be set"),
        (lambda: theory.bloom_bits_per_key(0), "between 0 and 1"),
        (lambda: theory.bloom_size(5, 1.5), "between 0 and 1"),
        (lambda: theory.bloom_intersection_sd(5, 4, 5, bits=8, hashes=1), "common keys"),
    ],
)
def test_what_makes_no_sense_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
