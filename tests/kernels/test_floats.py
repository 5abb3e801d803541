"""Torch's threads move floats bit for bit, and multiply them to rounding, as torch does."""

import math
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from torch.autograd import forward_ad

from hdlib import bits, kernels
from hdlib.kernels import floats

KINDS = [torch.float32, torch.float64, torch.complex64, torch.complex128]
SHAPES = [(1,), (7,), (3, 5), (2, 3, 64), (3, 1000), (5, 4097), (40, 16)]


@pytest.fixture(params=["torch", "threads", "past the cache"])
def way(request, monkeypatch):
    """What is done with few numbers, with many, and with more than the cache holds."""
    many = 1 << 62 if request.param == "torch" else 0
    monkeypatch.setattr(floats, "MANY", many)
    monkeypatch.setattr(floats, "PAST", -1 if request.param == "past the cache" else 1 << 62)
    return request.param


def numbers(*shape, kind=torch.float32, salt=0):
    """Normal numbers of any type."""
    parts = 2 if kind.is_complex else 1
    n = parts * math.prod(shape)
    drawn = bits.normals(bits.words(salt, torch.tensor(0), (n + 1) // 2))[:n]
    if kind.is_complex:
        return torch.view_as_complex(drawn.double().view(*shape, 2)).to(kind)
    return drawn.view(shape).to(kind)


@pytest.mark.parametrize("kind", [*KINDS, torch.int8, torch.int64])
@pytest.mark.parametrize("shape", [*SHAPES, (0, 5), (2, 0, 5)])
def test_rolled_numbers(way, shape, kind):
    x = (100 * numbers(*shape, kind=kind if kind in KINDS else torch.float32)).to(kind)
    for shift in {0, 1, shape[-1] // 2, shape[-1] - 1, -1, shape[-1], shape[-1] + 5}:
        moved, sound = kernels.roll(x, shift)
        assert moved.dtype == kind
        assert torch.equal(moved, x.roll(shift, -1))
        assert sound is True


@pytest.mark.parametrize("kind", KINDS[2:])
@pytest.mark.parametrize("shape", SHAPES)
def test_products(way, shape, kind):
    xs = [numbers(*shape, kind=kind, salt=salt) for salt in range(3)]
    before = [x.clone() for x in xs]
    for some in (xs[:2], xs, [xs[0], xs[1][..., :1]], [xs[0], xs[1].to(torch.complex128)]):
        made, sound = kernels.product(*some)
        expected = math.prod(some)
        assert made.dtype == expected.dtype
        assert torch.allclose(made, expected, rtol=1e-6)
        assert sound is True
    assert all(map(torch.equal, xs, before))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_every_number_is_looked_at(way, kind, bad):
    for place in (0, 1, 15, 16, 17, 699, 1398, 2099):
        for number in [bad, complex(0, bad)] if kind.is_complex else [bad]:
            x = torch.zeros(2100, dtype=kind)
            x[place] = number
            assert kernels.roll(x.view(3, 700), 2)[1] is False
            if kind.is_complex:
                assert kernels.product(x, torch.ones_like(x))[1] is False
                assert kernels.product(torch.zeros_like(x), x)[1] is False


def test_extreme_floats_are_taken_for_what_they_are(way):
    info = torch.finfo(torch.float32)
    x = torch.tensor([info.max, info.min, info.tiny, info.tiny / 4, -0.0, 0.0])
    moved, sound = kernels.roll(x, 1)
    assert sound is True
    assert moved.tolist() == x.tolist()[-1:] + x.tolist()[:-1]
    assert math.copysign(1, moved[5]) == -1


LAYOUTS = {
    "transposed": lambda x: x.t(),
    "every second": lambda x: x[:, ::2],
    "not where a line begins": lambda x: x.flatten()[3 : 3 + 30 * 64].view(30, 64),
    "expanded": lambda x: x[:1].expand(20, -1),
    "conjugated": lambda x: x.conj(),
    "negated": lambda x: x.conj().imag,
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_layout_of_memory(way, layout):
    x = LAYOUTS[layout](numbers(40, 64, kind=torch.complex64))
    moved, sound = kernels.roll(x, 5)
    assert torch.equal(moved, x.roll(5, -1))
    assert sound is True
    if x.is_complex():
        assert torch.allclose(kernels.product(x, x)[0], x * x, rtol=1e-6)


def test_gradients_and_other_devices_take_torchs_way(monkeypatch):
    monkeypatch.setattr(floats, "MANY", 0)
    monkeypatch.setattr(floats, "made", None)  # fails if it is called
    monkeypatch.setattr(floats, "team", lambda: print)  # also where there is none
    x = numbers(2, 3, kind=torch.complex64).requires_grad_()
    moved = kernels.roll(kernels.product(x, x)[0], 1)[0]
    moved.abs().sum().backward()
    assert torch.allclose(x.grad.abs(), 2 * x.detach().abs())
    with torch.no_grad(), pytest.raises(TypeError):
        kernels.roll(x, 1)
    assert not floats.together(x.detach().to("meta"))


@pytest.mark.filterwarnings("ignore:.torch.jit.script. is deprecated")  # torch's own affair
def test_derivatives_pass_forward(monkeypatch):
    monkeypatch.setattr(floats, "MANY", 0)
    x, tangent = numbers(2, 3, kind=torch.complex64), numbers(2, 3, kind=torch.complex64, salt=1)
    with forward_ad.dual_level():
        dual = forward_ad.make_dual(x, tangent)
        moved = kernels.roll(kernels.product(dual, x)[0], 1)[0]
        found = forward_ad.unpack_dual(moved).tangent
    assert torch.allclose(found, (tangent * x).roll(1, -1))


def test_a_roll_needs_an_axis():
    with pytest.raises(ValueError, match=r"^roll: expected a vector"):
        kernels.roll(torch.tensor(1.0), 1)


def test_without_a_door_to_its_threads_torch_does_the_work(monkeypatch):
    monkeypatch.setattr(floats, "MANY", 0)
    monkeypatch.setattr(floats, "team", lambda: None)
    x = numbers(5, 7, kind=torch.complex64)
    assert torch.equal(kernels.roll(x, 3)[0], x.roll(3, -1))
    assert torch.equal(kernels.product(x, x)[0], x * x)


def test_many_threads_may_call_at_once(monkeypatch):
    monkeypatch.setattr(floats, "MANY", 0)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 5)
    xs = [numbers(50, 700, salt=salt) for salt in range(8)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda x: kernels.roll(x, 9)[0], xs * 4))
    assert all(torch.equal(a, x.roll(9, -1)) for a, x in zip(found, xs * 4, strict=True))
