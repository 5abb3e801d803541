"""Which device to compute on."""

import torch

import hdlib


def test_the_best_device_is_cuda_where_there_is_one(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert hdlib.best_device() == torch.device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert hdlib.best_device() == torch.device("cpu")


def test_the_best_device_can_be_used():
    assert torch.ones(2, device=hdlib.best_device()).sum().item() == 2
