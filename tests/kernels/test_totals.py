"""Floats added up on torch's threads: the sums of numpy in double precision, to rounding."""

import math

import pytest
import torch
from torch.autograd import forward_ad

from hdlib import HRR, bits, kernels
from hdlib.kernels import floats, totals

SHAPES = [(1, 1), (3, 5), (4, 1023), (5, 1024), (64, 1025), (67, 2049), (131, 3)]
SHAPES += [(2, 3, 5), (3, 2, 130, 9), (0, 7), (0, 4, 5), (4, 0, 5), (4, 5, 0)]


@pytest.fixture(autouse=True)
def every_sum(monkeypatch):
    """No sum is too small."""
    monkeypatch.setattr(totals, "MANY", 0)
    monkeypatch.setattr(totals, "MOST", 0)
    monkeypatch.setattr(floats, "MANY", 0)


def numbers(*shape, kind=torch.float32):
    """Normal numbers, real or complex."""
    n = math.prod(shape) * (2 if kind.is_complex else 1)
    drawn = bits.normals(bits.words(0, torch.tensor(0), (n + 1) // 2))[:n]
    return drawn.view(kind).view(shape)


def check(xs):
    (made, sound), wide = kernels.total(xs), xs.to(torch.promote_types(xs.dtype, torch.float64))
    assert sound is True
    assert made.dtype == xs.dtype
    assert made.shape == (*xs.shape[:-2], xs.shape[-1])
    # each addition rounds by at most 2^-24 of what is added up so far
    bound = 2.0**-24 * (totals.ROUND + 2) * wide.abs().sum(-2)
    assert ((made - wide.sum(-2)).abs() <= bound).all()


@pytest.mark.parametrize("kind", [torch.float32, torch.complex64])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("threads", [1, 2, 5])
def test_sums_of_any_shape(monkeypatch, kind, shape, threads):
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    check(numbers(*shape, kind=kind))


LAYOUTS = {
    "transposed": lambda x: x.mT,
    "every second": lambda x: x[:, ::2],
    "inside another": lambda x: x.flatten()[3 : 3 + 30 * 64].view(30, 64),
    "expanded": lambda x: x[:1].expand(20, -1),
    "conjugated": lambda x: x.conj(),
    "negated": lambda x: x.conj().imag,
    "double": lambda x: x.to(torch.complex128),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_layout_of_memory(layout):
    check(LAYOUTS[layout](numbers(40, 64, kind=torch.complex64)))


def test_the_number_of_threads_does_not_change_the_sum(monkeypatch):
    x, made = numbers(301, 3000), []
    for threads in (1, 3):
        monkeypatch.setattr(torch, "get_num_threads", lambda threads=threads: threads)
        made.append(kernels.total(x)[0])
    assert torch.equal(*made)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_comes_through(bad):
    for place in (0, 63, 64, 129):
        x = torch.ones(130, 70)
        x[place, 69] = bad
        made, sound = kernels.total(x)
        assert sound is False
        assert made[:69].tolist() == 69 * [130]
        assert not made[69].isfinite()
        with pytest.raises(ValueError, match=r"^bundle: .*holds NaN or inf"):
            HRR(70).bundle(x)


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")  # torch's own affair
def test_derivatives_pass(monkeypatch):
    monkeypatch.setattr(totals, "spread", None)  # fails if it is called
    x = numbers(5, 1024).requires_grad_()
    kernels.total(x)[0].sum().backward()
    assert x.grad.unique().tolist() == [1]
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(x.detach(), torch.ones(5, 1024))
        assert forward_ad.unpack_dual(kernels.total(dual)[0]).tangent.unique().tolist() == [5]


def test_torchs_transforms_pass():
    x = numbers(5, 1024)
    assert torch.equal(torch.func.functionalize(kernels.total)(x)[0], x.sum(-2))
    made, tangent = torch.func.jvp(lambda x: kernels.total(x)[0], (x,), (torch.ones(5, 1024),))
    assert torch.equal(made, x.sum(-2))
    assert tangent.unique().tolist() == [5]
    with pytest.raises(IndexError):
        kernels.total(x[0])


def test_what_torch_adds_up_itself(monkeypatch):
    assert totals.fit(numbers(3, 1024))
    assert not totals.fit(numbers(3, 1024).double())
    assert not totals.fit(numbers(3, 1024).to("meta"))
    monkeypatch.setattr(totals, "MOST", 1 << 62)
    assert totals.fit(numbers(3, 2048))
    assert totals.fit(numbers(3, 512, kind=torch.complex64))
    assert not totals.fit(numbers(3, 2047))
    monkeypatch.setattr(totals, "MANY", 1 << 62)
    assert not totals.fit(numbers(3, 1024))
    monkeypatch.setattr(totals, "MANY", 0)
    monkeypatch.setattr(floats, "team", lambda: None)
    assert not totals.fit(numbers(3, 1024))
