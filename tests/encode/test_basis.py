"""Numbers as hypervectors: the measured profiles are those of theory, in every model."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from hdlib import BSC, BSDC, CGR, FHRR, HRR, MAPB, MAPI, MBAT, MCR, SBC, VTB, encode, theory
from tests.vsa.spaces import ALL, law, make, pooled, same

EACH = pytest.mark.parametrize("name", ALL)
OPPOSITE = [n for n in ALL if n[:3] not in ("BSD", "SBC", "CGR") and n != "MCR-5"]


def profile(name, encoding, n, dim=1024, seeds=40):
    """Mean similarity to the first vector and its standard error, over spaces."""
    rows = []
    for seed in range(seeds):
        vsa = make(name, dim, seed=seed)
        codes = encoding(vsa, n)
        rows.append(vsa.similarity(codes, codes[0]).double().numpy())
    rows = np.array(rows)
    return rows.mean(0), rows.std(0) / math.sqrt(seeds) + 1e-9


def gate(found, error, expected, slack):
    z = (found - expected)[error > 1e-6] / np.hypot(error, slack)[error > 1e-6]
    if len(z):
        pooled(z)
    assert np.abs(found - expected)[error <= 1e-6].max(initial=0) <= slack + 1e-6


def slack(name):
    """What theory leaves out: one or two components, and for sets the spread of their sizes."""
    return 0.03 if name.startswith(("BSDC", "SBC")) else 0.004


@EACH
def test_levels_fall_in_a_straight_line(name):
    found, error = profile(name, encode.level, 5)
    gate(found, error, theory.level_similarity(np.arange(5), 5), slack(name))


@pytest.mark.parametrize("name", OPPOSITE)
@pytest.mark.parametrize("n", [2, 5])
def test_thermometers_fall_to_the_opposite(name, n):
    found, error = profile(name, encode.thermometer, n, seeds=12)
    gate(found, error, theory.thermometer_similarity(np.arange(n), n), slack(name))


@EACH
@pytest.mark.parametrize("n", [6, 7])
def test_circles_fall_and_rise_again(name, n):
    found, error = profile(name, encode.circular, n)
    gate(found, error, theory.circular_similarity(np.arange(n), n), slack(name))


@pytest.mark.parametrize("model", [MAPB, BSC, MCR, FHRR])
def test_all_pairs_of_levels_depend_on_their_distance_alone(model):
    vsa = model(20_000)
    for encoding, form in (
        (encode.level, theory.level_similarity),
        (encode.circular, theory.circular_similarity),
        (encode.thermometer, theory.thermometer_similarity),
    ):
        codes, places = encoding(vsa, 9), np.arange(9)
        want = form(np.abs(places[:, None] - places), 9)
        np.testing.assert_allclose(vsa.similarity(codes, codes), want, atol=5 / math.sqrt(20_000))


@pytest.mark.parametrize("model", [MAPB, BSC])
def test_thermometers_are_exact_pair_by_pair(model):
    vsa = model(1000)
    codes, places = encode.thermometer(vsa, 11), np.arange(11)
    want = theory.thermometer_similarity(places[:, None] - places, 11)
    np.testing.assert_allclose(vsa.similarity(codes, codes), want, atol=1e-6)


@EACH
def test_codes_are_vectors_of_the_space_the_same_for_ever_and_unrelated_by_name(name):
    vsa = make(name, 1024)
    for encoding in (encode.level, encode.circular):
        codes = encoding(vsa, 4)
        assert codes.shape == (4, vsa.width)
        assert torch.equal(codes, encoding(vsa.copy(), 4))
        vsa.bind(codes, vsa.atoms("role"))
        assert vsa.similarity(codes, encoding(vsa, 4, name="other")).abs().max() < 0.4


@pytest.mark.parametrize("model", [MAPI, MAPB, BSC, HRR, MBAT])
def test_projections_keep_angles(model):
    cosines, found = np.array([0.9, 0.5, 0.0, -0.7]), []
    x = np.stack([cosines, np.sqrt(1 - cosines**2)], -1)
    for seed in range(30):
        vsa = model(1024, seed=seed)
        codes = encode.projection(vsa, x)
        assert codes.shape == (4, vsa.width)
        found.append(vsa.similarity(codes, encode.projection(vsa, [1.0, 0.0])).double().numpy())
    found = np.array(found)
    want = theory.projection_similarity(cosines, signs=model in (MAPB, BSC))
    gate(found.mean(0), found.std(0) / math.sqrt(30), want, 0.001)


def test_projections_of_signs_and_bits_are_one():
    x = torch.linspace(-1, 1, 21).reshape(3, 7)
    signs, bits = encode.projection(MAPB(100), x), encode.projection(BSC(100), x)
    assert torch.equal(signs, 1 - 2 * BSC(100).dense(bits).to(torch.int8))


@pytest.mark.parametrize("model", [FHRR, HRR])
@pytest.mark.parametrize("kernel", ["sinc", "gaussian"])
@pytest.mark.parametrize("dim", [64, 65, 1024])
def test_fractional_powers_have_their_kernel(model, kernel, dim):
    x, found = np.array([0.2, 0.5, 1.0, 1.7, 3.0]), []
    for seed in range(40):
        vsa = model(dim, seed=seed)
        codes = encode.fractional_power(vsa, x, kernel=kernel, bandwidth=0.8)
        zero = encode.fractional_power(vsa, 0.0, kernel=kernel, bandwidth=0.8)
        found.append(vsa.similarity(codes, zero).double().numpy())
    found, name = np.array(found), model.__name__
    want = theory.fractional_power_similarity(x, bandwidth=0.8, kernel=kernel, model=name, dim=dim)
    gate(found.mean(0), found.std(0) / math.sqrt(40), want, 1e-6)


@pytest.mark.parametrize("model", [FHRR, HRR])
@law
@given(x=st.floats(-50, 50), y=st.floats(-50, 50), dim=st.integers(1, 70))
def test_binding_adds_powers(model, x, y, dim):
    vsa = model(dim)
    a, b, both = encode.fractional_power(vsa, [x, y, x + y])
    assert same(vsa.bind(a, b), both, tolerance=1e-5)
    assert same(vsa.unbind(both, b), a, tolerance=1e-5)


@pytest.mark.parametrize(
    ("error", "message", "call"),
    [
        (ValueError, "level: n must be at least 2, got 1", lambda: encode.level(MAPI(9), 1)),
        (TypeError, "circular: n must be a whole number", lambda: encode.circular(MAPI(9), 2.5)),
        (NotImplementedError, "SBC.* has no opposites", lambda: encode.thermometer(SBC(16), 2)),
        (NotImplementedError, "opposites", lambda: encode.thermometer(CGR(16, modulus=3), 2)),
        (NotImplementedError, "opposites; take level", lambda: encode.thermometer(BSDC(99), 2)),
        (NotImplementedError, "no linear form", lambda: encode.projection(FHRR(9), [1.0])),
        (ValueError, "holds NaN", lambda: encode.projection(MAPI(9), [math.nan])),
        (ValueError, r"no features in shape \(\)", lambda: encode.projection(MAPI(9), 1.0)),
        (NotImplementedError, "VTB: its binding", lambda: encode.fractional_power(VTB(9), 1)),
        (ValueError, "holds NaN", lambda: encode.fractional_power(HRR(9), math.inf)),
        (ValueError, "positive", lambda: encode.fractional_power(HRR(9), 1, bandwidth=0)),
        (ValueError, "kernel", lambda: encode.fractional_power(HRR(9), 1, kernel="x")),
        (TypeError, "real numbers", lambda: encode.projection(MAPI(9), [True])),
        (ValueError, "cosine", lambda: theory.projection_similarity(1.5)),
        (ValueError, "no kernel", lambda: theory.fractional_power_similarity(1, kernel="x")),
    ],
)
def test_what_cannot_be_is_refused(error, message, call):
    with pytest.raises(error, match=message):
        call()
