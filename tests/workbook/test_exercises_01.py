"""The exercises of notebook 01: solutions are right, wrong answers get the advice that fits."""

import math

import pytest
import torch

from hdlib.workbook import check, hint, solution
from hdlib.workbook.exercises import nb01
from hdlib.workbook.quizzes import quiz

SOLUTIONS = {
    "01.agree": nb01.agree,
    "01.needed": nb01.needed,
    "01.at_least": nb01.at_least,
    "01.fit": nb01.fit,
    "01.twice": nb01.twice,
    "01.recognise": nb01.recognise,
}
JUNK = [
    0,
    0.5,
    math.nan,
    math.inf,
    "",
    [],
    {},
    object(),
    torch.zeros(3),
    True,
    lambda: 1,
    lambda *given: None,
    lambda *given: 0,
    lambda *given: "1",
    lambda *given: math.nan,
    lambda *given: True,
    lambda *given: given[0],
    print,
]


@pytest.mark.parametrize("name", SOLUTIONS)
def test_the_solutions_are_accepted_every_time(name):
    assert all(check(name, SOLUTIONS[name]).ok for _ in range(20))


@pytest.mark.parametrize("name", SOLUTIONS)
@pytest.mark.parametrize("junk", JUNK, ids=range(len(JUNK)))
def test_junk_is_answered_and_never_accepted(name, junk):
    verdict = check(name, junk)
    assert not verdict.ok
    assert len(verdict.message) > 10


@pytest.mark.parametrize("name", SOLUTIONS)
def test_a_blank_is_not_tried_yet(name):
    assert "Not tried yet" in repr(check(name, None))


@pytest.mark.parametrize(
    ("name", "answer", "advice"),
    [
        ("01.agree", lambda s, d: s * d, "minus places that differ"),
        ("01.agree", lambda s, d: d * (1 - s) / 2, "places that differ"),
        ("01.agree", lambda s, d: (1 + s) / 2, "multiply by D"),
        ("01.agree", lambda s, d: 7, "expected"),
        ("01.needed", lambda sd: 1 / sd**2, "round up"),
        ("01.needed", lambda sd: math.floor(1 / sd**2), "round up"),
        ("01.needed", lambda sd: math.ceil(1 / sd), "square it"),
        ("01.needed", lambda sd: 40_000, "expected"),
        ("01.at_least", lambda d, k: math.comb(d, k) / 2**d, "exactly k"),
        ("01.at_least", lambda d, k: nb01.at_least(d, k + 1), "leaves out k itself"),
        ("01.at_least", lambda d, k: 1 - nb01.at_least(d, k), "other side"),
        ("01.at_least", lambda d, k: 2 * nb01.at_least(d, k), "both sides"),
        ("01.at_least", lambda d, k: 0.9999, "expected"),
        ("01.fit", lambda d, e: 0.01 * math.exp(d * e**2 / 2), "take the root"),
        ("01.fit", lambda d, e: math.exp(d * e**2 / 4), "forgets the 0.01"),
        ("01.fit", lambda d, e: -1, "expected"),
        ("01.twice", lambda p, q: 1 - 2 * (p + q), "right again"),
        ("01.twice", lambda p, q: 1 - p - q, "disagrees"),
        ("01.twice", lambda p, q: (1 - p) * (1 - q), "tossed anew"),
        ("01.twice", lambda p, q: p + q - 2 * p * q, "share of wrong bits"),
        ("01.twice", lambda p, q: 2, "expected"),
        ("01.recognise", lambda x, b: (b.float() @ x.float()).max(0), "alone"),
        ("01.recognise", lambda x, b: b.float() @ x.float(), "place of the greatest"),
        ("01.recognise", lambda x, b: (b.float() @ x.float()).argmin(), "least similar"),
        ("01.recognise", lambda x, b: (b.float() @ x.float()).max(), "its place"),
        ("01.recognise", lambda x, b: 0, "damaged copy of row"),
    ],
)
def test_near_misses_are_named(name, answer, advice):
    assert advice in check(name, answer).message


def test_sums_of_int8_overflow_and_the_check_says_so():
    seen = {check("01.recognise", lambda x, b: int((b @ x).argmax())).message for _ in range(20)}
    assert any("overflowed" in message for message in seen)


def test_places_may_be_rounded_and_tensors_returned():
    assert check("01.agree", lambda s, d: round(d * (1 + s) / 2)).ok
    assert check("01.twice", lambda p, q: torch.tensor(nb01.twice(p, q), dtype=torch.float64)).ok
    assert check("01.fit", lambda d, e: math.floor(nb01.fit(d, e))).ok
    assert check("01.recognise", lambda x, b: (b.float() @ x.float()).argmax()).ok


def test_a_remembered_number_fails():
    for name in ("01.agree", "01.at_least", "01.twice"):
        seen = {check(name, lambda *given: 0.125).message for _ in range(4)}
        assert len(seen) > 1, "the check draws no fresh numbers"


@pytest.mark.parametrize("name", SOLUTIONS)
def test_hints_and_solutions_exist(name):
    assert [f"Hint {i} of 3" in repr(hint(name)) for i in (1, 2, 3)] == [True] * 3
    assert "def " in repr(solution(name))


def test_the_quiz_can_be_won():
    card = quiz("01.quiz")
    card.answers = [
        next(i for i, choice in enumerate(question.choices) if choice.right)
        for question in card.questions
    ]
    assert card.score == len(card.questions) == 7
    assert all(choice.why for question in card.questions for choice in question.choices)
