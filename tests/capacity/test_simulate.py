"""Experiments against exact theory: pooled z over many small cells, for every task and model."""

import functools
import itertools
import math

import numpy as np
import pytest
import torch

import hdlib
from hdlib import theory
from hdlib.capacity import TASKS, simulate
from tests.vsa.spaces import make

EXACT = {
    "MAPI": "MAPI",
    "MAPB": "MAPB",
    "BSC": "BSC",
    "SBC": "SBC-2",
    "FHRR": "FHRR",
    "HRR": "HRR",
    "VTB": "VTB",
    "MBAT": "MBAT-permutation",
    "BSDC": "BSDC-count",
}
UNDONE = ("MAPI", "MAPB", "BSC", "SBC", "FHRR", "BSDC")  # binding is undone exactly
TRIALS = 150
SMALL = [(3, 16), (4, 25), (5, 36), (6, 36), (7, 49), (9, 49), (10, 64)]  # items, dimensions


def gate(zs):
    """Exact theory: no shift, and a spread of one."""
    zs = np.asarray(zs)
    print(f"{len(zs)} cells: mean z {zs.mean():+.2f}, sd {zs.std(ddof=1):.2f}")
    assert len(zs) >= 100
    assert abs(zs.mean()) < 3 / math.sqrt(len(zs))
    assert 0.8 < zs.std(ddof=1) < 1.25


def run(cell, model, task, n, dim, universe, **more):
    """One cell, its dimension and result; models that share their atoms must not share the cell."""
    vsa = make(EXACT[model], dim, seed=cell)
    return vsa.dim, simulate(vsa, task, n=n, universe=universe, trials=TRIALS, **more)


def z(found, want):
    return (found.mean - want) / found.stderr


@pytest.mark.claim("simulated-membership")
@pytest.mark.parametrize(
    ("task", "models", "options"),
    [
        ("membership", EXACT, {}),
        ("sequence", EXACT, {}),
        ("pairs", UNDONE, {}),
        ("bindings", UNDONE, {"order": 3}),
        ("nested", EXACT, {"within": (3,)}),
    ],
)
def test_wrong_answers_are_as_frequent_as_theory_says(task, models, options):
    zs = []
    cells = SMALL if len(models) > 6 else [*SMALL, (8, 36), (8, 49)]
    law = {key: value for key, value in options.items() if key != "order"}
    for model, (n, dim) in itertools.product(models, cells):
        more = {"SBC": {"block": 2}, "BSDC": {"bundles": "count"}}.get(model, {})
        d, result = run(len(zs), model, task, n, dim, 3 * n, **options)
        for rate in ("false_positive", "false_negative"):
            want = float(getattr(theory, rate)(model, n, dim=d, **law, **more))
            zs.append(z(result[rate], want))
    gate(zs)


@pytest.mark.claim("simulated-or")
def test_sparse_bundles_by_or_fool_as_theory_says():
    zs = []
    for task, n, dim in itertools.product(
        ("membership", "sequence", "pairs", "nested"),
        (6, 9, 12, 15, 18),
        (20, 26, 32, 38, 44),
    ):
        vsa, more = hdlib.BSDC(dim, seed=len(zs)), {"within": (3,)} if task == "nested" else {}
        n = n // 3 if more else n
        result = simulate(vsa, task, n=n, universe=n + 20, trials=TRIALS, **more)
        want = float(theory.false_positive("BSDC", n, dim=dim, **more))
        assert result["false_negative"].mean == 0
        zs.append(z(result["false_positive"], want))
    gate(zs)


@pytest.mark.claim("simulated-records")
@pytest.mark.parametrize("task", ["cleanup", "records"])
def test_the_right_one_wins_as_often_as_theory_says(task):
    zs = []
    for model, n, dim in itertools.product(
        ("MAPB", "BSC", "SBC"), (3, 5, 7, 8, 10, 13), (24, 32, 40, 52, 64, 80)
    ):
        d, result = run(len(zs), model, task, n, dim, 20)
        want = float(theory.record_accuracy(model, n, 20, dim=d, block=2))
        if task == "records":
            zs.append(z(result["accuracy"], want))
        else:
            zs.append(z(result["failure"], 1 - want))
    gate(zs)


@pytest.mark.parametrize("model", ["MAPI", "MBAT", "HRR", "FHRR", "VTB"])
def test_approximate_winners_are_near(model):
    for n, dim in [(8, 100), (20, 256)]:
        _, result = run(n, model, "cleanup", n, dim, 50)
        want = 1 - float(theory.cleanup_accuracy(model, n, 50, dim=dim))
        assert result.mean == pytest.approx(want, abs=4 * result.stderr + 1 / dim)


@pytest.mark.claim("simulated-intersection")
def test_intersections_are_estimated_as_theory_says():
    zs = []
    for model, (n, dim), shared in itertools.product(EXACT, SMALL, (0, 2)):
        d, result = run(len(zs), model, "intersection", n, 4 * dim, 3, shared=shared)
        mean, sd = theory.intersection_moments(model, n, n, shared, dim=d, block=2)
        zs.append(z(result["estimate"], mean))
        zs.append(z(result["square_error"], sd**2 + (mean - shared) ** 2))
    gate(zs)


@pytest.mark.claim("simulated-repeats")
def test_repeats_are_mistaken_as_theory_says():
    zs = []
    for n, dim in itertools.product(
        (2, 4, 6, 8, 10, 13, 15, 17, 19), (25, 36, 49, 64, 81, 100, 121, 144, 169)
    ):
        for model in ("HRR", "VTB"):
            d, result = run(len(zs), model, "repeats", n, dim, 6)
            want = theory.repeat_false_positive(model, n, dim=d)
            if want * TRIALS * 6 > 20:  # else too rare for a normal z
                zs.append(z(result["false_positive"], want))
    gate(zs)


def test_any_wrong_answer_is_near_the_sum_of_all():
    for model, n, dim in [("MAPI", 5, 150), ("BSC", 5, 200), ("HRR", 4, 121)]:
        _, result = run(n, model, "membership", n, dim, 40)
        most = float(theory.membership_error(model, n, 40, dim=dim))
        assert most - 4 * result.stderr - most**2 < result.mean < most + 4 * result.stderr


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("name", ["MAPI", "BSC", "FHRR"])
def test_neither_batch_nor_threads_matter(task, name):
    vsa = getattr(hdlib, name)(12, seed=3)
    ask = functools.partial(simulate, vsa, task, n=5, universe=9, trials=23, seed=2)
    first, threads = ask(batch=23), torch.get_num_threads()
    assert first == ask(batch=1) == ask(batch=7) == ask()
    torch.set_num_threads(3)
    try:
        assert ask() == first
    finally:
        torch.set_num_threads(threads)
    assert simulate(vsa, task, n=5, universe=9, trials=23, seed=3) != first
    assert 0 <= first.mean <= 1


def test_more_trials_begin_with_the_same_ones():
    vsa = hdlib.MAPB(50)
    few, many = (simulate(vsa, n=6, universe=12, trials=trials, batch=10) for trials in (30, 60))
    again = simulate(vsa, n=6, universe=12, trials=30)
    assert few == again != many
    assert vsa._drawn == 0  # the space itself is left alone


def test_a_universe_of_members_has_no_false_positives():
    result = simulate(hdlib.MAPI(100), n=4, universe=4, trials=10)
    assert set(result.measured) == {"failure", "false_negative"}
    assert simulate(hdlib.BSC(64), "cleanup", n=4, universe=1, trials=10).mean == 0


def test_what_makes_no_sense_is_refused():
    vsa = hdlib.MAPI(64)
    with pytest.raises(TypeError, match="expected a space such as MAPI"):
        simulate("MAPI", n=3)
    with pytest.raises(ValueError, match="no task 'juggling'"):
        simulate(vsa, "juggling", n=3)
    with pytest.raises(ValueError, match="universe = 2 is smaller than n = 3"):
        simulate(vsa, n=3, universe=2)
    with pytest.raises(ValueError, match="cannot share 4"):
        simulate(vsa, "intersection", n=3, shared=4)
    with pytest.raises(ValueError, match="trials must be at least 2"):
        simulate(vsa, n=3, trials=1)
    with pytest.raises(ValueError, match="take BSDC"):
        simulate(hdlib.BSDC(64), "intersection", n=3, trials=5)
    with pytest.raises(ValueError, match="no closed form"):
        simulate(hdlib.SBC(64), "intersection", n=3, trials=5)
