"""What float models do in one pass is what torch does in several, bit for bit."""

import math

import numpy as np
import pytest
import torch

from hdlib import bits, kernels
from hdlib.kernels import cpu, floats, reference

KINDS = [torch.float32, torch.float64]


@pytest.fixture(params=["reference", "serial", "threads"])
def path(request, monkeypatch):
    """One of the implementations; five threads whatever the machine has."""
    monkeypatch.setattr(cpu, "PARALLEL", 0 if request.param == "threads" else 1 << 62)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 5)
    return reference if request.param == "reference" else floats


def numbers(*shape, kind=torch.float64):
    """Normal numbers of either type."""
    n = math.prod(shape)
    return bits.normals(bits.words(0, torch.tensor(0), (n + 1) // 2))[:n].view(shape).to(kind)


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


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dim", [1, 2, 63, 500])
@pytest.mark.parametrize("n", [0, 1, 9])
def test_rows_are_shuffled_and_shuffled_back(path, n, dim, kind):
    x = numbers(n, dim, kind=kind)
    for codes in (codes_of(n, dim), codes_of(3, dim)[2:]):
        if n:
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
        assert kernels.shuffle(x, codes_of(2, 3)).tolist() == [[0.0] * 3] * 2
