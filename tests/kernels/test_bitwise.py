"""XOR of packed rows, and of no row a one beyond its last bit goes unseen."""

import pytest
import torch

from hdlib import BSC, bits, kernels
from hdlib.kernels import bitwise, team

DIMS = [1, 63, 64, 65, 500, 512, 513, 1000]
AXES = [((), ()), ((1,), ()), ((), (7,)), ((3,), (3,)), ((2, 1, 5), (4, 1)), ((300,), (300,))]


@pytest.fixture(params=["one thread", "threads", "no door"])
def way(request, monkeypatch):
    """Few words, many, and many where torch's OpenMP has no door."""
    monkeypatch.setattr(bitwise, "MANY", 1 << 62 if request.param == "one thread" else 0)
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


def test_other_devices_are_asked_without_the_kernel(monkeypatch):
    monkeypatch.setattr(bitwise, "spread", None)
    x = rows(500, 3).to("meta")
    monkeypatch.setattr(bitwise, "stray", lambda rows, dim: rows.shape[0] == 1)
    assert kernels.xor(x, x, 500)[1]
    found, sound = kernels.xor(x, x[:1], 500)
    assert (found.device.type, sound) == ("meta", False)
