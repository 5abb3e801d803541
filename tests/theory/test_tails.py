"""Tails by a contour integral: against scipy, mpmath and numerical convolution, down to 1e-300."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hdlib.theory.tails import (
    Law,
    binomial_law,
    log1p,
    log_below,
    log_normal_tail,
    log_rest,
    log_tail,
    normal_quantile,
)
from tests.vsa.spaces import law

SIZES = [(1, 0.5), (2, 0.01), (5, 0.9), (50, 0.3), (1000, 1e-4), (50_000, 0.5), (10**6, 0.61)]


def spread(n, p):
    """Thresholds from one end to the other, dense around the mean."""
    steps = np.array([-36, -10, -3, -1, -0.2, 0, 0.3, 1, 3, 10, 36])
    return np.unique(np.clip(np.round(n * p + steps * math.sqrt(n * p * (1 - p))), 0, n))


@pytest.mark.parametrize(("n", "p"), [*SIZES, (10**9, 0.5)])
def test_binomial_tails_equal_scipys(n, p):
    at = spread(n, p)
    tolerance = 1e-10 if n < 10**9 else 1e-8  # scipy's own rounding
    upper, lower = stats.binom.logsf(at - 1, n, p), stats.binom.logcdf(at - 1, n, p)
    upper, lower = np.minimum(upper, 0), np.minimum(lower, 0)
    assert upper.min() > -700
    np.testing.assert_allclose(log_tail(binomial_law(n, p), at), upper, rtol=tolerance, atol=1e-12)
    np.testing.assert_allclose(log_below(binomial_law(n, p), at), lower, rtol=tolerance, atol=1e-12)


@pytest.mark.claim("tails")
@pytest.mark.parametrize(("n", "k"), [(1200, 1190), (4000, 3800), (20_000, 12_600)])
def test_the_smallest_tails_equal_a_sum_in_sixty_digits(n, k):
    with mpmath.workdps(60):
        total = mpmath.fsum(mpmath.binomial(n, j) for j in range(k, n + 1)) / mpmath.mpf(2) ** n
        want = float(mpmath.log(total))
    assert want < -600  # 1e-260 and far below
    assert log_tail(binomial_law(n, 0.5), k) == pytest.approx(want, abs=1e-9)


@law
@given(st.integers(1, 60), st.floats(0, 1), st.integers(-3, 64))
def test_any_small_binomial(n, p, k):
    found = np.exp(log_tail(binomial_law(n, p, start=5, step=3), 5 + 3 * k - 1))
    assert found == pytest.approx(stats.binom.sf(k - 1, n, p), abs=1e-12)
    below = np.exp(log_below(binomial_law(n, p, start=5, step=3), 5 + 3 * k - 1))
    assert found + below == pytest.approx(1, abs=1e-12)


def test_a_sum_of_uniform_numbers_equals_its_formula():
    # Irwin and Hall: P(U1 + … + U12 >= t), 12 numbers in 0 … 1
    n = 12

    def cumulants(s):
        return n * np.log(np.expm1(s) / s)

    uniform = Law(cumulants, np.array(n / 2), np.array(n / 12), least=0.0, most=float(n))
    for t in (6.5, 8.0, 10.0, 11.5):
        rest = n - t  # by symmetry P(sum <= rest)
        want = sum(
            (-1) ** k * math.comb(n, k) * (rest - k) ** n for k in range(int(rest) + 1)
        ) / math.factorial(n)
        assert np.exp(log_tail(uniform, t)) == pytest.approx(want, rel=1e-8)
    assert log_tail(uniform, 12.5) == -math.inf
    assert log_tail(uniform, -0.5) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(("n", "p"), SIZES)
def test_bounds_are_above_and_moving_the_threshold_is_what_it_says(n, p):
    at, b = spread(n, p), binomial_law(n, p)
    assert (log_tail(b, at, "sufficient") >= log_tail(b, at) - 1e-12).all()
    assert (log_below(b, at, "sufficient") >= log_below(b, at) - 1e-12).all()
    np.testing.assert_array_equal(log_tail(b, at, nudge=-1), log_tail(b, at - 1))
    np.testing.assert_allclose(log_below(b, at, nudge=1), log_below(b, at + 1))
    z = (at - n * p) / math.sqrt(n * p * (1 - p))
    np.testing.assert_allclose(log_tail(b, at, "approximate"), stats.norm.logsf(z), atol=1e-9)


def test_one_sure_value():
    sure = binomial_law(0, 0.5, start=7)
    for form in ("exact", "sufficient", "approximate"):
        assert log_tail(sure, [6, 7, 8], form).tolist() == [0, 0, -math.inf]
        assert log_below(sure, [6, 7, 8], form).tolist() == [-math.inf, -math.inf, 0]
    with pytest.raises(ValueError, match="form must be one of exact, sufficient, approximate"):
        log_tail(sure, 3, "about")


def test_normal_tails_at_any_distance():
    z = np.array([-40, -8, -1, -0.5, 0, 1, 5, 24.9, 25.1, 37, 60])
    np.testing.assert_allclose(log_normal_tail(z), stats.norm.logsf(z), rtol=1e-12, atol=1e-100)
    for tail in (0.5, 1e-3, 1e-20, 1e-300):
        assert normal_quantile(tail) == pytest.approx(stats.norm.isf(tail), rel=1e-9, abs=1e-12)


def test_small_logarithms():
    z = np.array([1e-12 + 1e-13j, 1e-5j, 0.3 - 0.4j, -0.5 + 2j])
    want = [complex(mpmath.log(1 + mpmath.mpmathify(v))) for v in z]
    with mpmath.workdps(40):
        want = [complex(mpmath.log(1 + mpmath.mpmathify(v))) for v in z]
    np.testing.assert_allclose(log1p(z), want, rtol=1e-14)
    np.testing.assert_allclose(log_rest(np.log([1e-20, 0.3, 0.9])), np.log1p([-1e-20, -0.3, -0.9]))
