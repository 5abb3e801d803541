"""How orthogonal random atoms are: against scipy, enumeration and the algebras themselves."""

import itertools
import math

import numpy as np
import pytest
from scipy import special, stats

from hdlib import theory
from hdlib.theory import orthogonality
from hdlib.vsa import MODELS
from tests.vsa.spaces import pooled

LAWS = (*orthogonality.COUNTS, *orthogonality.DIRECTIONS, *orthogonality.WALKS)  # models with a law


def test_signs_equal_the_count_over_all_sign_patterns():
    for dim in (1, 2, 5, 8):
        products = np.array(list(itertools.product((-1, 1), repeat=dim))).mean(-1)
        values, mass = theory.similarity_mass("MAPB", dim)
        counted = [(np.abs(products - value) < 1e-12).mean() for value in values]
        np.testing.assert_allclose(mass, counted, atol=1e-14)


def test_sets_equal_the_correlations_of_all_pairs_of_sets():
    dim, ones = 8, 3
    sets = np.array([np.isin(range(dim), s) for s in itertools.combinations(range(dim), ones)])
    pairs = np.corrcoef(sets)[0]
    values, mass = theory.similarity_mass("BSDC", dim, density=ones / dim)
    counted = [(np.abs(pairs - value) < 1e-9).mean() for value in values]
    np.testing.assert_allclose(mass, counted, atol=1e-12)
    assert sum(counted) == pytest.approx(1)


@pytest.mark.parametrize("dim", [100, 1000, 16384])
def test_masses_equal_those_of_scipy(dim):
    k = np.arange(dim + 1)
    np.testing.assert_allclose(
        theory.similarity_mass("BSC", dim)[1], stats.binom(dim, 0.5).pmf(k), rtol=1e-8, atol=1e-300
    )
    ones = round(math.sqrt(dim))
    want = stats.hypergeom(dim, ones, ones).pmf(np.arange(ones + 1))
    np.testing.assert_allclose(theory.similarity_mass("BSDC", dim)[1], want, rtol=1e-7)
    values, mass = theory.similarity_mass("SBC", 16 * dim, block=16)
    np.testing.assert_allclose(mass, stats.binom(dim, 1 / 16).pmf(k), rtol=1e-7, atol=1e-250)
    assert values[-1] == 1


@pytest.mark.parametrize("model", LAWS)
@pytest.mark.parametrize("dim", [16, 64, 1024, 10_000])
def test_every_law_has_mean_0_and_the_sd_that_theory_states(model, dim):
    if model in orthogonality.COUNTS:
        s, mass = theory.similarity_mass(model, dim)
    else:
        s = np.linspace(-1, 1, 4001) * min(1, 9 / math.sqrt(dim))
        mass = theory.similarity_density(model, dim, s) * (s[1] - s[0])
    assert mass.sum() == pytest.approx(1, abs=1e-6)
    assert mass @ s == pytest.approx(0, abs=1e-9)
    sd = theory.similarity_sd(dim, model=model)
    assert math.sqrt(mass @ s**2) == pytest.approx(sd, rel=1e-6)


@pytest.mark.parametrize("dim", [2, 3, 4, 50, 3000])
def test_directions_equal_the_beta_law_of_scipy(dim):
    s = np.linspace(-0.99, 0.99, 101)
    beta = stats.beta((dim - 1) / 2, (dim - 1) / 2, loc=-1, scale=2)
    np.testing.assert_allclose(
        theory.similarity_density("HRR", dim, s), beta.pdf(s), rtol=1e-8, atol=1e-300
    )
    eps = np.array([0.0, 0.05, 0.3, 0.9])
    np.testing.assert_allclose(
        theory.similarity_tail(dim, eps, model="VTB"), 2 * beta.sf(eps), rtol=1e-6, atol=1e-290
    )


def test_bessel_equals_that_of_scipy():
    u = np.linspace(0, 60, 999)
    np.testing.assert_allclose(orthogonality._bessel_j0(u), special.j0(u), atol=1e-13)


@pytest.mark.parametrize("dim", [8, 20, 63, 64, 500])
def test_phases_equal_the_walk_summed_step_by_step(dim):
    # Every angle one of 4096: one step's law on a fine grid, D steps by powers of its transform.
    cells = 1 << 16
    width = (2 * dim + 4) / cells
    steps = np.cos(2 * np.pi * (np.arange(1 << 14) + 0.5) / (1 << 14))
    law = np.bincount(np.round(steps / width).astype(int) % cells, minlength=cells) / len(steps)
    walk = np.fft.ifft(np.fft.fft(law) ** dim).real
    places = (np.arange(cells) + cells // 2) % cells - cells // 2
    for eps in (0.5, 1.0, 2.0, 3.0):
        eps /= math.sqrt(2 * dim)
        inside = np.abs(places * width / dim) < eps
        found = theory.similarity_tail(dim, eps, model="FHRR")
        assert found == pytest.approx(1 - walk[inside].sum(), rel=0.005)


@pytest.mark.parametrize("modulus", [2, 3, 4, 6])
@pytest.mark.parametrize("dim", [1, 2, 5])
def test_rational_cosines_equal_the_sums_over_all_vectors(modulus, dim):
    scores = np.cos(2 * np.pi * np.arange(modulus) / modulus)
    sums = np.array([sum(each) / dim for each in itertools.product(scores, repeat=dim)])
    values, mass = theory.similarity_mass("MCR", dim, modulus=modulus)
    counted = [(np.abs(sums - value) < 1e-9).mean() for value in values]
    np.testing.assert_allclose(mass, counted, atol=1e-14)
    assert sum(counted) == pytest.approx(1)
    for eps in (0, 0.2, 0.5, 1):
        want = (np.abs(sums) >= eps - 1e-9).mean()
        found = theory.similarity_tail(dim, eps, model="CGR", modulus=modulus)
        assert found == pytest.approx(want, abs=1e-12)


def test_a_modulus_of_two_is_bits_and_of_three_is_blocks_of_three():
    for dim in (7, 300):
        bits = theory.similarity_mass("BSC", dim)
        np.testing.assert_allclose(theory.similarity_mass("MCR", dim, modulus=2), bits, atol=1e-15)
        blocks = theory.similarity_mass("SBC", 3 * dim, block=3)
        found = theory.similarity_mass("CGR", dim, modulus=3)
        np.testing.assert_allclose(found, blocks, atol=1e-15)


@pytest.mark.parametrize(("dim", "within"), [(16, 2e-3), (64, 2e-4)])
def test_sixteen_angles_equal_a_walk_on_four_axes(dim, within):
    # The 16 cosines are whole multiples of four numbers that no sum of D makes equal.
    size = min(2 * dim + 1, 41)  # six standard deviations and more to each side
    law = np.zeros((size,) * 4)
    for axis, share in enumerate((1 / 16, 1 / 8, 1 / 8, 1 / 8)):
        for sign in (1, -1):
            law[tuple(sign * (np.arange(4) == axis))] = share
    law[0, 0, 0, 0] = 1 / 8
    walk = np.fft.ifftn(np.fft.fftn(law) ** dim).real
    steps = np.meshgrid(*[np.fft.fftfreq(size, 1 / size)] * 4, indexing="ij", sparse=True)
    s = sum(np.cos(k * np.pi / 8) * step for k, step in enumerate(steps)) / dim
    for eps in np.array([0.31, 0.77, 1.03, 1.5, 2.01, 3.0]) / math.sqrt(2 * dim):
        found = theory.similarity_tail(dim, eps, model="MCR")
        assert found == pytest.approx(walk[np.abs(s) >= eps].sum(), abs=within)


@pytest.mark.parametrize("modulus", [5, 7, 8])
def test_densities_of_odd_and_small_moduli_have_their_moments(modulus):
    dim, scores = 200, np.cos(2 * np.pi * np.arange(modulus) / modulus)
    s = np.linspace(-0.5, 0.5, 2001)
    mass = theory.similarity_density("CGR", dim, s, modulus=modulus) * (s[1] - s[0])
    wanted = [1, 0, (scores**2).mean() / dim, (scores**3).mean() / dim**2]
    for power, want in enumerate(wanted):
        assert mass @ s**power == pytest.approx(want, abs=1e-10, rel=1e-7)


def test_tails_of_signs_equal_scipy_far_out():
    for eps, low in ((0.05, 5250), (0.2, 6000), (0.4, 7000)):
        want = 2 * stats.binom(10_000, 0.5).sf(low - 1)
        assert theory.similarity_tail(10_000, eps, model="BSC") == pytest.approx(want, rel=1e-6)
    assert theory.similarity_tail(10, 0) == pytest.approx(1)
    assert theory.similarity_tail(10, 1.0) == pytest.approx(2 / 1024)
    assert theory.similarity_tail(10, 1.1) == 0


@pytest.mark.claim("similarity-law")
def test_atoms_follow_the_exact_law():
    z = []
    for model, dim in itertools.product(LAWS, (64, 256, 1024)):
        sd = float(theory.similarity_sd(dim, model=model))
        vsa = MODELS[model](dim, seed=len(z))
        x, y = vsa.random(10_000), vsa.random(10_000)
        split = [
            vsa.similarity(a.unsqueeze(1), b.unsqueeze(1)).flatten()
            for a, b in zip(x.split(2000), y.split(2000), strict=True)
        ]
        found = np.abs(np.concatenate([part.double().numpy() for part in split]))
        # The tails of one draw share its pairs, so each cell asks about one of them.
        eps = float(np.linspace(0.8, 2.8, 7)[len(z) % 7]) * sd
        p = float(theory.similarity_tail(dim, eps, model=model))
        assert 0.001 < p < 0.999
        z.append(((found >= eps - 1e-5).mean() - p) / math.sqrt(p * (1 - p) / len(found)))
    pooled(z)


def test_hoeffding_is_never_below_the_exact_tail():
    for dim in (1, 10, 100, 3000):
        eps = np.linspace(0, 1, 41)
        assert (theory.hoeffding_tail(dim, eps) >= theory.similarity_tail(dim, eps) - 1e-12).all()


def test_two_pairs_that_share_an_atom_are_independent():
    # Enumerated: x · y and x · z over all signs of three atoms of four components.
    signs = np.array(list(itertools.product((-1, 1), repeat=12))).reshape(-1, 3, 4)
    one, two = (signs[:, 0] * signs[:, 1]).sum(-1), (signs[:, 0] * signs[:, 2]).sum(-1)
    for a, b in itertools.product(range(-4, 5, 2), repeat=2):
        together = ((one == a) & (two == b)).mean()
        assert together == pytest.approx((one == a).mean() * (two == b).mean())


@pytest.mark.claim("codebook-law")
def test_codebooks_are_as_separated_as_theory_says():
    z, books = [], 200
    for cell, (dim, n) in enumerate(itertools.product((256, 1000), (10, 40, 150))):
        vsa = MODELS["BSC"](dim, seed=1000 + cell)
        largest = np.array(
            [
                float(vsa.similarity(atoms, atoms).fill_diagonal_(0).abs().max())
                for atoms in (vsa.random(n) for _ in range(books))
            ]
        )
        mean = theory.largest_similarity(dim, n)
        z.append((largest.mean() - mean) / (largest.std() / math.sqrt(books)))
        middle = float(np.median(largest)) + 1e-6
        p = float(theory.all_separated(dim, n, middle))
        share = (largest < middle).mean()
        assert share == pytest.approx(p, abs=0.18)
        assert share + 0.1 >= 1 - n * (n - 1) / 2 * theory.similarity_tail(dim, middle)
    pooled(z)


def test_one_pair_is_exact():
    values, mass = theory.similarity_mass("MAPI", 50)
    assert theory.largest_similarity(50, 2) == pytest.approx(mass @ np.abs(values))
    tail = theory.similarity_tail(50, 0.2)
    assert theory.all_separated(50, 2, 0.2) == pytest.approx(1 - tail)


@pytest.mark.parametrize("eps", [0.1, 0.2, 0.3])
def test_a_codebook_size_is_the_greatest_that_keeps_the_promise(eps):
    for dim in (300, 1000, 2000):
        tail = theory.similarity_tail(dim, eps)
        n = float(theory.codebook_size(dim, eps))
        if 1 < n < 1e7:
            assert n * (n - 1) / 2 * tail <= 0.01 * (1 + 1e-9) < n * (n + 1) / 2 * tail
            near = float(theory.codebook_size(dim, eps, method="independent"))
            assert theory.all_separated(dim, near, eps) >= 0.99 - 1e-9
        assert theory.codebook_size(dim, eps, method="hoeffding") <= n


def test_sizes_grow_exponentially_and_broadcast():
    dims = np.array([1000, 2000, 3000, 4000])
    logs = np.log(theory.codebook_size(dims, 0.2, method="hoeffding"))
    np.testing.assert_allclose(np.diff(logs), 1000 * 0.2**2 / 4, rtol=1e-2)
    assert theory.codebook_size(10**6, 0.9) == np.inf


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: theory.similarity_mass("HRR", 10), "similarity_density"),
        (lambda: theory.similarity_density("BSC", 10, 0), "similarity_mass"),
        (lambda: theory.similarity_density("FHRR", 4, 0), "dim must be at least 8"),
        (lambda: theory.similarity_density("MCR", 64, 0, modulus=4), "similarity_mass"),
        (lambda: theory.similarity_mass("MCR", 64), "similarity_density"),
        (lambda: theory.similarity_mass("CGR", 64, modulus=1), "modulus must be at least 2"),
        (lambda: theory.similarity_mass("SBC", 10, block=4), "not a multiple of block 4"),
        (lambda: theory.similarity_mass("BSDC", 10, density=0.99), "ones fill all"),
        (lambda: theory.largest_similarity(10, 5, model="SBC"), "no model 'SBC'"),
        (lambda: theory.largest_similarity(10, 1), "n must be at least 2"),
        (lambda: theory.codebook_size(10, 0.1, failure=1), "between 0 and 1, got 1"),
        (lambda: theory.codebook_size(10, 0.1, method="luck"), "got 'luck'"),
        (lambda: theory.similarity_tail(10, -0.1), "tolerance must be at least 0"),
    ],
)
def test_impossible_parameters_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
