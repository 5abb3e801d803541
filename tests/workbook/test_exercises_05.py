"""The exercises of notebook 05: solutions are right, wrong answers get the advice that fits."""

import math

import pytest
import torch

from hdlib import theory
from hdlib.workbook import check, hint, solution
from hdlib.workbook.exercises import nb05
from hdlib.workbook.quizzes import quiz

NAMES = [task[0] for task in nb05.TASKS]
JUNK = [0, math.nan, "", "?", [], object(), torch.zeros(3), lambda: 1, lambda *given: None, True]


@pytest.mark.parametrize("name", NAMES)
def test_the_solutions_are_accepted_again_and_again(name):
    for _ in range(5):  # the instances are drawn afresh
        assert check(f"05.{name}", getattr(nb05, name)).ok


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: type(junk).__name__)
def test_junk_is_answered_and_never_accepted(name, junk):
    verdict = check(f"05.{name}", junk)
    assert not verdict.ok
    assert len(verdict.message) > 10


@pytest.mark.parametrize("name", NAMES)
def test_a_blank_is_not_tried_yet(name):
    assert "Not tried yet" in repr(check(f"05.{name}", None))


def said(name, answer):
    verdict = check(f"05.{name}", answer)
    assert not verdict.ok
    return verdict.message


def counted(places, bits):
    return torch.zeros(bits).index_add_(0, places.flatten(), torch.ones(places.numel()))


def cleared(counters, places):
    left = counters.clone()
    left[places] = 0
    return left


def unchecked(counters, places):
    left = counters.clone()
    left[places] -= 1
    return left


def in_place(counters, places):
    counters[places] -= 1
    return counters


MISSES = [
    ("build", lambda p, m: counted(p, m), "counting filter"),
    ("build", lambda p, m: 1 - nb05.build(p, m), "swapped"),
    ("build", lambda p, m: nb05.build(p[:, :1], m), "first place"),
    ("build", lambda p, m: counted(p, m).long() % 2, "XOR"),
    ("build", lambda p, m: torch.zeros(m), "are wrong"),
    ("build", lambda p, m: torch.zeros(3), "returns shape"),
    ("member", lambda f, p: f[p].sum(-1), "Those are the hits"),
    ("member", lambda f, p: f[p].any(-1), "not enough"),
    ("member", lambda f, p: f[p].double().mean(-1) > 0.5, "A majority"),
    ("member", lambda f, p: ~f[p].all(-1), "answers are wrong"),
    ("fill", lambda n, m, k: k * n / m, "set twice"),
    ("fill", lambda n, m, k: (1 - 1 / m) ** (k * n), "zeros"),
    ("fill", lambda n, m, k: 1 - math.exp(-k * n / m), "its limit"),
    ("fill", lambda n, m, k: 1 - (1 - k / m) ** n, "different places"),
    ("fill", lambda n, m, k: nb05.fill(n, m, k) * m, "number of ones"),
    ("fill", lambda n, m, k: 0.123, "By simulation"),
    ("wrong_hits", lambda n, m, k: nb05.fill(n, m, k) ** k, "textbook"),
    ("wrong_hits", lambda n, m, k: (1 - math.exp(-k * n / m)) ** k, "large filters"),
    ("wrong_hits", lambda n, m, k: 0.5, "average"),
    ("bits_per_key", lambda f: math.log2(1 / f), "number of hashes"),
    ("bits_per_key", lambda f: math.log(1 / f), "factor is missing"),
    ("bits_per_key", lambda f: math.log2(f) / math.log(2), "the sign"),
    ("bits_per_key", lambda f: 8, "half of the bits"),
    ("best_hashes", lambda n, m: m / n * math.log(2), "whole numbers"),
    ("best_hashes", lambda n, m: math.floor(m / n * math.log(2)), "round down"),
    ("best_hashes", lambda n, m: math.ceil(m / n * math.log(2)), "round up"),
    ("best_hashes", lambda n, m: 20, "the rule"),
    ("count", lambda x, m, k: x / k, "two keys share"),
    ("count", lambda x, m, k: -m / k * math.log(1 - x / m), "its limit"),
    ("count", lambda x, m, k: nb05.count(x, m, 1), "throws"),
    ("count", lambda x, m, k: math.log(1 - x / m) / math.log(1 - k / m), "different"),
    ("count", lambda x, m, k: 5, "Solve"),
    ("overlap", lambda a, b, c, m, k: m * (1 - (1 - k / m) ** c) + (c == 0) * 9, "neither"),
    ("overlap", lambda a, b, c, m, k: m * (1 - (1 - k / m) ** (a + b - c)), "that is the OR"),
    ("common", lambda x, y, k: int((x & y).sum()) / k, "unrelated bits"),
    ("common", lambda x, y, k: math.log(1 - int((x & y).sum()) / len(x)) / math.log(1 - k / len(x)),
     "no count"),
    ("common", lambda x, y, k: 999, "X or Y"),
    ("remove", in_place, "a clone"),
    ("remove", cleared, "other keys need them"),
    ("remove", unchecked, "give None"),
    ("remove", lambda c, p: c.clone(), "are wrong"),
    ("reads", lambda c, p, t, a: (c[p] >= t).sum(-1) >= a, "not at θ"),
    ("reads", lambda c, p, t, a: (c[p] > t).sum(-1) > a, "not more than T"),
    ("reads", lambda c, p, t, a: (c[p] > t).all(-1), "T of them"),
    ("reads", lambda c, p, t, a: (c[p] > t).any(-1) & False, "are wrong"),
    ("spread", lambda a, b, c, m, k: nb05.spread(a, b, c, m, k) ** 2, "take the root"),
    ("spread", lambda a, b, c, m, k: ((a * b + c**2 - 2 * c) / m) ** 0.5, "MAP-I"),
    ("spread", lambda a, b, c, m, k: (a * b / (m)) ** 0.5, "disjoint"),
    ("spread", lambda a, b, c, m, k: nb05.spread(a, b, c, m, k) / k**0.5, "k cancels"),
    ("spread", lambda a, b, c, m, k: 3, "whatever k is"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "answer", "advice"), MISSES)
def test_near_misses_get_advice(name, answer, advice):
    assert advice in said(name, answer)


def test_the_solutions_are_the_closed_forms():
    shape = {"bits": 40, "hashes": 3}
    assert nb05.wrong_hits(6, 40, 3) == pytest.approx(theory.bloom_false_positive(6, **shape))
    assert nb05.fill(6, 40, 3) == pytest.approx(theory.bloom_fill(6, **shape))
    assert nb05.best_hashes(100, 1024) == round(float(theory.bloom_hashes(100, bits=1024)))
    two = (50, 40, 20)
    shape = {"bits": 1024, "hashes": 4, "kind": "distinct"}
    assert nb05.overlap(*two, 1024, 4) == pytest.approx(theory.bloom_overlap(*two, **shape))
    wanted = theory.counting_intersection_sd(*two, **shape)
    assert nb05.spread(*two, 1024, 4) == pytest.approx(wanted)


@pytest.mark.parametrize("name", NAMES)
def test_hints_and_solutions_exist(name):
    for number in (1, 2, 3):
        assert f"Hint {number} of 3" in repr(hint(f"05.{name}"))
    assert "def " in repr(solution(f"05.{name}"))


def test_the_quiz_can_be_won():
    card = quiz("05.quiz")
    card.answers = [
        next(i for i, choice in enumerate(question.choices) if choice.right)
        for question in card.questions
    ]
    assert card.score == len(card.questions) == 7
