"""Rows bound and looked at: no one beyond the last bit, and no product too large, goes unseen."""

import pytest
import torch

from hdlib import BSC, bits, kernels
from hdlib.kernels import bindings, team

DIMS = [1, 63, 64, 65, 500, 512, 513, 1000]
AXES = [((), ()), ((1,), ()), ((), (7,)), ((3,), (3,)), ((2, 1, 5), (4, 1)), ((300,), (300,))]
AXES += [
    ((2, 3, 5), (3, 5)),
    ((2, 3, 5), (1, 3, 5)),
    ((5,), (4, 3, 5)),
    ((4, 1), (1, 3)),
]


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


@pytest.mark.parametrize("left", [(3,), (1,), (2, 3)])
def test_other_devices_do_without_the_kernels(left, monkeypatch):
    monkeypatch.setattr(bindings, "bound", lambda *given: None)
    test_differing_bits(None, 500, left, (3,))
    test_products_of_bytes(None, left, (3,))
    stained = rows(500, *left) ^ 1 << 60
    assert kernels.xor(rows(500, 3), stained, 500)[1] is False
    for a, b in FACTORS:
        x, y = torch.full((*left, 4), a), torch.full((4,), b)
        assert kernels.times(x.char(), y.char())[1] is (abs(a * b) <= 127)


NUMBERS = torch.zeros(2, 8, dtype=torch.int64)
OCTETS = torch.zeros(2, 8, dtype=torch.int8)
MISTAKES = [
    (
        TypeError,
        "xor: rows must be torch.int64, got torch.int32",
        "xor",
        (NUMBERS.int(), NUMBERS, 9),
    ),
    (
        TypeError,
        "times: .*, got torch.int8 and torch.int64",
        "times",
        (OCTETS, NUMBERS),
    ),
    (ValueError, "xor: widths or devices differ", "xor", (NUMBERS, NUMBERS[:, :1], 9)),
    (ValueError, "times: widths or devices differ", "times", (OCTETS, OCTETS[0, 0])),
    (ValueError, "times: widths or devices differ", "times", (OCTETS, OCTETS.to("meta"))),
    (ValueError, "xor: dim 513 does not fit rows of 8 words", "xor", (NUMBERS, NUMBERS, 513)),
    (ValueError, "xor: dim 0 does not fit", "xor", (NUMBERS, NUMBERS, 0)),
]


@pytest.mark.parametrize(("error", "message", "kernel", "given"), MISTAKES)
def test_what_is_no_pair_of_rows_is_refused(error, message, kernel, given):
    with pytest.raises(error, match=message):
        getattr(kernels, kernel)(*given)
