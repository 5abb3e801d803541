"""Bundles of every model read as sets: as often wrong as theory says."""

import itertools
import math

import numpy as np
import pytest
import torch

from hdlib import BSDC, theory
from hdlib.sets import intersection_size, membership
from tests.vsa.spaces import make, pooled

MODELS = ["MAPI", "MAPB", "BSC", "BSDC-or", "BSDC-count", "SBC-16", "HRR", "FHRR", "VTB"]
MODELS += ["MBAT-permutation", "CGR-16", "MCR-16"]
SUMS = ["MAPI", "BSDC-count", "HRR", "FHRR", "VTB", "MBAT-permutation"]


def bundled(name, dim, n, seed):
    vsa = make(name, dim, seed=seed)
    items = vsa.atoms(torch.arange(n + 200))
    return vsa, vsa.bundle(items[:n]), items


@pytest.mark.claim("membership")
@pytest.mark.parametrize("name", MODELS)
def test_bundles_answer_as_well_as_theory_says(name):
    positives, negatives = [], []
    for dim, n in ((144, 8), (256, 20)):
        wrong, missed, told = [], [], []
        for seed in range(60):
            vsa, x, items = bundled(name, dim, n, seed)
            answers = membership(vsa, x, items, n=None if name in (*SUMS, "BSDC-or") else n)
            wrong.append(answers.member[n:].double().mean().item())
            missed.append(1 - answers.member[:n].double().mean().item())
            told.append((answers.false_positive, answers.false_negative))
        for out, found, want, answers_each in (
            (positives, wrong, [pair[0] for pair in told], 200),
            (negatives, missed, [pair[1] for pair in told], n),
        ):
            off = np.array(found) - np.array(want)
            if answers_each * np.mean(want) * 60 > 10:
                out.append(off.mean() / (off.std(ddof=1) / math.sqrt(len(off))))
            else:  # too few errors for a normal law
                assert answers_each * np.mean(found) * 60 < 30
    for zs in (positives, negatives):
        if zs:
            pooled(zs)


def test_the_optimal_threshold_is_no_worse_than_any_other():
    for name in ("MAPI", "MAPB", "SBC-16", "HRR"):
        vsa, x, items = bundled(name, 256, 15, 1)
        best = membership(vsa, x, items, n=15)
        for share in (0.3, 0.5, 0.7):
            other = membership(vsa, x, items, n=15, threshold=best.threshold * 2 * share)
            total = best.false_positive + best.false_negative
            assert total <= other.false_positive + other.false_negative + 1e-12


def test_or_bundles_are_bloom_filters():
    vsa = BSDC(256, density=7 / 256)
    x, items = vsa.bundle(vsa.atoms(range(25))), vsa.atoms(range(2000))
    answers = membership(vsa, x, items)
    assert answers.member[:25].all()
    ones = int(vsa.dense(x).sum())
    want = theory.bloom_false_positive_now(ones, bits=256, hashes=7, kind="distinct")
    assert answers.false_positive == pytest.approx(want, rel=1e-12)
    assert answers.false_negative == 0
    loose = membership(vsa, x, items, threshold=6 / 7)
    assert loose.member[25:].double().mean() == pytest.approx(loose.false_positive, abs=0.02)
    assert (loose.member | ~answers.member).all()


@pytest.mark.claim("bundle-intersection")
@pytest.mark.parametrize("name", ["MAPI", "MAPB", "BSC", "BSDC-or", "BSDC-count", "HRR", "FHRR"])
def test_intersections_are_as_sure_as_they_say(name):
    zs, trials = [], 60
    for dim, a, b, c in ((400, 20, 15, 8), (900, 30, 30, 0)):
        for seed in range(trials):
            vsa = make(name, dim, seed=seed)
            items = vsa.atoms(torch.arange(a + b - c))
            x, y = vsa.bundle(items[:a]), vsa.bundle(items[a - c :])
            known = {} if name in (*SUMS, "BSDC-or") else {"a": a, "b": b}
            shared, error = intersection_size(vsa, x, y, **known)
            zs.append((shared - c) / error)
    together = sum(zs) / math.sqrt(len(zs))
    print(f"pooled z = {together:+.2f}, sd {np.std(zs):.2f} over {len(zs)} pairs")
    assert abs(together) < 4
    assert np.std(zs) == pytest.approx(1, abs=4 / math.sqrt(2 * len(zs)) + 0.03)


def test_shapes_and_refusals():
    vsa, x, items = bundled("BSC", 128, 5, 0)
    grid = membership(vsa, x, items[:6].reshape(2, 3, -1), n=5)
    assert grid.member.shape == grid.score.shape == (2, 3)
    assert membership(vsa, x, items[0], n=5).member.shape == ()
    for call, words in (
        (lambda: membership(vsa, x, items), "does not show its size; give n"),
        (lambda: membership(vsa, x, items, n=0), "n must be at least 1"),
        (lambda: membership(vsa, items, items, n=5), "one bundle"),
        (lambda: membership(vsa, x, items, n=5, threshold="half"), "threshold must be"),
        (lambda: membership(vsa, x[:1], items, n=5), "widths differ"),
        (lambda: intersection_size(vsa, x, x), "does not show its size"),
        (lambda: intersection_size(vsa, x, items), "two bundles"),
    ):
        with pytest.raises(ValueError, match=words):
            call()
    for name in ("SBC-16", "CGR-16"):
        vsa, x, _ = bundled(name, 128, 5, 0)
        with pytest.raises(ValueError, match="no closed form"):
            intersection_size(vsa, x, x, a=5, b=5)


def test_every_kind_of_sum_shows_its_size():
    for name, n in itertools.product(SUMS, (3, 30)):
        vsa, x, items = bundled(name, 4096, n, 2)
        told = membership(vsa, x, items)
        given = membership(vsa, x, items, n=n)
        assert told.false_positive == pytest.approx(given.false_positive, rel=0.5, abs=1e-12)
