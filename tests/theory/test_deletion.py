"""Removing strangers from a counting filter: the closed form against enumeration and draws."""

import itertools
import math

import pytest
import torch

from hdlib import theory
from hdlib.workbook.explorers import counting


def test_one_hash_is_exact_by_enumeration():
    bits, n, removed = 3, 3, 2
    hits = 0
    for others in itertools.product(range(bits), repeat=n - 1 + removed):
        kept = 1 + sum(place == 0 for place in others[: n - 1])
        hits += kept - sum(place == 0 for place in others[n - 1 :]) <= 0
    wanted = hits / bits ** (n - 1 + removed)
    assert theory.deletion_miss(n, removed, bits=bits, hashes=1) == pytest.approx(wanted)


@pytest.mark.claim("removing-strangers")
def test_members_are_missed_about_as_often_as_the_form_says():
    for left in (50, 150):
        for removed in (2, 10, 40, 100):
            mean, stderr = counting.drawn(left, removed)
            wanted = theory.deletion_miss(left, removed, bits=counting.BITS, hashes=counting.HASHES)
            assert abs(mean - wanted) < 4 * stderr + 0.01 * math.sqrt(wanted)


def test_nothing_removed_nothing_missed_and_bad_numbers_are_refused():
    assert (theory.deletion_miss([1, 10], 0, bits=64, hashes=3) == 0).all()
    with pytest.raises(ValueError, match="removed"):
        theory.deletion_miss(10, -1, bits=64, hashes=3)
    with pytest.raises(ValueError, match="do not fit"):
        theory.deletion_miss(10, 1, bits=2, hashes=3)
    assert torch.tensor(theory.deletion_miss(20, 10**4, bits=64, hashes=3)) > 0.99
