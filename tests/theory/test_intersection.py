"""Intersections: against all sign patterns, against the algebra, and the figures of the note."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

import hdlib
from hdlib.theory import (
    intersection_error,
    intersection_estimate,
    intersection_forms,
    intersection_moments,
    intersection_similarity,
)
from tests.vsa.spaces import make, pooled

SPACES = {"MAPI": "MAPI", "MBAT": "MBAT-permutation", "HRR": "HRR", "VTB": "VTB"}
PAIRS = 500  # of sets, in each cell
SPACES |= {"FHRR": "FHRR", "MAPB": "MAPB", "BSC": "BSC", "BSDC": "BSDC-count"}
FEW = [("SBC", {"block": 2}), ("MCR", {"modulus": 2}), ("MCR", {"modulus": 4})]
FEW += [("CGR", {"modulus": 2})]  # models of few symbols, which are signs


@pytest.mark.parametrize(("a", "b", "c"), [(1, 2, 1), (3, 3, 2), (4, 3, 1), (5, 4, 3), (2, 2, 0)])
def test_signs_equal_the_mean_over_all_patterns(a, b, c):
    total = 0.0
    for signs in itertools.product((-1, 1), repeat=a + b - c):
        total += np.sign(sum(signs[:a])) * np.sign(sum(signs[a - c :]))
    assert intersection_similarity("BSC", a, b, c) == pytest.approx(total / 2 ** (a + b - c))


def test_signs_are_near_the_arcsine():
    c = np.arange(0, 90, 10)
    found = intersection_similarity("MAPB", 101, 99, c)
    np.testing.assert_allclose(found, 2 / math.pi * np.arcsin(c / math.sqrt(9999)), atol=0.01)
    assert intersection_similarity("MAPB", 9, 9, 9) == 1


def test_estimates_invert_the_similarity():
    c = np.arange(31)
    scores = intersection_similarity("BSC", 40, 30, c)
    np.testing.assert_allclose(intersection_estimate("BSC", scores, 40, 30), c, atol=1e-9)
    np.testing.assert_allclose(intersection_estimate("BSC", -scores, 40, 30), -c, atol=1e-9)
    rough = intersection_estimate("BSC", scores, 40, 30, form="approximate")
    np.testing.assert_allclose(rough, c, atol=0.7)
    assert intersection_estimate("MAPI", 7.25, 40, 30) == 7.25


@pytest.mark.claim("intersection-sd")
def test_figures_worked_out_by_hand():
    # a = 50, b = 40, c = 20: sd at 1024 dimensions, dimensions for an sd of one half
    assert intersection_moments("MAPI", 50, 40, 20, dim=1024)[1] == pytest.approx(1.518, abs=5e-4)
    sd = intersection_moments("MAPI", 50, 40, 20, dim=[9439, 9440])[1]
    assert sd[0] > 0.5 >= sd[1]
    sd = intersection_moments("BSDC", 50, 40, 20, dim=[9440, 9441])[1]
    assert sd[0] > 0.5 >= sd[1]


@pytest.mark.parametrize("c", [0, 5, 19, 20])
def test_moments_and_misses_of_signs_equal_scipys_binomial(c):
    a, b, dim, error = 30, 20, 301, 2.5
    similarity = intersection_similarity("BSC", a, b, c)
    agree = np.arange(dim + 1)
    mass = stats.binom.pmf(agree, dim, (1 + similarity) / 2)
    guess = intersection_estimate("BSC", 2 * agree / dim - 1, a, b)
    mean = mass @ guess
    found = intersection_moments("BSC", a, b, c, dim=dim)
    assert found == pytest.approx((mean, math.sqrt(mass @ (guess - mean) ** 2)), rel=1e-9)
    want = mass[np.abs(guess - c) >= error].sum()
    assert intersection_error("BSC", a, b, c, dim=dim, error=error) == pytest.approx(want, rel=1e-9)


def scores(model, a, b, c, dim, pairs, seed):
    """The score of independent pairs of sets: ``(pairs,)``."""
    vsa = make(SPACES[model], dim, seed=seed)
    items = vsa.random(pairs, a + b - c)
    x, y = vsa.bundle(items[:, :a]), vsa.bundle(items[:, a - c :])
    if model in ("MAPB", "BSC"):
        return vsa.similarity(x.unsqueeze(1), y.unsqueeze(1))[:, 0, 0].double().numpy()
    if model == "BSDC":
        k = vsa.ones
        dots = (x.double() * y).sum(-1).numpy()
        return (dots - a * b * k**2 / dim) / (k - k**2 / dim)
    unit = dim if model in ("MAPI", "FHRR") else 1
    return (x.conj().resolve_conj() * y).real.double().sum(-1).numpy() / unit


@pytest.mark.claim("intersection-moments")
def test_means_and_variances_hold_in_the_algebra():
    means, spreads = [], []
    sets = [(5, 4, 2), (12, 12, 0), (20, 8, 8), (9, 9, 5)]
    for model, (a, b, c), dim in itertools.product(SPACES, sets, (64, 144)):
        found = scores(
            model, a, b, c, dim, PAIRS, seed=len(means)
        )  # shared atoms would repeat a cell
        guess = intersection_estimate(model, found, a, b)
        mean, sd = intersection_moments(model, a, b, c, dim=dim)
        means.append((guess.mean() - mean) / (sd / math.sqrt(PAIRS)))
        fourth = ((guess - guess.mean()) ** 4).mean()
        spreads.append((guess.var(ddof=1) - sd**2) / math.sqrt((fourth - sd**4) / PAIRS))
    assert len(means) == 64
    pooled(means)
    pooled(spreads)


@pytest.mark.claim("intersection-moments")
def test_few_symbols_are_signs_in_the_algebra():
    means, spreads, cell = [], [], 0
    sets = [(5, 4, 2), (12, 12, 0), (20, 8, 8), (9, 9, 5), (7, 6, 3)]
    for (model, law), (a, b, c), dim in itertools.product(FEW, sets, (36, 64, 150)):
        vsa, cell = getattr(hdlib, model)(dim, seed=cell, **law), cell + 1
        items = vsa.random(PAIRS, a + b - c)
        x, y = vsa.bundle(items[:, :a]), vsa.bundle(items[:, a - c :])
        alike = vsa.similarity(x.unsqueeze(1), y.unsqueeze(1))[:, 0, 0].double().numpy()
        guess = intersection_estimate(model, alike, a, b, **law)
        mean, sd = intersection_moments(model, a, b, c, dim=dim, **law)
        means.append((guess.mean() - mean) / (sd / math.sqrt(PAIRS)))
        fourth = ((guess - guess.mean()) ** 4).mean()
        spreads.append((guess.var(ddof=1) - sd**2) / math.sqrt((fourth - sd**4) / PAIRS))
    assert len(means) == 60
    pooled(means)
    pooled(spreads)


def test_bounds_are_above_what_the_algebra_misses():
    for a, dim, error in [(10, 256, 4.0), (20, 1024, 3.0)]:
        miss = np.mean(np.abs(scores("MAPI", a, a, 5, dim, 1000, seed=a) - 5) >= error)
        assert miss <= intersection_error("MAPI", a, a, 5, dim=dim, error=error, form="sufficient")
        rough = intersection_error("MAPI", a, a, 5, dim=dim, error=error, form="approximate")
        assert miss == pytest.approx(rough, abs=0.03)


def test_what_makes_no_sense_is_refused():
    assert intersection_forms("HRR") == ("sufficient", "approximate")
    with pytest.raises(ValueError, match="no closed form for 'SBC' of block 16, only of 2, and"):
        intersection_moments("SBC", 3, 3, 1, dim=64)
    with pytest.raises(ValueError, match="'MCR' of modulus 3, only of 2 and 4"):
        intersection_forms("MCR", modulus=3)
    with pytest.raises(ValueError, match="no closed form for 'XYZ' only for MAPI"):
        intersection_forms("XYZ")
    with pytest.raises(ValueError, match="MAPI has no form 'exact'"):
        intersection_error("MAPI", 3, 3, 1, dim=64)
    with pytest.raises(ValueError, match="more than the smaller"):
        intersection_similarity("BSC", 3, 3, 4)
    with pytest.raises(ValueError, match="a whole number of items"):
        intersection_similarity("BSC", 3, 3, 0.5)
    with pytest.raises(ValueError, match="error must be above 0"):
        intersection_error("BSC", 3, 3, 1, dim=64, error=0)
