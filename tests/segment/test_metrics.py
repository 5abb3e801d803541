"""Metrics equal segeval 2.0.11 on random pairs, and what no segmentation is gets refused."""

import numpy as np
import pytest
import segeval

from hdlib.segment import boundaries_of, boundary_similarity, f1, pk, sizes_of, window_diff
from hdlib.segment.metrics import window


def random_pairs(count, seed=0):
    draw = np.random.default_rng(seed)
    for _ in range(count):
        n = int(draw.integers(3, 45))
        yield tuple(draw.random(n - 1) < draw.random() for _ in range(2))


@pytest.mark.claim("segeval")
def test_metrics_equal_segeval_on_random_pairs():
    for ref, hyp in random_pairs(1500):
        masses = tuple(sizes_of(hyp)), tuple(sizes_of(ref))
        if window(ref) <= len(ref):
            assert pk(ref, hyp) == pytest.approx(float(segeval.pk(*masses)), abs=1e-12)
            wanted = float(segeval.window_diff(*masses))
            assert window_diff(ref, hyp) == pytest.approx(wanted, abs=1e-12)
        assert window(ref) == segeval.compute_window_size(masses[1])


@pytest.mark.parametrize("n_t", [2, 3, 5])
def test_boundary_similarity_equals_segeval_on_random_pairs(n_t):
    for ref, hyp in random_pairs(500, seed=n_t):
        if not (ref.any() or hyp.any()):
            assert boundary_similarity(ref, hyp, n_t) == 1  # segeval cannot tell
            continue
        wanted = segeval.boundary_similarity(sizes_of(ref), sizes_of(hyp), n_t=n_t)
        assert boundary_similarity(ref, hyp, n_t) == pytest.approx(float(wanted), abs=1e-12)


def test_windows_can_be_given():
    for ref, hyp in random_pairs(200, seed=9):
        wanted = segeval.pk(tuple(sizes_of(hyp)), tuple(sizes_of(ref)), window_size=2)
        assert pk(ref, hyp, k=2) == pytest.approx(float(wanted), abs=1e-12)
    assert pk([0, 1], [1, 0], k=9) == 0  # no window fits


def test_the_best_value_is_reached_by_the_reference_alone():
    for ref, hyp in random_pairs(200, seed=4):
        assert pk(ref, ref) == window_diff(ref, ref) == 0
        assert f1(ref, ref) == boundary_similarity(ref, ref) == 1
        assert window_diff(ref, hyp) >= pk(ref, hyp) - 1e-12


def test_f1_counts_exact_boundaries():
    assert f1([0, 1, 0, 1], [0, 1, 1, 0]) == 0.5
    assert f1([0, 0], [0, 0]) == 1
    assert f1([0, 1], [0, 0]) == 0


def test_sizes_and_boundaries_are_each_others_inverse():
    for ref, _ in random_pairs(100, seed=2):
        assert (boundaries_of(sizes_of(ref)) == ref).all()
    assert sizes_of([]) == [1]


def test_what_makes_no_sense_is_refused():
    with pytest.raises(ValueError, match="3 and 2 gaps"):
        pk([0, 1, 0], [0, 1])
    with pytest.raises(ValueError, match="truth value for each gap"):
        window_diff([2, 1], [0, 1])
    with pytest.raises(ValueError, match="positive whole numbers"):
        boundaries_of([2, 0])
    with pytest.raises(ValueError, match="k must be at least 1"):
        pk([0, 1], [0, 1], k=0)
