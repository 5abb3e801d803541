"""Work on some rows at a time is the work on all of them, whatever the shapes."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from hdlib import FHRR, HRR, VTB
from hdlib.kernels import rows
from tests.vsa.spaces import law

axes = st.lists(st.integers(0, 4), min_size=0, max_size=3).map(tuple)


@law
@given(shape=axes, data=st.data())
def test_rows_in_parts_are_rows_at_once(shape, data):
    """Each operand lacks some of the batch axes, or has 1 there; widths may differ."""
    width, cache = data.draw(st.integers(1, 5)), data.draw(st.integers(1, 30))
    fewest = data.draw(st.integers(1, 3))
    xs = []
    for _ in range(3):
        own = [data.draw(st.sampled_from([1, n])) for n in shape][data.draw(st.integers(0, 3)) :]
        xs.append(torch.arange(1.0, 1 + math.prod(own) * width).view(*own, width))
    xs[0] = xs[0].expand(*shape, width)
    sizes = []

    def work(*parts):
        sizes.append(torch.broadcast_shapes(*(part.shape for part in parts)).numel())
        return parts[0] * parts[1] + parts[2].square()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rows, "CACHE", cache)
        patch.setattr(rows, "FEWEST", fewest)
        found = rows.by_rows(work, torch.Size((*shape, width)), torch.float32, *xs)
    assert torch.equal(found, xs[0] * xs[1] + xs[2].square())
    assert max(sizes, default=0) <= max(cache, fewest * width)


@pytest.mark.parametrize("model", [HRR, FHRR, VTB])
@pytest.mark.parametrize("dim", [121, 1681])  # 1681 = 41²: transforms of another length
def test_large_batches_are_many_small_ones(model, dim, monkeypatch):
    vsa = model(dim)
    x, y = vsa.random(2, 1, 3), vsa.random(2, 1)
    pairs = [(a, b) for i in range(2) for b in y[:, 0] for a in x[i, 0]]
    for verb in (vsa.bind, vsa.unbind):
        one_by_one = torch.stack([verb(a, b) for a, b in pairs]).view(2, 2, 3, dim)
        monkeypatch.setattr(rows, "CACHE", 2 * dim)
        monkeypatch.setattr(rows, "FEWEST", 1)
        torch.testing.assert_close(verb(x, y), one_by_one, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("model", [HRR, FHRR, VTB])
def test_gradients_pass(model, monkeypatch):
    monkeypatch.setattr(rows, "CACHE", 1)
    vsa = model(9)
    x, y = (vsa.random(*n).to(vsa.dtypes[-1]).requires_grad_() for n in ((2, 3), (3,)))
    calls = [lambda *xs: vsa.bind(*xs, vsa.identity()), vsa.unbind, lambda x, y: vsa.permute(x)]
    for call in calls:
        assert torch.autograd.gradcheck(call, (x, y), fast_mode=True)


def test_a_result_has_the_shape_and_type_of_its_operands(monkeypatch):
    x, y = torch.ones(3, 1, 5), torch.ones(4, 5, dtype=torch.float64)
    assert rows.result(x, y) is None  # small
    monkeypatch.setattr(rows, "CACHE", 59)
    found = rows.result(x, y)
    assert (found.shape, found.dtype) == ((3, 4, 5), torch.float64)
    assert rows.result(x, y.requires_grad_()) is None
    with torch.no_grad():
        assert rows.result(x, y) is not None
