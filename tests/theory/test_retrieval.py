"""A set out of its bundle: the approximation against the experiment, and its limits."""

import itertools

import numpy as np
import pytest

from benchmarks.schlegel import schlegel
from hdlib.theory import members_found

MODELS = ("MAPI", "MBAT", "HRR", "VTB", "FHRR", "MAPB", "BSC", "SBC", "BSDC")


@pytest.mark.claim("members-found")
@pytest.mark.parametrize("model", MODELS)
def test_as_many_members_are_found_as_theory_says(model):
    sizes, runs, off, noise = [5, 13, 31], 12, [], []
    for dim in (64, 144, 400):
        scores = schlegel(model, dims=[dim], sizes=sizes, runs=runs, tie_rule="border", seed=8)
        want = members_found(model, sizes, 1000, dim=scores.dims[0])
        off += list(np.array(scores.mean[0]) - want)
        noise += list(np.array(scores.variance[0]) / runs)
    print(f"{model}: off by {np.mean(off):+.4f} on average, {np.max(np.abs(off)):.3f} at most")
    assert abs(np.mean(off)) < 0.012 + 3 * np.sqrt(np.sum(noise)) / len(off)
    assert (np.abs(off) < 0.04 + 4 * np.sqrt(noise)).all()


def test_everything_is_found_among_members_and_luck_alone_where_there_is_no_room():
    for model in MODELS:
        assert members_found(model, 9, 9, dim=64) == pytest.approx(1, abs=1e-6), model
        assert members_found(model, 1, 1000, dim=4096) == pytest.approx(1, abs=1e-3), model
        assert members_found(model, 500, 1000, dim=16) == pytest.approx(0.5, abs=0.1), model


def test_more_dimensions_find_more_and_larger_crowds_hide_more():
    for model, n in itertools.product(MODELS, (5, 31)):
        by_dim = members_found(model, n, 1000, dim=[64, 256, 1024, 4096])
        by_crowd = members_found(model, n, [100, 1000, 10_000], dim=400)
        assert (np.diff(by_dim) >= -1e-6).all(), model
        assert (np.diff(by_crowd) <= 1e-6).all(), model


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="no model 'XYZ'"):
        members_found("XYZ", 3, 10, dim=64)
    with pytest.raises(ValueError, match="11 members of 10 candidates"):
        members_found("BSC", 11, 10, dim=64)
