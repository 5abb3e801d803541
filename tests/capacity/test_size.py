"""How many dimensions: the table of the note, brute force, and round trips."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hdlib
from hdlib.capacity import TASKS, bundle_bits, capacity_of, dimension_for
from hdlib.theory import (
    cleanup_accuracy,
    intersection_error,
    membership_error,
    membership_forms,
    record_forms,
)
from tests.vsa.spaces import law

# n, universe, failure; MAPI: first even, every from here on; MAPB: very first, every from here on
TABLE = [
    (10, 500, 0.1, 502, 505, 814, 838),
    (25, 500, 0.1, 1254, 1253, 1912, 1935),
    (50, 500, 0.1, 2502, 2505, 3956, 3991),
    (50, 1000, 0.01, 3638, 3637, 5736, 5790),
    (100, 10**4, 0.01, 9038, 9041, 14224, 14298),
    (100, 10**6, 0.01, 12598, 12601, 19852, 19928),
]


@pytest.mark.claim("dimensions-table")
@pytest.mark.parametrize(("n", "universe", "failure", "even", "sums", "first", "signs"), TABLE)
def test_smallest_dimensions(n, universe, failure, even, sums, first, signs):
    size = dimension_for("MAPI", n=n, universe=universe, failure=failure)
    assert size.dims["exact"] == size.dim == sums
    assert size.bound == math.ceil(8 * n * math.log(universe / failure))
    signs_size = dimension_for("MAPB", n=n, universe=universe, failure=failure)
    assert signs_size.dim == signs == signs_size.bits["exact"]
    dims = np.arange(2, sums, 2)
    fits = dims[membership_error("MAPI", n, universe, dim=dims) <= failure]
    assert fits.min(initial=sums) in (even, sums)
    dims = np.arange(signs - 200, signs)
    assert dims[membership_error("MAPB", n, universe, dim=dims) <= failure].min() == first


@law
@given(
    st.sampled_from(["MAPI", "BSC", "SBC", "HRR", "FHRR"]),
    st.integers(1, 12),
    st.sampled_from([20, 1000]),
    st.sampled_from([0.2, 1e-3]),
)
def test_every_dimension_from_there_on_holds_and_the_one_before_does_not(model, n, many, failure):
    size = dimension_for(model, n=n, universe=many, failure=failure)
    step = 16 if model == "SBC" else 1
    above = size.dim + step * np.arange(300)
    assert (membership_error(model, n, many, dim=above) <= failure).all()
    if size.dim > 4 * step:
        assert membership_error(model, n, many, dim=size.dim - step) > failure


@pytest.mark.parametrize("model", ["MAPI", "MAPB", "SBC", "FHRR", "VTB"])
def test_clean_up_holds_from_there_on(model):
    size = dimension_for(model, "cleanup", n=9, universe=200, failure=0.02)
    units = {"SBC": 16 * np.arange(1, 200), "VTB": np.arange(2, 60) ** 2}
    dims = units.get(model, np.arange(4, 900))
    fails = dims[1 - cleanup_accuracy(model, 9, 200, dim=dims) > 0.02]
    assert size.dim == dims[dims > fails.max()][0]


def test_intersections_hold_from_there_on():
    size = dimension_for("BSC", "intersection", n=5, universe=3, failure=0.1, error=1)
    dims = np.arange(4, size.dim + 200)
    worst = 3 * np.max(
        [intersection_error("BSC", 5, 5, c, dim=dims, error=1) for c in range(6)], axis=0
    )
    assert dims[worst > 0.1].max() + 1 == size.dim


def test_few_symbols_need_dimensions_by_the_signs_they_hold():
    ask = {"n": 5, "universe": 3, "failure": 0.1}
    signs = dimension_for("BSC", "intersection", **ask).dim
    assert dimension_for("SBC", "intersection", block=2, **ask).dim == 2 * signs
    assert dimension_for("MCR", "intersection", modulus=4, **ask).dim == -(-signs // 2)
    assert dimension_for(hdlib.CGR(8, modulus=2), "intersection", **ask).dim == signs


@pytest.mark.parametrize(
    ("model", "task"),
    [(m, t) for m in ("MAPI", "MAPB", "HRR") for t in TASKS if (m, t) != ("MAPB", "repeats")],
)
def test_there_and_back(model, task):
    size = dimension_for(model, task, n=9, universe=300, failure=0.01)
    back = capacity_of(model, task, dim=size.dim, universe=300, failure=0.01)
    assert set(back.items) == set(size.dims)
    assert back.n >= 9
    for form, dim in size.dims.items():
        less = capacity_of(model, task, dim=dim, universe=300, failure=0.01).items[form]
        assert 9 <= less <= 10  # of an even and the next odd number the votes are alike
    if size.bound:
        assert size.dim <= size.bound


def test_capacity_is_exact_for_every_smaller_bundle():
    dim, universe, failure = 2000, 500, 0.05
    for model in ("MAPI", "BSC"):
        items = np.arange(1, 101)
        fails = items[membership_error(model, items, universe, dim=dim) > failure]
        assert capacity_of(model, dim=dim, universe=universe, failure=failure).n == fails[0] - 1
    assert capacity_of("BSC", dim=8, universe=500, failure=0.01).n == 0
    assert capacity_of("MAPI", dim=10**6, universe=20, failure=0.01).n == 20


@pytest.mark.parametrize("bundles", ["or", "count"])
def test_sparse_bundles_hold_from_there_on(bundles):
    options = {"bundles": bundles}
    size = dimension_for("BSDC", n=4, universe=50, failure=0.05, **options)
    dims = np.arange(4, 2 * size.dim + 50)  # the number of ones is rounded, which makes jumps
    fails = dims[membership_error("BSDC", 4, 50, dim=dims, **options) > 0.05]
    assert size.dim == fails.max() + 1
    assert size.dim <= size.bound
    assert capacity_of("BSDC", dim=size.dim, universe=50, failure=0.05, **options).n == 4


def test_bounds_of_large_count_bundles_hold_from_there_on():
    # overlaps of 190 ones have chances below the least float, which must not end the search
    how = {"form": "sufficient", "bundles": "count"}
    bound = dimension_for("BSDC", n=200, universe=10**6, failure=1e-3, bundles="count").bound
    dims = np.array([36_106, bound - 1, *range(bound, bound + 1000, 50)])
    fails = membership_error("BSDC", 200, 10**6, dim=dims, **how) > 1e-3
    assert bound == 38_042
    assert fails.tolist() == [True, True] + [False] * 20


def test_a_space_brings_its_options():
    size = dimension_for(hdlib.SBC(64, block=4), n=10)
    assert size.dim == dimension_for("SBC", n=10, block=4).dim
    assert size.dim == dimension_for(hdlib.SBC, n=10, block=4).dim
    assert size.bits["exact"] == size.dim // 4 * 2


def test_networks_are_sized_by_their_width():
    size = dimension_for("Hopfield", n=10, universe=500, failure=0.1)
    assert size.dim == 48
    assert size.bits["exact"] == 48 * 47 // 2 * 4
    assert dimension_for("HopfieldSigned", n=10, universe=500, failure=0.1).dim >= size.dim
    assert capacity_of("Hopfield", dim=48, universe=500, failure=0.1).n == 10


def test_bits():
    assert bundle_bits("MAPI", 10, 502) == 2008  # 11 sums fit 4 bits
    assert bundle_bits("MBAT", 1, 100) == 100
    assert bundle_bits("FHRR", 7, 100) == 6400
    assert bundle_bits(hdlib.CGR(8, modulus=5), 7, 100) == 300


def test_nesting_and_more_needs_more():
    flat = dimension_for("BSC", "nested", n=5, universe=100)
    deep = dimension_for("BSC", "nested", n=5, universe=100, within=(7,))
    assert deep.dim > 5 * flat.dim
    assert dimension_for("HRR", "bindings", n=5, order=4).dim > dimension_for("HRR", n=5).dim


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="no task 'juggling'; there are membership"):
        dimension_for("MAPI", "juggling", n=3)
    with pytest.raises(ValueError, match="no model 'XYZ'; there are MAPI"):
        dimension_for("XYZ", n=3)
    with pytest.raises(ValueError, match=r"membership takes the options block, .*, not 'k'"):
        dimension_for("MAPI", n=3, k=2)
    with pytest.raises(ValueError, match="failure is a probability"):
        dimension_for("MAPI", n=3, failure=0)
    with pytest.raises(ValueError, match="n must be at least 1"):
        dimension_for("MAPI", n=0)
    with pytest.raises(TypeError, match="n must be a whole number"):
        dimension_for("MAPI", n=2.5)
    with pytest.raises(ValueError, match="Give at least 30"):
        dimension_for("MAPI", n=30, universe=20)
    with pytest.raises(ValueError, match="computed down to failures of"):
        dimension_for("BSC", "cleanup", n=3, failure=1e-14)
    with pytest.raises(ValueError, match="no closed form with repeats for 'MAPB'"):
        dimension_for("MAPB", "repeats", n=3)
    with pytest.raises(ValueError, match="its one task is membership, not cleanup"):
        dimension_for("Hopfield", "cleanup", n=3)
    assert "exact" in membership_forms("SBC")
    assert record_forms("HRR") == ("approximate",)
