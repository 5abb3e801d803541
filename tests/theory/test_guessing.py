"""A segmenter that flips coins: its measures are averages over all coins that can fall."""

from itertools import product

import numpy as np
import pytest

from hdlib.segment import boundaries_of, pk, window_diff
from hdlib.theory import random_segmentation


@pytest.mark.claim("coins-pk")
@pytest.mark.parametrize("sizes", [[3, 4, 2], [1, 1, 6, 2], [9], [2, 2, 2, 2]])
@pytest.mark.parametrize("k", [1, 2, 4])
def test_it_is_the_average_over_all_coins(sizes, k):
    truth = boundaries_of(sizes)
    falls = [np.array(fall, dtype=np.bool_) for fall in product([0, 1], repeat=len(truth))]
    for rate in (0.0, 0.25, 0.7, 1.0):
        chance = [rate ** f.sum() * (1 - rate) ** (~f).sum() for f in falls]
        slow = [
            sum(p * measure(truth, f, k) for p, f in zip(chance, falls, strict=True))
            for measure in (pk, window_diff)
        ]
        assert random_segmentation(truth, rate, window=k) == pytest.approx(tuple(slow), abs=1e-12)


def test_rates_keep_their_shape_and_bad_input_is_refused():
    one, two = random_segmentation([0, 1, 0, 0], np.full((2, 3), 0.3), window=2)
    assert one.shape == two.shape == (2, 3)
    with pytest.raises(ValueError, match="rate must lie"):
        random_segmentation([0, 1], 1.5, window=1)
    for window in (0, 3):
        with pytest.raises(ValueError, match="window"):
            random_segmentation([0, 1], 0.5, window=window)
