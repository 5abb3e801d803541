"""The closed forms of bundles, against enumeration, exact integers and scipy."""

import itertools
import math
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats

from hdlib.theory import (
    bundle,
    majority_agreement,
    member_similarity,
    similarity_sd,
    unbind_similarity,
)


@pytest.mark.claim("majority-agreement")
@pytest.mark.parametrize("n", range(1, 11))
def test_majority_agreement_equals_the_average_over_all_sign_patterns(n):
    total = Fraction(0)
    for pattern in itertools.product((-1, 1), repeat=n):
        total += pattern[0] * (sum(pattern) > 0) - pattern[0] * (sum(pattern) < 0)  # a tie gives 0
    assert majority_agreement(n) == pytest.approx(float(total / 2**n), abs=1e-15)


@pytest.mark.parametrize("n", [1, 3, 51, 127, 129, 131, 999, 10_001, 1_000_001])
def test_majority_agreement_equals_the_binomial_coefficient(n):
    exact = Fraction(math.comb(n - 1, (n - 1) // 2), 2 ** (n - 1)) if n < 2000 else None
    want = float(exact) if exact else stats.binom.pmf((n - 1) // 2, n - 1, 0.5)
    assert majority_agreement(n) == pytest.approx(want, rel=1e-12 if exact else 1e-8)


def test_an_even_bundle_agrees_like_the_next_odd_one():
    odd = np.arange(1, 500, 2)
    np.testing.assert_array_equal(majority_agreement(odd[1:]), majority_agreement(odd[1:] - 1))


def test_majority_agreement_is_above_its_bound_and_falls():
    n = np.unique(np.logspace(0, 15, 300).round()) // 2 * 2 + 1
    beta = majority_agreement(n)
    assert (beta >= np.sqrt(2 / (math.pi * n))).all()
    assert (np.diff(beta) <= 0).all()


def block_share(n, block):
    """By enumeration: how often the first voter's symbol is the leader's, ties shared fairly."""
    total = Fraction(0)
    for votes in itertools.product(range(block), repeat=n):
        counts = Counter(votes)
        leaders = [s for s, c in counts.items() if c == max(counts.values())]
        total += Fraction(votes[0] in leaders, len(leaders))
    return total / block**n


@pytest.mark.parametrize(("n", "block"), [(1, 3), (2, 2), (3, 2), (4, 2), (5, 3), (6, 4), (3, 16)])
def test_block_codes_equal_the_average_over_all_assignments(n, block):
    centred = (block_share(n, block) - Fraction(1, block)) / (1 - Fraction(1, block))
    found = member_similarity("SBC", n, block=block)
    assert found == pytest.approx(float(centred), abs=1e-12)


def test_block_codes_of_two_symbols_are_bits():
    n = np.array([1, 2, 3, 8, 25, 100, 301])
    bits = member_similarity("BSC", n)
    np.testing.assert_allclose(member_similarity("SBC", n, block=2), bits, rtol=1e-9)


@pytest.mark.parametrize(("n", "r"), [(1, 3), (2, 3), (4, 2), (3, 4), (2, 16), (3, 16), (4, 7)])
def test_sums_of_phasors_equal_the_average_over_all_assignments(n, r):
    votes = np.array(list(itertools.product(range(r), repeat=n)))  # (r^n, n)
    turns = 2 * math.pi * np.arange(r) / r
    projections = np.cos(2 * math.pi * votes[..., None] / r - turns).sum(1)  # (r^n, r)
    want = projections.max(1).mean() / n
    assert member_similarity("MCR", n, modulus=r) == pytest.approx(want, abs=2e-5)


@pytest.mark.parametrize(("n", "r"), [(6, 6), (30, 6), (12, 8)])
def test_a_polygon_of_even_sides_is_a_sum_of_segments(n, r):
    turns = np.cos(2 * math.pi * np.arange(r) / r)
    counted = bundle.phasor_offsets(n, r) @ turns  # in place of the walk along one segment
    assert member_similarity("MCR", n, modulus=r) == pytest.approx(counted, rel=3e-5)


@pytest.mark.parametrize("r", [3, 5, 6, 16, 101])
def test_sums_of_phasors_join_where_the_method_changes(r):
    n = np.array([10, 28, 29, 256, 257, 300, 400])
    scaled = member_similarity("MCR", n, modulus=r) * np.sqrt(n) * (1 - 1 / (16 * n))
    limit = math.sqrt(math.pi) / 2 * r / math.pi * math.sin(math.pi / r)
    np.testing.assert_allclose(scaled, limit, rtol=0.03)
    np.testing.assert_allclose(scaled[3:5], limit, rtol=0.006)
    assert (np.diff(scaled / np.sqrt(n)) < 0).all()


@pytest.mark.parametrize(("n", "r"), [(2, 3), (5, 3), (4, 4), (3, 16)])
def test_cyclic_groups_equal_the_average_over_all_assignments(n, r):
    share = float(block_share(n, r))  # any other integer is as likely as any
    want = share + (1 - share) * np.cos(2 * math.pi * np.arange(1, r) / r).mean()
    assert member_similarity("CGR", n, modulus=r) == pytest.approx(want, abs=1e-12)


def test_sd_of_integers_equals_that_of_their_cosines():
    for r in (2, 3, 4, 5, 16):
        want = np.cos(2 * math.pi * np.arange(r) / r).std() / math.sqrt(50)
        assert similarity_sd(50, model="MCR", modulus=r) == pytest.approx(want)
        assert similarity_sd(50, model="CGR", modulus=r) == pytest.approx(want)


@pytest.mark.parametrize(("dim", "ones", "n"), [(6, 2, 2), (6, 2, 3), (7, 3, 2)])
def test_or_bundles_are_near_the_average_over_all_sets(dim, ones, n):
    sets = [set(s) for s in itertools.combinations(range(dim), ones)]
    total = 0.0
    for others in itertools.product(sets, repeat=n - 1):
        z = dim - len(set(range(ones)).union(*others))
        total += math.sqrt(ones * z / ((dim - ones) * (dim - z)))
    found = member_similarity("BSDC", n, dim=dim, density=ones / dim)
    assert found == pytest.approx(total / len(sets) ** (n - 1), rel=0.1)  # few places, a rough form


def or_by_recursion(dim, ones, n):
    """Exactly: the number of places still zero follows a hypergeometric step at each new atom."""
    chance = np.zeros(dim + 1)
    chance[dim] = 1
    z = np.arange(dim + 1)
    for _ in range(n):
        step = np.zeros(dim + 1)
        for zeros in np.flatnonzero(chance):
            hit = np.arange(min(ones, zeros) + 1)
            step[zeros - hit] += chance[zeros] * stats.hypergeom.pmf(hit, dim, zeros, ones)
        chance = step
    return float((chance * np.sqrt(ones * z / ((dim - ones) * np.maximum(dim - z, 1)))).sum())


@pytest.mark.parametrize("n", [1, 2, 5, 10, 20])
@pytest.mark.parametrize(("dim", "ones"), [(64, 8), (128, 12), (200, 60)])
def test_or_bundles_equal_the_exact_occupancy(dim, ones, n):
    exact = or_by_recursion(dim, ones, n)
    found = member_similarity("BSDC", n, dim=dim, density=ones / dim)
    assert found == pytest.approx(exact, rel=0.02, abs=1e-3)


def correlation(rho, d):
    """Exact mean of the cosine of Gaussian vectors of correlation rho."""
    from scipy.special import hyp2f1

    front = 2 / d * math.exp(2 * (math.lgamma((d + 1) / 2) - math.lgamma(d / 2)))
    return front * rho * hyp2f1(0.5, 0.5, (d + 2) / 2, rho**2)


@pytest.mark.parametrize("n", [2, 3, 5, 50])
@pytest.mark.parametrize("model", ["HRR", "VTB"])
def test_gaussian_bundles_equal_the_exact_mean_cosine(model, n):
    exact = correlation(1 / math.sqrt(n), 400)
    assert member_similarity(model, n, dim=400) == pytest.approx(exact, abs=2e-5)


def test_integer_sums_equal_the_average_over_all_sign_patterns():
    dim, n, total = 6, 3, 0.0
    for rest in itertools.product((-1, 1), repeat=dim * (n - 1)):
        x = 1 + np.array(rest).reshape(n - 1, dim).sum(0)
        total += x.sum() / math.sqrt(dim * (x @ x))  # never zero: odd sums
    exact = total / 2 ** (dim * (n - 1))
    assert member_similarity("MAPI", n, dim=dim) == pytest.approx(exact, abs=0.01)


@pytest.mark.parametrize("model", ["MAPI", "HRR", "FHRR", "VTB", "MBAT"])
def test_sums_tend_to_one_over_the_root_of_n(model):
    n = np.array([1, 4, 100])
    np.testing.assert_allclose(member_similarity(model, n), [1, 0.5, 0.1])
    np.testing.assert_allclose(member_similarity(model, n, dim=10**9), [1, 0.5, 0.1], rtol=1e-8)


def test_a_bundle_of_one_is_that_one():
    for model in ("MAPI", "MAPB", "BSC", "BSDC", "SBC", "MCR", "CGR", "HRR", "FHRR", "VTB", "MBAT"):
        assert member_similarity(model, 1, dim=1024) == pytest.approx(1, abs=1e-12), model


def test_or_bundles_tend_to_their_limit():
    f, n = 0.01, np.array([2, 5, 30])
    limit = np.sqrt(f * (1 - f) ** (n - 1) / (1 - (1 - f) ** n))
    np.testing.assert_allclose(member_similarity("BSDC", n, density=f), limit)
    near = member_similarity("BSDC", n, density=f, dim=10**8)
    np.testing.assert_allclose(near, limit, rtol=1e-5)


def test_parameters_broadcast():
    assert member_similarity("MAPI", [[1], [2]], dim=[100, 200, 300]).shape == (2, 3)
    assert member_similarity("SBC", [[1], [2]], block=[2, 4, 8]).shape == (2, 3)
    assert member_similarity("BSDC", [[1], [2]], dim=[100, 200, 300]).shape == (2, 3)
    assert unbind_similarity("VTB", dim=[100, 10_000]).shape == (2,)
    assert similarity_sd([[10], [20]], model="SBC", block=[2, 4]).shape == (2, 2)


def test_sd_of_signs_and_sets_equals_that_of_scipy():
    assert similarity_sd(50) == pytest.approx(2 * stats.binom(50, 0.5).std() / 50)
    dim, ones = 50, 7
    overlap = stats.hypergeom(dim, ones, ones).std()
    want = overlap / (ones * (1 - ones / dim))
    assert similarity_sd(dim, model="BSDC") == pytest.approx(want)


def test_sd_of_block_codes_equals_that_of_the_binomial():
    dim, block = 60, 5
    want = stats.binom(dim // block, 1 / block).std() / (dim // block) / (1 - 1 / block)
    assert similarity_sd(dim, model="SBC", block=block) == pytest.approx(want)


@pytest.mark.parametrize(
    "model", ["MAPI", "MAPB", "BSC", "BSDC", "SBC", "MCR", "CGR", "FHRR", "MBAT"]
)
def test_exact_models_unbind_to_one(model):
    assert unbind_similarity(model) == 1
    assert (unbind_similarity(model, dim=[10, 20]) == 1).all()


@pytest.mark.parametrize(("model", "kind"), [("HRR", None), ("VTB", None), ("MBAT", "gaussian")])
def test_noisy_models_unbind_to_the_root_of_a_half(model, kind):
    assert unbind_similarity(model, kind) == pytest.approx(math.sqrt(0.5))
    assert unbind_similarity(model, kind, dim=10**12) == pytest.approx(math.sqrt(0.5), rel=1e-5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: majority_agreement(0), "n must be at least 1, got 0"),
        (lambda: majority_agreement(float("nan")), "n must be at least 1, got nan"),
        (lambda: member_similarity("MAP", 3), "no model 'MAP'"),
        (lambda: member_similarity("BSDC", 3), "BSDC needs a density, or a dim"),
        (lambda: member_similarity("SBC", 3, block=1), "block must be at least 2, got 1"),
        (lambda: unbind_similarity("MBAT", "dense"), "no model 'MBAT' of kind 'dense'"),
        (lambda: similarity_sd(0), "dim must be at least 1, got 0"),
    ],
)
def test_impossible_parameters_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
