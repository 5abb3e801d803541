"""What float models do in one pass is what torch does in several, moves and draws bit for bit."""

import math

import numpy as np
import pytest
import torch

from hdlib import bits, kernels
from hdlib.kernels import cpu, floats, reference

KINDS = [torch.float32, torch.float64, torch.complex64, torch.complex128]
REALS = KINDS[:2]
SHAPES = [(1,), (7,), (3, 5), (0, 5), (2, 0, 5), (2, 3, 64), (3, 1000), (5, 4097)]


@pytest.fixture(params=["reference", "serial", "threads"])
def path(request, monkeypatch):
    """One of the implementations; five threads whatever the machine has."""
    monkeypatch.setattr(cpu, "PARALLEL", 0 if request.param == "threads" else 1 << 62)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 5)
    return reference if request.param == "reference" else floats


def numbers(*shape, kind=torch.float64, salt=0):
    """Normal numbers of any type."""
    parts = 2 if kind.is_complex else 1
    n = parts * math.prod(shape)
    drawn = bits.normals(bits.words(salt, torch.tensor(0), (n + 1) // 2))[:n]
    if kind.is_complex:
        return torch.view_as_complex(drawn.double().view(*shape, 2)).to(kind)
    return drawn.view(shape).to(kind)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", SHAPES)
def test_rolled_floats(path, shape, kind):
    x = numbers(*shape, kind=kind)
    for shift in {0, 1, shape[-1] // 2, shape[-1] - 1}:
        moved, sound = path.roll(x, shift)
        assert moved.dtype == kind
        assert torch.equal(moved, x.roll(shift, -1))
        assert sound is True


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_a_roll_sees_every_number(path, kind, bad):
    for place in (0, 1, 6, 20):
        for number in [bad, complex(0, bad)] if kind.is_complex else [bad]:
            x = torch.zeros(21, dtype=kind)
            x[place] = number
            assert path.roll(x.view(3, 7), 2)[1] is False


@pytest.mark.parametrize("kind", REALS)
def test_a_roll_takes_extreme_floats_for_what_they_are(path, kind):
    info = torch.finfo(kind)
    x = torch.tensor([info.max, info.min, info.tiny, info.tiny / 4, -0.0, 0.0], dtype=kind)
    moved, sound = path.roll(x, 1)
    assert sound is True
    assert moved.tolist() == x.tolist()[-1:] + x.tolist()[:-1]
    assert math.copysign(1, moved[5]) == -1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n", [0, 1, 2, 7, 8, 9, 17, 100])
@pytest.mark.parametrize("width", [1, 5, 1023, 2048, 2049, 4100])
def test_sums_of_floats(path, n, width, kind):
    for batch in [(), (2,), (2, 0)]:
        x = numbers(*batch, n, width, kind=kind)
        found = path.sums(x)
        expected = x.to(torch.complex128).sum(-2)
        assert found.dtype == kind
        assert found.shape == (*batch, width)
        within = 1e-12 if kind in (torch.float64, torch.complex128) else 1e-5
        assert torch.allclose(found.to(torch.complex128), expected, rtol=0, atol=within * (1 + n))


def test_sums_carry_what_is_not_finite(path):
    x = numbers(9, 3, kind=torch.float32)
    x[8, 0], x[0, 1] = math.nan, math.inf
    assert path.sums(x).isfinite().tolist() == [False, False, True]


def test_rounding_does_not_add_up_over_many_rows(path):
    x = torch.full((100_000, 3), 0.1)
    assert torch.allclose(path.sums(x), torch.tensor(1e4), rtol=2e-4)


def oracle_shuffle(x, codes, forward):
    """One number at a time."""
    out = np.zeros_like(x.numpy())
    for r, row in enumerate(x.numpy()):
        for i, code in enumerate(codes[r % len(codes)].tolist()):
            sign, source = (-1) ** (code % 2), code // 2
            if forward:
                out[r, i] = sign * row[source]
            else:
                out[r, source] = sign * row[i]
    return torch.from_numpy(out)


def codes_of(n, dim):
    """Signed permutations, the first two of them the plain and the negated identity."""
    words = bits.words(3, torch.arange(n), dim)
    codes = words.argsort(-1) * 2 + (words & 1)
    codes[:2] = 2 * torch.arange(dim) + torch.arange(2)[:n, None]
    return codes.int()


@pytest.mark.parametrize("kind", REALS)
@pytest.mark.parametrize("dim", [1, 2, 63, 500])
@pytest.mark.parametrize("n", [0, 1, 9])
def test_rows_are_shuffled_and_shuffled_back(path, n, dim, kind):
    x = numbers(n, dim, kind=kind)
    for codes in (codes_of(n, dim), codes_of(3, dim)[2:]):
        if n and len(codes):
            turned = path.shuffle(x, codes, True)
            assert torch.equal(turned, oracle_shuffle(x, codes, True))
            assert torch.equal(path.shuffle(x, codes, False), oracle_shuffle(x, codes, False))
            assert torch.equal(path.shuffle(turned, codes, False), x)


def test_rows_of_any_layout_are_shuffled(path):
    codes, x = codes_of(9, 33), numbers(33, 9, kind=torch.float32)
    for view in (x.t(), x[:9, :1].expand(9, 33), numbers(18, 66)[::2, ::2]):
        assert torch.equal(path.shuffle(view, codes, True), oracle_shuffle(view, codes, True))
    turned = path.shuffle(torch.zeros(1, 33), codes[1:2], True)
    assert torch.equal(turned.signbit(), torch.ones(1, 33, dtype=torch.bool))  # -0


def test_codes_of_another_type_are_refused():
    with pytest.raises(TypeError, match=r"shuffle: codes must be torch.int32"):
        kernels.shuffle(torch.zeros(2, 3), torch.zeros(2, 3, dtype=torch.int64))


@pytest.mark.parametrize("n", [0, 1, 2, 33, 1000])
@pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 17)])
def test_normals_are_those_of_the_words_bit_for_bit(monkeypatch, shape, n):
    ids = bits.words(2, torch.tensor(0), math.prod(shape)).view(shape)
    expected = bits.normals(bits.words(-3, ids, (n + 1) // 2))[..., :n]
    for threads in (0, 1 << 62):
        monkeypatch.setattr(cpu, "PARALLEL", threads)
        monkeypatch.setattr(torch, "get_num_threads", lambda: 5)
        assert torch.equal(kernels.normals(-3, ids, n), expected)


def test_gradients_and_other_devices_take_torchs_way():
    x = torch.zeros(2, 3, requires_grad=True)
    assert kernels.path_of_floats(x) is reference
    assert kernels.path_of_floats(torch.zeros(2, device="meta")) is reference
    assert kernels.path_of_floats(x.detach()) is floats
    with torch.no_grad():
        assert kernels.path_of_floats(x) is floats


def test_only_long_and_even_stacks_are_worth_a_kernel(monkeypatch):
    monkeypatch.setattr(kernels, "LONG", 20)
    monkeypatch.setattr(floats, "sums", lambda x: "kernel")
    x = torch.ones(7, 3)
    assert kernels.sums(x) == "kernel"
    assert torch.equal(kernels.sums(x[1:]), torch.full((3,), 6.0))
    assert torch.equal(kernels.sums(x.t()), torch.full((7,), 3.0))
