"""The exercises of notebook 04: solutions are right, wrong answers get the advice that fits."""

import math

import pytest
import torch

from hdlib import theory
from hdlib.workbook import check, hint, solution
from hdlib.workbook.exercises import nb04
from hdlib.workbook.exercises.nb02 import kept
from hdlib.workbook.quizzes import quiz

NAMES = ["false_alarm", "threshold", "enough", "holds", "smallest", "levels"]
NAMES += ["shared", "spread", "overlap", "bits_per_key", "score", "fields"]
JUNK = [0, math.nan, "", "?", [], object(), torch.zeros(3), lambda: 1, lambda *given: None, True]
JUNK += [lambda *given: "no", lambda *given: 1e9]


@pytest.mark.parametrize("name", NAMES)
def test_the_solutions_are_accepted_again_and_again(name):
    for _ in range(4):  # the instances are drawn afresh
        verdict = check(f"04.{name}", getattr(nb04, name))
        assert verdict.ok, verdict.message


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: type(junk).__name__)
def test_junk_is_answered_and_never_accepted(name, junk):
    verdict = check(f"04.{name}", junk)
    assert not verdict.ok
    assert len(verdict.message) > 10


@pytest.mark.parametrize("name", NAMES)
def test_a_blank_is_not_tried_yet_and_three_hints_lead_to_the_solution(name):
    assert "Not tried yet" in repr(check(f"04.{name}", None))
    for _ in range(3):
        assert len(repr(hint(f"04.{name}"))) > 20
    assert f"def {name}" in repr(solution(f"04.{name}"))


def said(name, answer):
    verdict = check(f"04.{name}", answer)
    assert not verdict.ok
    return verdict.message


def exact(n, dim):
    return theory.false_positive("MAPI", n, dim=dim)


def hopfield(patterns, x, *, diagonal=False, half=False):
    weights = patterns.long().T @ patterns.long()
    if not diagonal:
        weights.fill_diagonal_(0)
    return int(x.long() @ weights @ x.long()) // (2 if half else 1)


@pytest.mark.parametrize(
    ("name", "answer", "advice"),
    [
        ("false_alarm", lambda n, d: 0.5 * math.erfc(math.sqrt(d / 8 / n)), "the normal tail"),
        ("false_alarm", lambda n, d: exact(n - 1, d), "D (n − 1)"),
        ("false_alarm", lambda n, d: 1 - exact(n, d), "asked is a yes"),
        ("false_alarm", lambda n, d: 0.3, "a walk of D n fair signs"),
        ("threshold", lambda n: 0.5, "MAP-I"),
        ("threshold", kept, "half of them would be missed"),
        ("threshold", lambda n: n**-0.5 / 2, "a majority keeps β"),
        ("threshold", lambda n: 0.1, "where is the middle"),
        ("enough", lambda n, d, f: 8 * n * math.log(1 / f), "universe is missing"),
        ("enough", lambda n, d, f: 8 * n * math.log2(d / f), "log2"),
        ("enough", lambda n, d, f: n * math.log(d / f), "the 8 is missing"),
        ("holds", lambda dim, d, f: dim / (8 * math.log(d / f)), "round down"),
        ("holds", lambda dim, d, f: math.isqrt(dim), "a story that is told"),
        ("smallest", lambda *a: 100, "too often"),
        ("smallest", lambda *a: a[-1][-1], "a smaller one is enough"),
        ("smallest", lambda *a: None, "would do"),
        ("levels", lambda sizes: kept(math.prod(sizes)), "a flat bundle"),
        ("levels", lambda sizes: sum(map(kept, sizes)), "a product"),
        ("shared", lambda v, x, y: float((x.double() * y).sum()), "is the product"),
        ("shared", lambda v, x, y: v.similarity(x, y), "is the cosine"),
        ("spread", lambda a, b, c, d: (a * b + c * c - 2 * c) / d, "take the root"),
        ("spread", lambda a, b, c, d: math.sqrt(a * b / d), "disjoint sets"),
        ("overlap", lambda a, b, k, m: 0, "by chance"),
        ("overlap", lambda a, b, k, m: a * b * k * k / m, "a bit is set once"),
        ("bits_per_key", lambda f: -math.log2(f), "number of hashes"),
        ("score", lambda p, x: hopfield(p, x, diagonal=True), "the diagonal is still there"),
        ("score", lambda p, x: hopfield(p, x, half=True), "each pair counts twice"),
        ("fields", lambda v, r, roles, k: [0] * len(roles), "are right"),
        (
            "fields",
            lambda v, r, roles, k: v.similarity(k, r).topk(len(roles)).indices.tolist(),
            "unbind it",
        ),
    ],
)
def test_near_misses_get_the_advice_that_fits(name, answer, advice):
    assert advice in said(name, answer)


@pytest.mark.claim("capacity-exercises")
def test_the_answers_derived_by_hand():
    def figure(value, digits):
        return f"{value:.{digits}f}"

    assert figure(exact(50, 1000), 5) == "0.01282"
    assert figure(0.5 * math.erfc(math.sqrt(1000 / 8 / 50)), 5) == "0.01267"
    assert figure(theory.false_negative("MAPI", 50, dim=1000), 5) == "0.01181"
    assert [kept(5), kept(6), kept(7)] == [0.375, 0.3125, 0.3125]
    assert figure(nb04.levels([7, 5]), 4) == "0.1172"
    assert figure(kept(35), 4) == "0.1358"
    assert figure(nb04.bits_per_key(0.01), 3) == "9.585"
    assert figure(nb04.bits_per_key(0.001), 3) == "14.378"
    assert figure(nb04.spread(50, 40, 20, 1024), 3) == "1.518"
    assert math.ceil(nb04.spread(50, 40, 20, 1) ** 2 / 0.25) == 9440
    assert figure(nb04.overlap(50, 40, 4, 1024), 1) == "26.4"


def test_the_quiz_can_be_won():
    card = quiz("04.quiz")
    card.answers = [
        next(i for i, choice in enumerate(question.choices) if choice.right)
        for question in card.questions
    ]
    assert card.score == len(card.questions) == 7
