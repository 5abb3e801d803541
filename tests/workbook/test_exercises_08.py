"""The exercises of notebook 08: solutions are right, wrong answers get the advice that fits."""

import math

import numpy as np
import pytest
import torch

from hdlib import bits, kernels
from hdlib.workbook import check, hint, solution
from hdlib.workbook.exercises import nb08
from hdlib.workbook.quizzes import quiz

NAMES = ["popcount", "hamming", "add3", "nearest", "least_seconds", "fast_length"]
JUNK = [0, math.nan, "", "?", [], object(), torch.zeros(3), lambda: 1, lambda *given: None, True]


@pytest.mark.parametrize("name", NAMES)
def test_the_solutions_are_accepted_again_and_again(name):
    for _ in range(5):  # the instances are drawn afresh
        assert check(f"08.{name}", getattr(nb08, name)).ok


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: type(junk).__name__)
def test_junk_is_answered_and_never_accepted(name, junk):
    verdict = check(f"08.{name}", junk)
    assert not verdict.ok
    assert len(verdict.message) > 10


@pytest.mark.parametrize("name", NAMES)
def test_a_blank_is_not_tried_yet_and_there_is_help(name):
    assert "Not tried yet" in repr(check(f"08.{name}", None))
    assert hint(f"08.{name}")
    assert f"def {name}" in repr(solution(f"08.{name}"))


def unmasked(x):
    x = x - ((x >> 1) & 0x5555555555555555)
    x = (x & 0x3333333333333333) + ((x >> 2) & 0x3333333333333333)
    x = (x + (x >> 4)) & 0x0F0F0F0F0F0F0F0F
    return (x * 0x0101010101010101) >> 56


@pytest.mark.parametrize(
    ("name", "answer", "advice"),
    [
        ("popcount", lambda x: torch.from_numpy(np.bitwise_count(x.numpy())), "count |x|"),
        ("popcount", lambda x: x, "you count"),
        ("hamming", lambda q, x: 1024 - kernels.hamming(q, x), "equal bits"),
        ("hamming", lambda q, x: kernels.hamming(x, q), "every item"),
        ("hamming", lambda q, x: 0 * kernels.hamming(q, x), "1,024"),
        ("add3", lambda a, b, c: ((a & b) | ((a ^ b) & c), a ^ b ^ c), "other order"),
        ("add3", lambda a, b, c: (a ^ b ^ c, a & b), "worth 2 is wrong"),
        ("add3", lambda a, b, c: a ^ b, "two rows"),
        ("nearest", lambda q, seed, count: count, "is nearest"),
        ("nearest", lambda q, seed, count: q, "the id"),
        ("least_seconds", lambda m, o, b, r: m / b + o / r, "overlap"),
        ("least_seconds", lambda m, o, b, r: min(m / b, o / r), "decides"),
        ("fast_length", lambda n: 1 << (n - 1).bit_length(), "power of two"),
        ("fast_length", lambda n: n, "The next length"),
        ("fast_length", lambda n: 1 if n == 1 else n - 1, "cut off"),
    ],
)
def test_near_misses(name, answer, advice):
    verdict = check(f"08.{name}", answer)
    assert not verdict.ok
    assert advice in verdict.message


def test_the_last_mask_is_for_compilers_alone():
    # A word holds at most 64 ones, so the sign bit never reaches the answer.
    words = bits.words(1, torch.arange(1), 1000)[0]
    assert torch.equal(unmasked(words), bits.popcount(words))


def test_fast_lengths_are_those_of_a_sieve():
    smooth = {2**a * 3**b * 5**c for a in range(15) for b in range(10) for c in range(7)}
    for n in range(1, 3000):
        assert nb08.fast_length(n) == min(each for each in smooth if each >= n)


def test_the_quiz_has_six_questions():
    assert sum(line[:2] in ("1.", "6.") for line in repr(quiz("08.quiz")).splitlines()) == 2
