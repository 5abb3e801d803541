"""Reading records: the union bound against the exact forms, and HRR and VTB in the algebra."""

import math

import numpy as np
import pytest

from hdlib.theory import cleanup_accuracy, cleanup_error_bound, record_accuracy, record_forms
from tests.vsa.spaces import make


@pytest.mark.parametrize("model", ["MAPI", "MBAT", "MAPB", "BSC", "SBC"])
def test_the_bound_is_above_and_close_where_errors_are_rare(model):
    dims = np.array([256, 512, 1024, 2048]) * (4 if model == "SBC" else 1)
    wrong = 1 - cleanup_accuracy(model, 20, 1000, dim=dims)
    bound = cleanup_error_bound(model, 20, 1000, dim=dims)
    rare = wrong > 1e-9  # below, the subtraction has no digits left
    assert (bound >= wrong - 1e-12).all()
    assert bound[-1] < 2 * wrong[-1] or not rare[-1]
    two = cleanup_error_bound(model, 7, 2, dim=64)  # against one stranger only ties count double
    assert 1 - cleanup_accuracy(model, 7, 2, dim=64) <= two * 1.02


@pytest.mark.parametrize(("n", "dim"), [(1, 6), (2, 5), (4, 4)])
def test_one_stranger_by_brute_force(n, dim):
    """All sums of dim · n signs, all strangers: P(the stranger is as good or better)."""
    walk = {0: 1.0}
    for _ in range(dim):  # one component: half of them equal, else 1 + a walk of n - 1 signs
        after = {}
        for lead, chance in walk.items():
            after[lead] = after.get(lead, 0) + chance / 2
            for ups in range(n):
                step = lead + 1 + 2 * ups - (n - 1)
                part = chance / 2 * math.comb(n - 1, ups) / 2 ** (n - 1)
                after[step] = after.get(step, 0) + part
        walk = after
    want = sum(chance for lead, chance in walk.items() if lead <= 0)
    assert cleanup_error_bound("MAPI", n, 2, dim=dim) == pytest.approx(want, rel=1e-9)


@pytest.mark.parametrize("model", ["HRR", "VTB"])
def test_noisy_unbinding_costs_as_much_as_one_more_field(model):
    n, dim, runs = 40, 1024, 60
    vsa, hits = make(model, dim, seed=3), []
    strangers = vsa.random(300)
    for _ in range(runs):
        roles, fillers = vsa.random(n), vsa.random(n)
        out = vsa.unbind(vsa.bundle(vsa.bind(fillers, roles)), roles)
        own = vsa.similarity(out, fillers).diagonal()
        hits.append((own > vsa.similarity(out, strangers).amax(-1)).double().mean().item())
    want = record_accuracy(model, n, 301, dim=dim)
    assert np.mean(hits) == pytest.approx(want, abs=4 * np.std(hits) / math.sqrt(runs) + 3 / dim)
    assert record_accuracy(model, n, 301, dim=dim) == cleanup_accuracy(model, n + 1, 301, dim=dim)


def test_forms_and_refusals():
    assert record_forms("SBC") == ("exact", "sufficient")
    with pytest.raises(ValueError, match="FHRR has no form 'sufficient'"):
        cleanup_error_bound("FHRR", 3, 10, dim=64)
