"""Normal numbers made by kernels are those of the words, bit for bit."""

import math

import pytest
import torch

from hdlib import bits, kernels
from hdlib.kernels import team


@pytest.mark.parametrize("n", [0, 1, 2, 33, 1000])
@pytest.mark.parametrize("shape", [(), (0,), (1,), (2, 17)])
def test_normals_are_those_of_the_words_bit_for_bit(monkeypatch, shape, n):
    ids = bits.words(2, torch.tensor(0), math.prod(shape)).view(shape)
    expected = bits.normals(bits.words(-3, ids, (n + 1) // 2))[..., :n]
    for threads in (0, 1 << 62):
        monkeypatch.setattr(team, "PARALLEL", threads)
        monkeypatch.setattr(torch, "get_num_threads", lambda: 5)
        assert torch.equal(kernels.normals(-3, ids, n), expected)
