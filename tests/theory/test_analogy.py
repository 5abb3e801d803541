"""The dollar of Mexico in closed form, against enumeration and against the algebra itself."""

from itertools import product
from math import sqrt

import numpy as np
import pytest

from hdlib.theory import analogy
from hdlib.vsa import MAPB


def by_enumeration(fields, shared, same):
    """E[a · r1 · r2 · b] of one component, over every sign of every role and value."""
    total, cases = 0.0, 0
    for signs in product((-1, 1), repeat=3 * fields):
        roles, a, b = signs[:fields], list(signs[fields : 2 * fields]), list(signs[2 * fields :])
        if same and b[0] != a[0]:
            continue
        if any(a[1 + i] != b[1 + i] for i in range(shared)):
            continue
        sums = [sum(r * v for r, v in zip(roles, values, strict=True)) for values in (a, b)]
        total += a[0] * np.sign(sums[0]) * np.sign(sums[1]) * b[0]
        cases += 1
    assert cases
    return total / cases


@pytest.mark.parametrize("same", [False, True])
@pytest.mark.parametrize(("fields", "shared"), [(1, 0), (2, 0), (3, 0), (3, 1), (3, 2), (4, 1)])
def test_analogy_similarity_equals_enumeration_of_all_signs(fields, shared, same):
    if same and shared == fields - 1:
        assert analogy.analogy_similarity(fields, shared=shared, same=True) == 1
    else:
        expected = by_enumeration(fields, shared, same)
        assert analogy.analogy_similarity(fields, shared=shared, same=same) == pytest.approx(
            expected
        )


@pytest.mark.claim("analogy-similarity")
def test_analogy_similarity_holds_in_the_algebra():
    z, trials, dim = [], 100, 1000
    cells = [(n, s, same) for n in range(1, 9) for s in range(n) for same in (False, True)]
    for cell, (fields, shared, same) in enumerate(cells):
        mean = analogy.analogy_similarity(fields, shared=shared, same=same)
        if mean == 1:
            continue
        vsa = MAPB(dim, seed=cell)
        roles, a, b = (vsa.random(trials, fields) for _ in range(3))
        b[:, 1 : 1 + shared] = a[:, 1 : 1 + shared]
        if same:
            b[:, 0] = a[:, 0]
        first, second = (vsa.bundle(vsa.bind(values, roles)) for values in (a, b))
        answers = vsa.bind(first, second, a[:, 0], b[:, 0]).double().mean(-1)
        z.append((answers.mean().item() - mean) / sqrt((1 - mean**2) / dim / trials))
    assert abs(np.mean(z)) < 3 / sqrt(len(z))
    assert 0.8 < np.std(z) < 1.25


def test_without_shared_values_it_is_the_square_of_the_agreement_in_one_record():
    assert analogy.analogy_similarity(5) == pytest.approx((3 / 8) ** 2)
    assert analogy.analogy_similarity(5, noise=0.1) == pytest.approx((3 / 8) ** 2 * 0.8)
    assert analogy.analogy_similarity(4) == pytest.approx(analogy.analogy_similarity(5))


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"fields": 0}, "fields = 0"),
        ({"fields": 3, "shared": 3}, "shared = 3"),
        ({"fields": 3, "noise": 1.5}, "1.5"),
    ],
)
def test_impossible_records_are_refused(given, named):
    with pytest.raises(ValueError, match=named):
        analogy.analogy_similarity(**given)


@pytest.mark.parametrize(
    ("n", "p"), [(0, 0.5), (1, 0.0), (1, 1.0), (17, 0.3), (5000, 0.5), (5000, 0.01)]
)
def test_binomial_equals_scipy(n, p):
    stats = pytest.importorskip("scipy.stats")
    assert analogy.binomial(n, p) == pytest.approx(
        stats.binom.pmf(np.arange(n + 1), n, p), abs=1e-12
    )


def simulated(dim, similarity, candidates, trials, rng):
    right = 2 * rng.binomial(dim, (1 + similarity) / 2, trials) - dim
    wrong = 2 * rng.binomial(dim, 0.5, (trials, candidates - 1)) - dim
    return right, wrong


def test_margin_and_recognition_hold_in_simulation():
    rng, trials = np.random.default_rng(7), 4000
    z_lead, z_right = [], []
    for dim in (64, 100, 257, 600):
        for similarity in (0.0, 0.1, 0.2, 0.35):
            for candidates in (2, 10, 101):
                right, wrong = simulated(dim, similarity, candidates, trials, rng)
                mean, sd = analogy.margin(dim, similarity, candidates)
                leads = (right - wrong.max(1)) / dim
                z_lead.append((leads.mean() - mean) / (sd / sqrt(trials)))
                ties = (wrong == right[:, None]).sum(1)
                won = np.where((wrong <= right[:, None]).all(1), 1 / (1 + ties), 0.0)
                exact = analogy.recognition(dim, similarity, candidates)
                z_right.append((won.mean() - exact) / max(won.std() / sqrt(trials), 1e-4))
    for z in (z_lead, z_right):
        assert abs(np.mean(z)) < 3 / sqrt(len(z))
        assert 0.7 < np.std(z) < 1.3


@pytest.mark.parametrize("dim", [1, 2, 64, 1024, 10_000])
@pytest.mark.parametrize("candidates", [1, 2, 555])
def test_without_any_signal_every_candidate_wins_equally_often(dim, candidates):
    assert analogy.recognition(dim, 0.0, candidates) == pytest.approx(1 / candidates)


def test_recognition_grows_with_the_dimension_and_never_passes_one():
    sure = [analogy.recognition(dim, 0.1, 555) for dim in range(64, 4096, 64)]
    assert sure == sorted(sure)
    assert sure[-1] <= 1


def test_a_lead_needs_someone_to_lead():
    with pytest.raises(ValueError, match="at least 2"):
        analogy.margin(100, 0.1, 1)
    with pytest.raises(ValueError, match="at least 1"):
        analogy.best_unrelated(100, 0)
    with pytest.raises(ValueError, match="-1, 1"):
        analogy.recognition(100, 1.2, 5)
