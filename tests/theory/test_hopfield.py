"""Hopfield networks as set memories: figures, slow convolutions, simulation, MAP-I on pairs."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from hdlib.theory import (
    false_positive,
    hopfield_error,
    hopfield_false_negative,
    hopfield_false_positive,
    hopfield_flip,
    hopfield_intersection_moments,
)
from hdlib.theory.hopfield import _convolved, _square, _sum_tail
from tests.vsa.spaces import pooled


@pytest.mark.claim("hopfield-figures")
def test_figures_worked_out_by_hand():
    # m = 64, n = 100
    assert hopfield_flip(100, dim=64) == pytest.approx(0.2125, abs=5e-5)
    assert hopfield_flip(100, dim=64, ties="keep") == pytest.approx(0.2089, abs=5e-5)
    assert hopfield_false_positive(100, dim=64) == pytest.approx(0.0183, abs=5e-5)
    assert hopfield_false_negative(100, dim=64) == pytest.approx(0.0062, abs=5e-5)
    assert hopfield_false_positive(100, dim=64, signed=True) == pytest.approx(0.0640, abs=5e-5)
    assert false_positive("MAPI", 100, dim=64**2) == pytest.approx(0.00069, abs=5e-6)
    assert false_positive("MAPI", 100, dim=64 * 63 // 2) == pytest.approx(0.0125, abs=5e-5)


def test_pair_products_have_the_moments_of_integer_sums_and_a_heavier_tail():
    n, m = 100, 64
    pairs = m * (m - 1) // 2
    rough = hopfield_false_positive(n, dim=m, form="approximate")
    assert rough == pytest.approx(false_positive("MAPI", n, dim=pairs, form="approximate"))
    assert hopfield_false_positive(n, dim=m) > 1.4 * false_positive("MAPI", n, dim=pairs)
    mean, sd = hopfield_intersection_moments(50, 40, 20, dim=46)
    assert (mean, sd) == (20, pytest.approx(math.sqrt((2000 + 400 - 40) / (46 * 45 / 2))))


@pytest.mark.parametrize(("n", "m"), [(1, 5), (2, 6), (3, 7), (4, 4)])
@pytest.mark.parametrize("signed", [False, True])
def test_small_networks_by_all_combinations(n, m, signed):
    walk = [((2 * k - m) ** 2, math.comb(m, k) / 2**m) for k in range(m + 1)]
    signs = (-1, 1) if signed else (1,)
    terms = [(sign * value, chance / len(signs)) for value, chance in walk for sign in signs]

    def law(count):
        sums = {}
        for picks in itertools.product(terms, repeat=count):
            total = sum(value for value, _ in picks)
            sums[total] = sums.get(total, 0) + math.prod(chance for _, chance in picks)
        return sums.items()

    at = m * m / 2 if signed else n * m + (m * m - m) / 2
    passed = sum(p for s, p in law(n) if (abs(s) if signed else s) >= at - 1e-9)
    missed = sum(p for s, p in law(n - 1) if (abs(m * m + s) if signed else m * m + s) < at - 1e-9)
    assert hopfield_false_positive(n, dim=m, signed=signed) == pytest.approx(passed, rel=1e-9)
    found = hopfield_false_negative(n, dim=m, signed=signed)
    assert found == pytest.approx(missed, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize(("n", "m", "signed"), [(60, 80, False), (45, 61, True), (80, 51, False)])
def test_the_saddle_point_agrees_with_the_convolution(n, m, signed):
    values, mass, step = _square(m, signed)
    mean = n * (mass @ values)
    start = n * values[0]
    at = start + step * round((mean + m * m / 2 - start) / step)
    exact = _convolved(values, mass, step, n, at)
    near = _sum_tail(values, mass, step, n, at, "approximate")
    from hdlib.theory import hopfield

    assert exact == pytest.approx(near, abs=2)  # the same event
    longest, hopfield.LONGEST = hopfield.LONGEST, {True: 0, False: 0}
    try:
        assert _sum_tail(values, mass, step, n, at, "exact") == pytest.approx(exact, abs=1e-6)
    finally:
        hopfield.LONGEST = longest


@pytest.mark.claim("hopfield-law")
def test_networks_answer_as_theory_says():
    rng, zs, trials, asked = np.random.default_rng(5), [], 120, 20
    for (n, m), signed in itertools.product([(4, 12), (9, 16), (25, 24), (40, 33)], (False, True)):
        items = rng.choice([-1.0, 1.0], size=(trials, n, m))
        sign = rng.choice([-1.0, 1.0], size=(trials, n, 1)) if signed else 1.0
        weights = np.swapaxes(items * sign, 1, 2) @ items
        others = rng.choice([-1.0, 1.0], size=(trials, asked, m))

        def score(x, weights=weights):
            return np.einsum("tqi,tij,tqj->tq", x, weights, x)

        at = m * m / 2 if signed else n * m + (m * m - m) / 2
        yes = [np.abs(score(x)) >= at if signed else score(x) >= at for x in (items, others)]
        rates = (~yes[0]).mean(1), yes[1].mean(1)
        wants = [
            f(n, dim=m, signed=signed) for f in (hopfield_false_negative, hopfield_false_positive)
        ]
        for found, want in zip(rates, wants, strict=True):
            if want * trials * asked > 40:
                zs.append((found.mean() - want) / (found.std(ddof=1) / math.sqrt(trials)))
    assert len(zs) >= 12
    pooled(zs)


def test_bits_flip_as_in_a_simulation():
    rng, n, m, trials = np.random.default_rng(6), 12, 31, 300
    items = rng.choice([-1.0, 1.0], size=(trials, n, m))
    weights = np.swapaxes(items, 1, 2) @ items - n * np.eye(m)
    field = np.einsum("tij,tj->ti", weights, items[:, 0]) * items[:, 0]
    flips = (field < 0).mean(1) + (field == 0).mean(1) / 2
    z = (flips.mean() - hopfield_flip(n, dim=m)) / (flips.std() / math.sqrt(trials))
    assert abs(z) < 4
    rough = stats.norm.sf(math.sqrt(1000 / 140))
    assert hopfield_flip(140, dim=1000) == pytest.approx(rough, rel=0.05)


def test_intersections_of_weights():
    rng, (a, b, c, m), trials = np.random.default_rng(7), (6, 5, 3, 12), 4000
    for signed in (False, True):
        items = rng.choice([-1.0, 1.0], size=(trials, a + b - c, m))
        sign = rng.choice([-1.0, 1.0], size=(trials, a + b - c, 1)) if signed else np.ones(1)
        x, y = items[:, :a], items[:, a - c :]
        left = np.swapaxes(x * (sign[:, :a] if signed else 1), 1, 2) @ x
        right = np.swapaxes(y * (sign[:, a - c :] if signed else 1), 1, 2) @ y
        g = (left * right).sum((1, 2))
        guess = g / m**2 if signed else (g - a * b * m) / (m**2 - m)
        mean, sd = hopfield_intersection_moments(a, b, c, dim=m, signed=signed)
        assert guess.mean() == pytest.approx(mean, abs=4 * sd / math.sqrt(trials))
        assert guess.std() == pytest.approx(sd, rel=0.1)


def test_bounds_and_refusals():
    for n, m in [(3, 20), (10, 48), (50, 90)]:
        for rate in (hopfield_false_positive, hopfield_false_negative):
            assert rate(n, dim=m, form="sufficient") >= rate(n, dim=m)
    assert (np.diff(hopfield_error(10, 100, dim=[20, 30, 40, 60])) < 0).all()
    with pytest.raises(ValueError, match="ties must be"):
        hopfield_flip(3, dim=10, ties="up")
    with pytest.raises(ValueError, match="universe 2 is smaller than n 3"):
        hopfield_error(3, 2, dim=10)
    with pytest.raises(ValueError, match="more than the smaller"):
        hopfield_intersection_moments(3, 3, 4, dim=10)
