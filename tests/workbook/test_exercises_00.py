"""The exercises of notebook 00: solutions are right, wrong answers get the advice that fits."""

import math

import pytest
import torch

from hdlib import BSC
from hdlib.workbook import check, hint, solution
from hdlib.workbook.exercises import nb00
from hdlib.workbook.quizzes import quiz

NAMES = ["00.city", "00.similarity", "00.ask"]
JUNK = [
    0,
    -1,
    math.nan,
    math.inf,
    "",
    "?",
    [],
    {},
    object(),
    torch.zeros(3),
    lambda: 1,
    print,
    True,
]


def test_the_solutions_are_accepted():
    assert check("00.city", nb00.city()).ok
    assert check("00.similarity", nb00.similarity()).ok
    assert check("00.ask", nb00.ask).ok


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: type(junk).__name__)
def test_junk_is_answered_and_never_accepted(name, junk):
    verdict = check(name, junk)
    assert not verdict.ok
    assert len(verdict.message) > 10


@pytest.mark.parametrize("name", NAMES)
def test_a_blank_is_not_tried_yet(name):
    assert "Not tried yet" in repr(check(name, None))


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        ("yen", "Japan's currency"),
        ("Paris", "where the question starts"),
        ("Lima", "not in the record of Japan"),
        (("Tokyo", 0.25), "the label alone"),
    ],
)
def test_near_misses_in_the_city_are_named(answer, advice):
    assert advice in check("00.city", answer).message


@pytest.mark.parametrize(
    ("answer", "advice"),
    [
        (3 / 8, "two"),
        (3 / 8 * 0.8, "one record and noise"),
        (9 / 64, "without noise"),
        (9 / 64 * 0.9, "counts twice"),
        (0.2, "three facts"),
        (0.9, "too large"),
        (0.01, "too small"),
    ],
)
def test_near_misses_in_the_similarity_are_named(answer, advice):
    assert advice in check("00.similarity", answer).message


def test_a_similarity_may_come_as_a_tensor():
    assert check("00.similarity", torch.tensor(0.1125)).ok


def test_an_ask_that_returns_too_much_or_the_wrong_thing_is_told_so():
    def with_score(vsa: BSC, record, field, candidates):
        return nb00.ask(vsa, record, field, candidates), 0.5

    assert "label alone" in check("00.ask", with_score).message
    assert "came out as" in check("00.ask", lambda vsa, r, f, c: c[0]).message


@pytest.mark.parametrize("name", NAMES)
def test_hints_and_solutions_exist(name):
    assert "Hint 1 of 3" in repr(hint(name))
    assert "def " in repr(solution(name))


def test_the_quiz_can_be_won():
    card = quiz("00.quiz")
    card.answers = [
        next(i for i, choice in enumerate(question.choices) if choice.right)
        for question in card.questions
    ]
    assert card.score == len(card.questions) == 3
