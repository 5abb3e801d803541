"""Repeats: the law of one symbol at many positions, against figures and simulation."""

import math

import numpy as np
import pytest

from hdlib.theory import false_positive, repeat_false_positive, repeat_forms, sufficient_dimension
from tests.vsa.spaces import pooled


@pytest.mark.claim("repeats")
def test_repeats_have_heavier_tails():
    # measured before: .0237 ± .0020 for 25 rotations of one symbol, m = 512
    found = repeat_false_positive("MAPI", 25, dim=512)
    assert found == pytest.approx(0.0237, abs=2 * 0.0020)
    assert false_positive("MAPI", 25, dim=512) == pytest.approx(0.0121, abs=5e-5)
    assert found > 1.9 * false_positive("MAPI", 25, dim=512)


def test_simulation_agrees():
    rng, zs, trials = np.random.default_rng(8), [], 6000
    for k, dim, others in [(25, 512, 0), (10, 200, 0), (10, 256, 10), (5, 128, 15), (3, 100, 40)]:
        for model in ("HRR", "MAPI"):
            normal = model == "HRR"
            shape = (trials, dim)
            atoms = rng.normal(size=shape) if normal else rng.choice([-1.0, 1.0], size=shape)
            rest = rng.normal(size=shape) * math.sqrt(others)
            bundle = sum(np.roll(atoms, p, 1) for p in range(1, k + 1)) + rest
            p = ((bundle * atoms).sum(1) >= dim / 2).mean()
            want = repeat_false_positive(model, k, dim=dim, others=others)
            sd = math.sqrt(want * (1 - want) / trials)
            if normal:
                zs.append((p - want) / sd)
            else:  # approximate: to a tenth of itself here
                assert p == pytest.approx(want, abs=4 * sd + 0.1 * want)
    pooled(zs)


def test_one_position_is_no_repeat():
    # a rotation of one atom is as good as another atom, but for dependence of higher order
    few = repeat_false_positive("HRR", 1, dim=64, others=30)
    assert few == pytest.approx(false_positive("HRR", 31, dim=64), rel=0.02)
    logs = repeat_false_positive("HRR", 5, dim=5000, log=True)
    assert false_positive("MAPI", 5, dim=5000, log=True) < logs < -80


def test_refusals():
    assert repeat_forms("VTB") == ("exact",)
    with pytest.raises(ValueError, match="no closed form with repeats for 'BSC'"):
        repeat_false_positive("BSC", 3, dim=100)
    with pytest.raises(ValueError, match="need a dim above 100"):
        repeat_false_positive("HRR", 100, dim=100)
    with pytest.raises(ValueError, match="MAPI has no form 'exact' here"):
        repeat_false_positive("MAPI", 3, dim=100, form="exact")


@pytest.mark.claim("constants")
def test_constants():
    """n, universe, failure -> 8nL, 4πnL (odd n), 56 n ln(2d/δ), 2.08nL."""
    rows = [
        (10, 500, 0.1, 681, 1177, 5158, 177),  # an even n counts as n + 1 where signs vote
        (25, 500, 0.1, 1703, 2676, 12894, 443),
        (51, 1000, 0.01, 4697, 7378, 34861, 1222),
    ]
    for n, universe, failure, *want in rows:
        found = [
            sufficient_dimension(model, n, universe, failure)
            for model in ("MAPI", "MAPB", "paper", "bloom")
        ]
        assert [round(value) for value in found] == want
    assert sufficient_dimension("Hopfield", 10, 500, 0.1) == pytest.approx(72, abs=0.5)
    with pytest.raises(ValueError, match="no constant for 'SBC'"):
        sufficient_dimension("SBC", 3, 10, 0.1)
    with pytest.raises(ValueError, match="failure lies between 0 and 1"):
        sufficient_dimension("MAPI", 3, 10, 0)
