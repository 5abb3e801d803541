"""The exercises of notebook 08: solutions are right, wrong answers get the advice that fits."""

import numpy as np
import pytest
import torch

from hdlib import bits, kernels
from hdlib.workbook import solution
from hdlib.workbook.exercises import nb08
from tests.workbook.lessons import lesson

NAMES = ["popcount", "hamming", "add3", "nearest", "least_seconds", "fast_length"]


def unmasked(x):
    x = x - ((x >> 1) & 0x5555555555555555)
    x = (x & 0x3333333333333333) + ((x >> 2) & 0x3333333333333333)
    x = (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0F
    return (x * 0x0101010101010101) >> 56


NEAR = [
    ("08.popcount", lambda x: torch.from_numpy(np.bitwise_count(x.numpy())), "count |x|"),
    ("08.popcount", lambda x: x, "you count"),
    ("08.hamming", lambda q, x: 1024 - kernels.hamming(q, x), "equal bits"),
    ("08.hamming", lambda q, x: kernels.hamming(x, q), "every item"),
    ("08.hamming", lambda q, x: 0 * kernels.hamming(q, x), "1,024"),
    ("08.add3", lambda a, b, c: ((a & b) | ((a ^ b) & c), a ^ b ^ c), "other order"),
    ("08.add3", lambda a, b, c: (a ^ b ^ c, a & b), "worth 2 is wrong"),
    ("08.add3", lambda a, b, c: a ^ b, "two rows"),
    ("08.nearest", lambda q, seed, count: count, "is nearest"),
    ("08.nearest", lambda q, seed, count: q, "the id"),
    ("08.least_seconds", lambda m, o, b, r: m / b + o / r, "overlap"),
    ("08.least_seconds", lambda m, o, b, r: min(m / b, o / r), "decides"),
    ("08.fast_length", lambda n: 1 << (n - 1).bit_length(), "power of two"),
    ("08.fast_length", lambda n: n, "The next length"),
    ("08.fast_length", lambda n: 1 if n == 1 else n - 1, "cut off"),
]
TestLesson = lesson("08", {f"08.{name}": getattr(nb08, name) for name in NAMES}, NEAR, questions=6)


@pytest.mark.parametrize("name", NAMES)
def test_a_solution_bears_the_name_that_is_asked_for(name):
    assert f"def {name}" in repr(solution(f"08.{name}"))


def test_the_last_mask_is_for_compilers_alone():
    # A word holds at most 64 ones, so the sign bit never reaches the answer.
    words = bits.words(1, torch.arange(1), 1000)[0]
    assert torch.equal(unmasked(words), bits.popcount(words))


def test_fast_lengths_are_those_of_a_sieve():
    smooth = {2**a * 3**b * 5**c for a in range(15) for b in range(10) for c in range(7)}
    for n in range(1, 3000):
        assert nb08.fast_length(n) == min(each for each in smooth if each >= n)
