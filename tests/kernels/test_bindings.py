"""Rows bound and looked at: no one beyond the last bit, and no product too large, goes unseen."""

import pytest
import torch

from hdlib import BSC, bits, kernels
from hdlib.kernels import bindings, team

DIMS = [1, 63, 64, 65, 500, 512, 513, 1000]
AXES = [((), ()), ((1,), ()), ((), (7,)), ((3,), (3,)), ((2, 1, 5), (4, 1)), ((300,), (300,))]


@pytest.fixture(params=["one thread", "threads", "no door"])
def way(request, monkeypatch):
    """Few words, many, and many where torch's OpenMP has no door."""
    monkeypatch.setattr(bindings, "MANY", 1 << 62 if request.param == "one thread" else 0)
    if request.param == "no door":
        monkeypatch.setattr(team, "team", lambda: None)
    return request.param


def rows(dim, *axes, salt=0):
    """Random packed rows without ones beyond their last bit."""
    ids = torch.arange(torch.Size(axes).numel()).view(axes)
    return bits.words(salt, ids, bits.word_count(dim)) & bits.mask(dim, torch.device("cpu"))


@pytest.mark.parametrize("dim", DIMS)
@pytest.mark.parametrize(("left", "right"), AXES)
def test_differing_bits(way, dim, left, right):
    x, y = rows(dim, *left), rows(dim, *right, salt=1)
    for a, b in ((x, y), (x.mT.contiguous().mT if x.dim() > 1 else x, y), (x, x)):
        found, sound = kernels.xor(a, b, dim)
        assert torch.equal(found, a ^ b)
        assert sound


@pytest.mark.parametrize("dim", [1, 65, 500, 511])
@pytest.mark.parametrize(("left", "right"), AXES)
def test_every_stray_one_is_seen(way, dim, left, right):
    x, y = rows(dim, *left), rows(dim, *right, salt=1)
    for place in (dim, 64 * x.shape[-1] - 1):
        for stained in (x, y):
            for row in range(0, stained.numel(), 3 * stained.shape[-1]):
                word = stained.view(-1)[row + place // 64 :][:1]
                word ^= bits.signed(1 << place % 64)
                assert kernels.xor(x, y, dim)[1] is False
                word ^= bits.signed(1 << place % 64)
    assert kernels.xor(x, y, dim)[1] is True


def test_strays_that_meet_do_not_hide_each_other(way):
    x = rows(500, 3)
    x[1, 7] |= 1 << 60
    found, sound = kernels.xor(x, x, 500)
    assert not found.any()
    assert not sound


def test_nothing_is_said_of_no_rows():
    assert kernels.xor(rows(500, 0), rows(500, 0), 500)[1] is False
    stained = rows(500) | 1 << 60
    with pytest.raises(ValueError, match=r"^unbind: .* ones beyond bit 500"):
        BSC(500).unbind(rows(500, 0), stained)


def octets(*axes, salt=0):
    """Numbers from -11 to 11."""
    ids = torch.arange(torch.Size(axes).numel()).view(axes)
    return (bits.words(salt, ids, 77) % 23 - 11).to(torch.int8)


@pytest.mark.parametrize(("left", "right"), AXES)
def test_products_of_bytes(way, left, right):
    x, y = octets(*left), octets(*right, salt=1)
    for a, b in ((x, y), (x.mT.contiguous().mT if x.dim() > 1 else x, y), (x, x)):
        found, fits = kernels.times(a, b)
        assert found.dtype == torch.int8
        assert torch.equal(found.int(), a.int() * b.int())
        assert fits


FACTORS = [(127, 1), (-1, -127), (11, -11), (63, 2), (-128, 1), (-128, -1), (64, 2), (12, 11)]


@pytest.mark.parametrize("n", [1, 15, 64, 700])
@pytest.mark.parametrize(("a", "b"), FACTORS)
def test_every_product_that_might_not_fit_is_seen(way, n, a, b):
    for place in {0, n - 1, 2 * n, 3 * n - 1}:
        row = place // n
        x, y = torch.ones(2, 3, n, dtype=torch.int8)
        x.view(-1)[place], y[row, 0] = a, b
        assert kernels.times(x, y)[1] is (abs(a * b) <= 127)
        y[row, 0], y[row - 1, 0] = 1, b  # in rows of their own they do not meet
        assert kernels.times(x, y)[1] is (max(abs(a), abs(b)) <= 127)


def test_other_devices_are_asked_without_the_kernel(monkeypatch):
    monkeypatch.setattr(bindings, "spread", None)
    x = rows(500, 3).to("meta")
    monkeypatch.setattr(bindings, "stray", lambda rows, dim: rows.shape[0] == 1)
    assert kernels.xor(x, x, 500)[1]
    found, sound = kernels.xor(x, x[:1], 500)
    assert (found.device.type, sound) == ("meta", False)


def test_products_elsewhere_are_judged_alike(monkeypatch):
    """The way of other devices, on this one."""

    class Elsewhere(torch.Tensor):
        device = torch.device("meta")

    monkeypatch.setattr(bindings, "spread", None)
    for a, b in ((11, 11), (64, 2), (-128, 1), (127, -1)):
        x, y = (torch.tensor([[1, 1], [v, 1]]).char() for v in (a, b))
        found, fits = kernels.times(x.as_subclass(Elsewhere), y)
        assert torch.equal(found.as_subclass(torch.Tensor), x * y)
        assert fits is (abs(a * b) <= 127)
