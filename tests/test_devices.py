"""Which device to compute on, and room for large results there."""

import pytest
import torch

import hdlib
from hdlib.devices import LARGE, room


def test_the_best_device_is_cuda_where_there_is_one(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert hdlib.best_device() == torch.device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert hdlib.best_device() == torch.device("cpu")


def test_the_best_device_can_be_used():
    assert torch.ones(2, device=hdlib.best_device()).sum().item() == 2


@pytest.mark.parametrize("kind", [torch.int8, torch.int64, torch.float32, torch.complex128])
@pytest.mark.parametrize("shape", [(), (0,), (3, 0, 5), (7,), (3, LARGE), (LARGE // 4 + 1, 1, 4)])
def test_room_is_empty_memory_of_any_size(shape, kind):
    x = room(shape, kind, torch.device("cpu"))
    assert (x.shape, x.dtype, x.is_contiguous()) == (shape, kind, True)
    assert x.data_ptr() % 64 == 0
    assert torch.equal(x.fill_(3), torch.full(shape, 3, dtype=kind))


def test_room_lives_where_it_is_asked_to():
    with torch.device("meta"):
        assert room((LARGE,), torch.int8, torch.device("cpu")).device.type == "cpu"
    assert room((LARGE,), torch.int8, torch.device("meta")).device.type == "meta"
