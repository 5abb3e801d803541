"""Membership: the note's figures, scipy's laws, slow convolutions, and the algebra itself."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from hdlib.theory import (
    bloom_false_positive,
    count_score_mass,
    false_negative,
    false_positive,
    majority_agreement,
    member_similarity,
    membership_error,
    membership_forms,
)
from hdlib.theory.membership import TESTED
from hdlib.theory.modular import member_law, score_mass
from tests.vsa.spaces import law

EXACT = [model for model in TESTED if "exact" in membership_forms(model)]


@pytest.mark.claim("membership-figures")
def test_figures_worked_out_by_hand():
    # MAP-I, m = 1000, n = 50, threshold 500
    assert false_positive("MAPI", 50, dim=1000) == pytest.approx(0.01282, abs=5e-6)
    assert false_negative("MAPI", 50, dim=1000) == pytest.approx(0.01181, abs=5e-6)
    rough = false_positive("MAPI", 50, dim=1000, form="approximate")
    assert rough == pytest.approx(0.01267, abs=5e-6)


@pytest.mark.parametrize(("n", "dim", "threshold"), [(1, 8, 0.5), (7, 100, 0.3), (60, 999, 0.71)])
def test_signs_are_scipys_binomials(n, dim, threshold):
    steps = math.ceil((threshold * dim + dim * n) / 2 - 1e-9)
    want = stats.binom.sf(steps - 1, dim * n, 0.5)
    for model in ("MAPI", "MBAT"):
        found = false_positive(model, n, dim=dim, threshold=threshold)
        assert found == pytest.approx(want, rel=1e-9)
    steps = math.ceil((threshold * dim - dim + dim * (n - 1)) / 2 - 1e-9)
    want = stats.binom.cdf(steps - 1, dim * (n - 1), 0.5)
    assert false_negative("MAPI", n, dim=dim, threshold=threshold) == pytest.approx(want, rel=1e-9)
    agree = (1 + majority_agreement(n)) / 2
    steps = math.ceil((threshold + 1) * dim / 2 - 1e-9)
    for model in ("MAPB", "BSC"):
        found = false_positive(model, n, dim=dim, threshold=threshold)
        assert found == pytest.approx(stats.binom.sf(steps - 1, dim, 0.5), rel=1e-9)
        found = false_negative(model, n, dim=dim, threshold=threshold)
        assert found == pytest.approx(stats.binom.cdf(steps - 1, dim, agree), rel=1e-9)


def test_blocks_are_scipys_binomials():
    n, block, blocks, threshold = 6, 4, 40, 0.2
    kept = member_similarity("SBC", n, block=block) * 0.75 + 0.25
    steps = math.ceil((threshold * 0.75 + 0.25) * blocks - 1e-9)
    options = {"dim": block * blocks, "block": block, "threshold": threshold}
    want = stats.binom.sf(steps - 1, blocks, 0.25)
    assert false_positive("SBC", n, **options) == pytest.approx(want, rel=1e-9)
    want = stats.binom.cdf(steps - 1, blocks, kept)
    assert false_negative("SBC", n, **options) == pytest.approx(want, rel=1e-9)


@pytest.mark.parametrize("modulus", [2, 3, 4, 6])
@pytest.mark.parametrize("model", ["CGR", "MCR"])
def test_angles_are_a_convolution_of_cosines(model, modulus):
    n, dim, threshold = 4, 40, 0.25
    options = {"dim": dim, "modulus": modulus, "threshold": threshold}
    form = "exact" if model == "CGR" or modulus in (2, 4) else "approximate"
    for place, rate in [
        (np.full(modulus, 1 / modulus), false_positive),
        (np.array(member_law(model, n, modulus)), false_negative),
    ]:
        values, mass = score_mass(dim, place)
        yes = mass[values >= threshold * dim - 1e-9].sum()
        want = yes if rate is false_positive else 1 - yes
        tolerance = {"rel": 1e-7} if form == "exact" else {"abs": 0.05}
        assert rate(model, n, form=form, **options) == pytest.approx(want, **tolerance)


@pytest.mark.parametrize(("n", "dim", "t"), [(20, 400, 0.5), (3, 16, 0.5), (100, 10_000, 0.5)])
def test_normal_atoms_are_a_mixture_over_their_length(n, dim, t):
    ends = [1 - 0.99 * min(1, 12 * math.sqrt(2 / dim)), 1, 1 + 40 * math.sqrt(2 / dim)]

    def mixed(tail):
        def integrand(v):  # v: the square of the atom's length, chi-square / D
            return tail(v) * stats.chi2.pdf(v * dim, dim) * dim

        return sum(
            integrate.quad(integrand, a, b, epsabs=0, epsrel=1e-11, limit=400)[0]
            for a, b in itertools.pairwise([1e-12, *ends])
        )

    want = mixed(lambda v: stats.norm.sf(t * math.sqrt(dim / (n * v))))
    assert false_positive("HRR", n, dim=dim, threshold=t) == pytest.approx(want, rel=1e-8)
    want = mixed(lambda v: stats.norm.cdf((t - v) * math.sqrt(dim / ((n - 1) * v))))
    assert false_negative("VTB", n, dim=dim, threshold=t) == pytest.approx(want, rel=1e-8)


@pytest.mark.parametrize(("n", "dim", "t"), [(1, 16, 0.5), (4, 32, 0.5), (10, 100, 0.7)])
def test_phases_equal_a_convolution_of_cosines(n, dim, t):
    # the density of one cosine on a fine grid, convolved with itself by FFT
    fine, terms = 400, n * dim
    edges = (np.arange(-fine, fine + 2) - 0.5) / fine
    step = np.diff(np.arcsin(edges.clip(-1, 1))) / math.pi
    size = 1 << (2 * fine * terms + 1).bit_length()
    walk = np.fft.irfft(np.fft.rfft(step, size) ** terms, size)
    values = (np.arange(size) - fine * terms) / fine
    want = walk[values >= t * dim].sum() - walk[np.argmin(np.abs(values - t * dim))] / 2
    assert false_positive("FHRR", n, dim=dim, threshold=t) == pytest.approx(want, rel=2e-3)


@law
@given(st.sampled_from(TESTED), st.integers(1, 40), st.integers(1, 40), st.floats(0.05, 0.95))
def test_bounds_hold_everywhere(model, n, size, threshold):
    dim = {"SBC": 16 * size, "VTB": (size + 1) ** 2}.get(model, 16 + 7 * size)
    for rate in (false_positive, false_negative):
        share = 1.0 if model == "BSDC" else threshold
        exact = rate(model, n, dim=dim, threshold=share) if model in EXACT else None
        bound = rate(model, n, dim=dim, threshold=share, form="sufficient")
        assert 0 <= bound <= 1
        if exact is not None:
            assert exact <= bound * (1 + 1e-9)


def test_hoeffdings_bound_is_the_law_of_eight():
    n, universe, dim = np.array([10, 50, 200]), 1000, np.array([900, 5000, 20_000])
    want = universe * np.exp(-dim / (8 * n))
    found = membership_error("MAPI", n, universe, dim=dim, form="sufficient")
    np.testing.assert_allclose(found, np.minimum(want, 1))
    want = universe * np.exp(-dim * majority_agreement(n) ** 2 / 8)
    found = membership_error("MAPB", n, universe, dim=dim, form="sufficient")
    np.testing.assert_allclose(found, np.minimum(want, 1))


def test_tails_go_on_below_the_smallest_float():
    logs = false_positive("MAPI", 10, dim=[10**4, 10**6, 10**8], log=True)
    assert (logs < [-100, -10_000, -(10**6)]).all()
    # the exact tail approaches Chernoff's exponent D n · entropy from below
    rate = 10 * (math.log(2) - stats.bernoulli.entropy(0.5 + 0.5 / 20))
    np.testing.assert_allclose(logs[1:] / [10**6, 10**8], -rate, rtol=2e-3)


def test_sparse_bundles_are_filters():
    # 1024 bits, 7 distinct places: the Bloom filter; the shortcut is above it
    share = 7 / 1024
    exact, high = (
        false_positive("BSDC", [100, 400], dim=1024, density=share, form=form)
        for form in ("exact", "sufficient")
    )
    want = bloom_false_positive([100, 400], bits=1024, hashes=7, kind="distinct")
    np.testing.assert_allclose(exact, want)
    np.testing.assert_allclose(high, (1 - (1 - share) ** np.array([100, 400])) ** 7)
    assert (high > exact).all()
    assert false_negative("BSDC", 100, dim=1024) == 0
    assert false_positive("BSDC", 5, dim=200, within=(3,)) == false_positive("BSDC", 15, dim=200)


@pytest.mark.parametrize(("n", "dim", "threshold"), [(1, 30, 0.5), (8, 100, 0.4), (60, 400, 0.5)])
def test_counts_are_the_sum_of_overlaps(n, dim, threshold):
    k = round(dim**0.5)
    options = {"dim": dim, "bundles": "count", "threshold": threshold}
    at = math.ceil(n * k * k / dim + threshold * (k - k * k / dim) - 1e-9)
    mass = count_score_mass(n, bits=dim, hashes=k)
    found = false_positive("BSDC", n, **options)
    assert found == pytest.approx(mass[at:].sum(), rel=1e-6, abs=1e-14)
    others = count_score_mass(n - 1, bits=dim, hashes=k) if n > 1 else np.ones(1)
    found = false_negative("BSDC", n, **options)
    assert found == pytest.approx(others[: max(0, at - k)].sum(), rel=1e-6, abs=1e-14)


def test_nested_bundles_multiply():
    for model in ("MAPB", "BSC"):
        want = stats.binom.cdf(519, 1000, (1 + majority_agreement(5) * majority_agreement(7)) / 2)
        found = false_negative(model, 5, dim=1000, within=(7,), threshold=0.04)
        assert found == pytest.approx(want, rel=1e-9)
    flat = false_positive("MAPI", 35, dim=500)
    assert false_positive("MAPI", 5, dim=500, within=(7,)) == pytest.approx(flat)


@pytest.mark.parametrize("model", ["MAPI", "BSC", "SBC", "HRR", "FHRR", "VTB"])
def test_more_dimensions_help_and_more_items_hurt(model):
    dims = np.array([1024, 4096, 16384, 25_600])
    error = membership_error(model, 5, 100, dim=dims, log=True)
    assert (np.diff(error) < 0).all()
    error = membership_error(model, np.array([2, 8, 32]), 100, dim=4096)
    assert (np.diff(error) > 0).all()


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="no model 'XYZ' among MAPI"):
        false_positive("XYZ", 3, dim=100)
    with pytest.raises(ValueError, match=r"threshold 1, not 0\.5"):
        false_positive("BSDC", 3, dim=100, threshold=0.5)
    with pytest.raises(ValueError, match="sets all of some dim"):
        false_positive("BSDC", 3, dim=100, density=1.0)
    with pytest.raises(ValueError, match="MCR has no form 'exact' here, only sufficient, approxi"):
        false_positive("MCR", 3, dim=100)
    with pytest.raises(ValueError, match="universe 5 is smaller than n 6"):
        membership_error("MAPI", 6, 5, dim=100)
    with pytest.raises(ValueError, match="no multiple of block 16"):
        false_negative("SBC", 3, dim=100)
    with pytest.raises(ValueError, match="within must be at least 1"):
        false_negative("BSC", 3, dim=100, within=(0,))
