"""Prepared roles bind and unbind as the vectors they came from, and no other verb takes them."""

import pytest
import torch

from hdlib import HRR, ItemMemory
from hdlib.encode import HashTable, encode_record, read_field
from hdlib.kernels import rows
from tests.vsa.spaces import ALL, make

AXES = [((), ()), ((3,), ()), ((), (4,)), ((2, 1, 3), (4, 1)), ((0, 3), (3,))]
DIMS = [1, 2, 3, 64, 121, 1681]  # 1681 = 41²: transforms of another length


def alike(found, expected):
    """Equal to rounding: one vector is transformed by other instructions than many."""
    same = (found.shape, found.dtype) == (expected.shape, expected.dtype)
    return same and torch.allclose(found, expected, rtol=1e-4, atol=1e-6)


def slow(x, y):
    """Circular convolution by its definition: ``(D,), (D,) -> (D,)``."""
    turned = torch.stack([y.roll(k) for k in range(len(y))])  # row k moves y up by k places
    return x.double() @ turned.double()


@pytest.mark.parametrize("dim", DIMS)
@pytest.mark.parametrize("cache", [1, rows.CACHE])
def test_a_spectrum_stands_for_its_vector(dim, cache, monkeypatch):
    monkeypatch.setattr(rows, "CACHE", cache)
    vsa = HRR(dim)
    for left, right in AXES:
        x, y = vsa.random(*left), vsa.random(*right)
        roles = vsa.prepare(y)
        for verb in (vsa.bind, vsa.unbind):
            assert alike(verb(x, roles), verb(x, y))
            assert alike(verb(vsa.prepare(x), roles), verb(x, y))
        assert alike(vsa.bind(x, roles, x), vsa.bind(x, y, x))


@pytest.mark.parametrize("dim", DIMS)
def test_spectra_convolve_and_correlate(dim):
    vsa = HRR(dim)
    x, y = vsa.random(2)
    role = vsa.prepare(y)
    for found, expected in (
        (vsa.bind(x, role), slow(x, y)),
        (vsa.unbind(x, role), slow(x, vsa.inverse(y))),
    ):
        torch.testing.assert_close(found.double(), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ALL)
def test_every_model_prepares_roles(name):
    vsa = make(name, 64)
    x, y = vsa.random(2, 3)
    found = vsa.unbind(vsa.bind(x, vsa.prepare(y)), vsa.prepare(y)[1])
    torch.testing.assert_close(found, vsa.unbind(vsa.bind(x, y), y[1]))


def test_what_is_prepared_does_not_change_with_the_vector():
    vsa = HRR(100)
    x, y = vsa.random(2)
    roles, before = vsa.prepare(y), vsa.bind(x, y)
    y.numpy()[:] = 0
    assert torch.equal(vsa.bind(x, roles), before)
    assert not vsa.bind(x, y).any()


def test_both_precisions():
    vsa = HRR(100)
    x, y = vsa.random(2)
    for left, right in ((x.double(), y), (x, y.double()), (x.double(), y.double())):
        found = vsa.bind(left, vsa.prepare(right))
        assert found.dtype == torch.float64
        torch.testing.assert_close(found, vsa.bind(left, right), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("dim", [9, 41])
def test_gradients_pass_through_what_is_prepared(dim):
    vsa = HRR(dim)
    x, y = (vsa.random(3).double().requires_grad_() for _ in range(2))
    for verb in (vsa.bind, vsa.unbind):
        assert torch.autograd.gradcheck(
            lambda x, y, verb=verb: verb(x, vsa.prepare(y)), (x, y), fast_mode=True
        )


def test_records_take_prepared_keys():
    vsa = HRR(1024)
    words, keys = ItemMemory(vsa).add(["rouge", "vert"]), vsa.prepare(vsa.atoms(["red", "green"]))
    for record in (
        encode_record(vsa, keys, words.labels),
        HashTable(vsa).add(keys, words.labels).value,
    ):
        assert words.cleanup(read_field(vsa, record, keys))[0] == words.labels


def test_errors_name_the_verb_and_the_repair():
    vsa = HRR(100)
    x, roles = vsa.random(3), vsa.prepare(vsa.random(2))
    with pytest.raises(ValueError, match=r"bind: batch axes \(3,\) and \(2,\) do not broadcast"):
        vsa.bind(x, roles)
    with pytest.raises(TypeError, match=r"permute: .* got complex64 \(2, 51\) as from .* prepare"):
        vsa.permute(roles)
    with pytest.raises(TypeError, match=r"bind: HRR\(dim=99.* got complex64 \(3, 51\)"):
        HRR(99).bind(HRR(99).random(), HRR(100).prepare(x))
    with pytest.raises(ValueError, match=r"prepare: a tensor of shape \(3, 100\) holds NaN or inf"):
        vsa.prepare(x / 0)
    roles[0, 0] = torch.nan
    with pytest.raises(ValueError, match=r"unbind: a tensor of shape \(2, 51\) holds NaN or inf"):
        vsa.unbind(x[0], roles)
