"""Clean-up among atoms that are never stored: equal to a memory that stores them."""

import pytest
import torch

from hdlib import ItemMemory
from hdlib.memory import items, nearest_atoms
from tests.vsa.spaces import ALL, make


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("k", [1, 3])
def test_the_nearest_atoms_are_those_of_a_memory(name, k, monkeypatch):
    monkeypatch.setattr(items, "SCORES", 64)  # many chunks
    vsa = make(name, 130)
    queries = vsa.bundle(vsa.atoms([[5, 90], [41, 3]]), weights=[2, 1])
    labels, scores = ItemMemory(vsa).add(range(100)).cleanup(queries, k)
    ids, found = nearest_atoms(vsa, queries, 100, k)
    assert ids.tolist() == labels
    assert torch.allclose(found, scores, atol=1e-6)


@pytest.mark.parametrize(("count", "k"), [(0, 1), (3, 4), (3, 0), (2**32 + 1, 1), (3, True)])
def test_impossible_numbers_are_refused(count, k):
    vsa = make("BSC", 64)
    with pytest.raises(ValueError, match="ask for 1 ≤ k ≤ count"):
        nearest_atoms(vsa, vsa.atoms(1), count, k)


def test_a_query_of_another_space_is_refused():
    with pytest.raises(ValueError, match=r"nearest_atoms: .* width"):
        nearest_atoms(make("BSC", 64), make("BSC", 1024).atoms(1), 10)
