"""Clean-up and repeated binding: the closed forms against scipy, published figures, the algebra."""

import itertools
import math

import numpy as np
import pytest
from scipy import integrate, special, stats

from hdlib import theory
from hdlib.theory import cleanup_accuracy, modular, rebind_similarity, unbind_similarity
from tests.vsa.spaces import make, pairwise, pooled

MODELS = {
    "MAPI": "MAPI",
    "MAPB": "MAPB",
    "BSC": "BSC",
    "BSDC": "BSDC-or",
    "SBC": "SBC-16",
    "MCR": "MCR-16",
    "CGR": "CGR-16",
    "HRR": "HRR",
    "FHRR": "FHRR",
    "VTB": "VTB",
    "MBAT": "MBAT-permutation",
}


@pytest.mark.claim("cleanup-figures")
@pytest.mark.parametrize(
    ("model", "n", "candidates", "dim", "known"),
    [
        ("MAPI", 20, 27, 256, 0.9304),
        ("MAPI", 50, 1000, 1024, 0.892),
        ("MAPB", 51, 1000, 1024, 0.632),
        ("MAPB", 51, 1000, 1608, 0.884),
    ],
)
def test_figures_derived_by_hand(model, n, candidates, dim, known):
    tolerance = 1e-3 if model == "MAPI" else 2e-3  # all by normal scores alone
    found = cleanup_accuracy(model, n, candidates, dim=dim)
    assert found == pytest.approx(known, abs=tolerance)


@pytest.mark.parametrize(
    ("n", "candidates", "dim"), [(20, 27, 256), (5, 1000, 64), (90, 300, 1600)]
)
def test_sums_equal_scipys_quadrature(n, candidates, dim):
    for model, d, spread, fourth in (
        ("MAPI", dim, 2, 2 * (3 - 2 / n)),
        ("FHRR", 2 * dim, 4, 1.5 * (2 - 1 / n)),
    ):
        sigma, extra = math.sqrt(d * (n - 1)), math.sqrt(spread * (n - 1) * (n - 2) * dim)

        def integrand(h, x):
            lead = (d + h * sigma) / math.sqrt(max(d * n + 2 * h * sigma + extra * x, 1e-9))  # noqa: B023
            above = stats.norm.sf(lead)
            above -= stats.norm.pdf(lead) * fourth / dim / 24 * (lead**3 - 3 * lead)  # noqa: B023
            return stats.norm.pdf(h) * (1 - np.clip(above, 0, 1)) ** (candidates - 1)

        nodes, weights = special.roots_hermitenorm(5)
        parts = [integrate.quad(integrand, -8.5, 8.5, args=(x,), epsabs=1e-9)[0] for x in nodes]
        want = weights @ parts / weights.sum()
        assert cleanup_accuracy(model, n, candidates, dim=dim) == pytest.approx(want, abs=1e-5)
    both = [cleanup_accuracy(model, n, candidates, dim=dim) for model in ("MAPI", "MBAT")]
    assert both[0] == both[1]


@pytest.mark.parametrize(("model", "dim"), [("MAPI", 64), ("FHRR", 32)])
def test_sums_are_right_where_few_dimensions_make_scores_less_than_normal(model, dim):
    sets = [accuracy(model, 7, 1000, dim, bundles=20, seed=seed) for seed in range(900, 980)]
    found = np.concatenate(sets)
    stderr = found.std() / math.sqrt(len(found))
    assert stderr < 0.006  # normal scores alone are 0.05 too low
    want = cleanup_accuracy(model, 7, 1000, dim=dim)
    assert found.mean() == pytest.approx(want, abs=0.005 + 4 * stderr)


@pytest.mark.parametrize(("n", "candidates", "dim"), [(4, 2, 9), (7, 10, 33), (25, 101, 256)])
def test_votes_equal_the_sum_over_scipys_binomials(n, candidates, dim):
    beta = theory.majority_agreement(n)
    want = share_of_ties(stats.binom(dim, (1 + beta) / 2), stats.binom(dim, 0.5), dim, candidates)
    for model in ("MAPB", "BSC"):
        assert cleanup_accuracy(model, n, candidates, dim=dim) == pytest.approx(want, abs=1e-9)


def test_blocks_equal_the_sum_over_scipys_binomials():
    n, block, blocks, candidates = 6, 4, 20, 50
    kept = theory.member_similarity("SBC", n, block=block)
    right = stats.binom(blocks, kept * (1 - 1 / block) + 1 / block)
    want = share_of_ties(right, stats.binom(blocks, 1 / block), blocks, candidates)
    found = cleanup_accuracy("SBC", n, candidates, dim=block * blocks, block=block)
    assert found == pytest.approx(want, abs=1e-12)


def share_of_ties(right, wrong, most, candidates):
    """Sum over the scores of the right one and the number of strangers that equal it."""
    total = 0.0
    for score in range(most + 1):
        equal, below, others = wrong.pmf(score), wrong.cdf(score - 1), candidates - 1
        for ties in range(others + 1):
            chance = math.comb(others, ties) * equal**ties * below ** (others - ties)
            total += right.pmf(score) * chance / (1 + ties)
    return total


def test_blocks_of_two_symbols_are_bits():
    n = [1, 2, 3, 9, 30]
    np.testing.assert_allclose(
        cleanup_accuracy("SBC", n, 100, dim=256, block=2),
        cleanup_accuracy("BSC", n, 100, dim=128),
        atol=1e-9,
    )


def test_a_modulus_of_two_is_bits_and_of_three_a_block_of_three():
    n = [1, 2, 3, 9, 30]
    for model in ("MCR", "CGR"):
        np.testing.assert_allclose(
            cleanup_accuracy(model, n, 100, dim=128, modulus=2),
            cleanup_accuracy("BSC", n, 100, dim=128),
            atol=1e-9,
        )
    np.testing.assert_allclose(
        cleanup_accuracy("CGR", n, 100, dim=81, modulus=3),
        cleanup_accuracy("SBC", n, 100, dim=243, block=3),
        atol=1e-9,
    )


@pytest.mark.parametrize("model", ["MCR", "CGR"])
@pytest.mark.parametrize(("n", "modulus"), [(2, 3), (3, 4), (2, 5), (4, 5), (3, 6), (2, 8)])
def test_the_law_of_a_member_equals_the_count_over_all_bundles(model, n, modulus):
    angles = np.exp(2j * np.pi * np.arange(modulus) / modulus)
    law = np.zeros(modulus)
    for members in itertools.product(range(modulus), repeat=n):
        if model == "CGR":
            votes = np.bincount(members, minlength=modulus)
        else:
            votes = (angles[list(members)].sum() * angles.conj()).real
        best = np.flatnonzero(votes > votes.max() - 1e-9)
        for leader, member in itertools.product(best, members):
            law[(member - leader) % modulus] += 1 / len(best) / n / modulus**n
    np.testing.assert_allclose(modular.member_law(model, n, modulus), law, atol=1e-12)


@pytest.mark.parametrize(("n", "modulus"), [(6, 16), (11, 8), (20, 5)])
def test_harmonics_give_nearly_the_law_that_is_counted(n, modulus):
    counted, near = theory.bundle.phasor_offsets(n, modulus), modular._walked(n, modulus)
    within = 2e-4 if modulus == 16 else 2e-3
    for dim, candidates in itertools.product((16, 32, 64), (100, 1000)):
        want = modular.race(counted, dim, candidates)
        assert modular.race(near, dim, candidates) == pytest.approx(want, abs=within)


@pytest.mark.parametrize("n", [2, 5, 20])
def test_a_race_without_ties_equals_the_sums_on_a_fine_grid(n):
    dim, candidates, fine = 40, 50, 5000  # cosines rounded to 1/5000
    scores = np.rint(np.cos(2 * np.pi * np.arange(16) / 16) * fine).astype(int) + fine
    law, size = np.array(modular.member_law("CGR", n, 16)), 2 * dim * fine + 1
    right, wrong = (
        np.fft.irfft(np.fft.rfft(np.bincount(scores, weights=each), size) ** dim, size)
        for each in (law, np.full(16, 1 / 16))
    )
    below = wrong.cumsum() - wrong / 2
    want = right @ below ** (candidates - 1)
    assert modular.race(law, dim, candidates) == pytest.approx(want, abs=1e-4)


def accuracy(model, n, candidates, dim, *, bundles, seed):
    """Per bundle, how often its members beat fresh strangers; ties shared: ``(bundles,)``."""
    vsa = make(MODELS[model], dim, seed=seed)
    members, strangers = vsa.random(bundles, n), vsa.random(candidates - 1)
    sums = vsa.bundle(members)
    own = vsa.similarity(sums.unsqueeze(-2), members)[:, 0]
    others = vsa.similarity(sums, strangers)
    best = others.amax(-1, keepdim=True)
    ties = (others == best).sum(-1, keepdim=True)
    return ((own > best) + (own == best) / (1.0 + ties)).double().mean(-1).numpy()


@pytest.mark.claim("cleanup-accuracy")
def test_clean_up_is_as_often_right_as_theory_says():
    zs = []
    cells = [(6, 100, 64), (20, 100, 256), (40, 1000, 576)]
    seeds = itertools.count(100)  # models draw from the same words, so no two cells share a seed
    for model, (n, candidates, dim) in itertools.product(MODELS, cells):
        found = np.concatenate(
            [accuracy(model, n, candidates, dim, bundles=20, seed=next(seeds)) for _ in range(4)]
        )
        want = float(cleanup_accuracy(model, n, candidates, dim=dim))
        if 0.005 < want < 0.995:
            zs.append((found.mean() - want) / (found.std(ddof=1) / math.sqrt(len(found))))
    assert len(zs) > 20
    pooled(zs)


def test_clean_up_falls_with_the_bundle_and_the_candidates_and_rises_with_the_dimension():
    for model in MODELS:
        by_n = cleanup_accuracy(model, [1, 3, 9, 27, 81], 300, dim=576)
        by_items = cleanup_accuracy(model, 27, [2, 20, 200, 2000], dim=576)
        by_dim = cleanup_accuracy(model, 27, 300, dim=[64, 256, 1024, 2304])
        assert (np.diff(by_n) <= 1e-12).all(), model
        assert (np.diff(by_items) <= 1e-12).all(), model
        assert (np.diff(by_dim) >= -1e-12).all(), model
        assert by_n[0] == pytest.approx(1, abs=2e-3), model
        assert cleanup_accuracy(model, 9, 1, dim=64) == pytest.approx(1), model


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="no model 'XYZ'"):
        cleanup_accuracy("XYZ", 3, 10, dim=64)
    with pytest.raises(ValueError, match="no multiple of block"):
        cleanup_accuracy("SBC", 3, 10, dim=70)
    with pytest.raises(ValueError, match="n must be at least 1"):
        cleanup_accuracy("BSC", 0, 10, dim=64)
    with pytest.raises(ValueError, match="modulus must be at least 2"):
        cleanup_accuracy("CGR", 3, 10, dim=64, modulus=1)
    with pytest.raises(ValueError, match="no model 'XYZ'"):
        rebind_similarity("XYZ", 1)


# Binding again and again


def test_one_key_is_unbinding():
    for model, dim in itertools.product(("HRR", "VTB"), (1024, 2304)):
        want = unbind_similarity(model, dim=dim)
        assert rebind_similarity(model, 1, dim=dim) == pytest.approx(want, abs=2e-3)
    for model in ("MAPI", "BSC", "FHRR", "MBAT"):
        assert rebind_similarity(model, [0, 1, 5], dim=64).tolist() == [1, 1, 1]


def test_the_limits_are_powers_and_roots():
    keys = np.arange(8)
    np.testing.assert_allclose(rebind_similarity("HRR", keys), 2.0 ** (-keys / 2))
    np.testing.assert_allclose(rebind_similarity("VTB", keys), (keys + 1) ** -0.5)
    np.testing.assert_allclose(rebind_similarity("MBAT", keys, "gaussian"), (keys + 1) ** -0.5)
    np.testing.assert_allclose(
        rebind_similarity("HRR", [1, 2], dim=1e6), [0.5**0.5, 0.5], rtol=1e-3
    )


@pytest.mark.parametrize("keys", [1, 2, 3, 5])
def test_convolution_equals_a_simulation_of_exponential_spectra(keys):
    dim, trials = 256, 4000
    draw = np.random.default_rng(keys)
    energy = draw.exponential(size=(trials, dim // 2))
    left = draw.exponential(size=(keys, trials, dim // 2)).prod(0)
    cosines = (energy * left).sum(-1)
    cosines /= np.sqrt(energy.sum(-1) * (energy * left**2).sum(-1))
    want, stderr = cosines.mean(), cosines.std() / math.sqrt(trials)
    assert rebind_similarity("HRR", keys, dim=dim) == pytest.approx(want, abs=4 * stderr + 2 / dim)


@pytest.mark.claim("rebind-similarity")
def test_many_keys_leave_what_theory_says():
    zs = []
    for model, keys, dim in itertools.product(("HRR", "VTB"), (1, 2, 3), (1024, 2304)):
        vsa, trials = make(model, dim, seed=10 * dim + keys), 60
        x, *ys = vsa.random(keys + 1, trials)
        z = vsa.bind(x, *ys)
        for y in reversed(ys):
            z = vsa.unbind(z, y)
        found = pairwise(vsa, z, x).double()
        want = rebind_similarity(model, keys, dim=dim)
        zs.append(float((found.mean() - want) / (found.std() / math.sqrt(trials))))
    pooled(zs)
