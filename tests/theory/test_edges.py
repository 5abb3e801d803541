"""Is it in the bundle, and which profile is nearest: the forms against scipy and the algebra."""

import math

import numpy as np
import pytest
from scipy import stats

from hdlib import theory
from hdlib.encode.common import member_threshold
from tests.theory.test_cleanup import MODELS
from tests.vsa.spaces import make, pooled


@pytest.mark.parametrize(("n", "dim"), [(4, 100), (9, 257), (60, 1024)])
def test_votes_are_the_tails_of_scipys_binomials(n, dim):
    beta = theory.majority_agreement(n)
    above = [k for k in range(dim + 1) if (2 * k - dim) / dim > beta / 2 + 1e-12]
    want = [stats.binom((dim), p).pmf(above).sum() for p in ((1 + beta) / 2, 0.5)]
    for model in ("MAPB", "BSC"):
        assert theory.edge_test(model, n, dim=dim) == pytest.approx(want, abs=1e-9)


@pytest.mark.claim("graph-law")
@pytest.mark.parametrize("model", MODELS)
def test_members_are_told_from_strangers_as_often_as_theory_says(model):
    zs = []
    for dim in (256, 1024):
        for n in (dim // 40, dim // 12):
            hits = []
            for seed in range(60):
                vsa = make(MODELS[model], dim, seed=1000 * n + seed)
                members, strangers = vsa.random(n), vsa.random(n)
                total, bar = vsa.bundle(members), member_threshold(vsa, n)
                scores = [vsa.similarity(some, total) for some in (members, strangers)]
                hits.append([float((score > bar).double().mean()) for score in scores])
            hits = np.array(hits)
            for found, want in zip(hits.T, theory.edge_test(model, n, dim=vsa.dim), strict=True):
                sd = found.std(ddof=1) / math.sqrt(len(found))
                if sd > 0:
                    zs.append((found.mean() - want) / math.hypot(sd, 0.004))  # O(1/D) is left out
                else:
                    assert abs(found.mean() - want) < 4 / (60 * n)  # 60 n draws, all alike
    assert np.abs(zs).max(initial=0) < 4
    if len(zs) > 4:
        pooled(zs)


def test_a_bundle_of_one_is_known_and_refusals_name_the_repair():
    assert theory.edge_test("MAPI", 1, dim=400) == pytest.approx((1, stats.norm.sf(10)))
    with pytest.raises(ValueError, match="no model 'MAP'"):
        theory.edge_test("MAP", 3, dim=100)
    with pytest.raises(ValueError, match="no multiple of block 16"):
        theory.edge_test("SBC", 3, dim=100)
    with pytest.raises(ValueError, match=r"shapes \(1, 2\), \(3, 3\)"):
        theory.profile_accuracy([[0.1, 0.2]], np.eye(3), [0], [100])


@pytest.mark.parametrize("signs", [False, True])
def test_the_nearest_profile_is_the_right_one_as_often_as_theory_says(signs):
    rng = np.random.default_rng(3)
    profiles = rng.gamma(0.4, size=(6, 300)) + 0.3 * rng.gamma(0.4, size=300)
    right = rng.integers(0, 6, 500)
    queries = rng.poisson(0.12 * profiles[right] / profiles[right].mean())
    keep = queries.sum(1) > 0
    queries, right = queries[keep], right[keep]

    def cosines(x, y):
        x, y = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in (x, y))
        return x @ y.T

    for dim in (100, 400):
        found = []
        for seed in range(30):
            atoms = np.random.default_rng([seed, dim]).choice([-1.0, 1.0], (300, dim))
            seen = profiles @ atoms
            seen = np.sign(seen) if signs else seen
            found.append((cosines(queries @ atoms, seen).argmax(1) == right).mean())
        want = theory.profile_accuracy(
            cosines(queries, profiles), cosines(profiles, profiles), right, [dim], signs=signs
        )
        assert np.mean(found) == pytest.approx(want[0], abs=0.015)
