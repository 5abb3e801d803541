"""What holds for the exercises and the quiz of every notebook, as one class of tests."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import torch

from hdlib.workbook import check, hint, solution
from hdlib.workbook.quizzes import quiz

JUNK = [
    *(0, -1, 0.5, math.nan, math.inf, True, "", "?", [], {}, object(), torch.zeros(3), print),
    lambda: 1,
    lambda *given: None,
    lambda *given: 0,
    lambda *given: "1",
    lambda *given: "no",
    lambda *given: 1e9,
    lambda *given: math.nan,
    lambda *given: True,
    lambda *given: given[0],
]
Near = Sequence[tuple[str, Any, str]]


def lesson(notebook: str, solutions: Mapping[str, Any], near: Near, questions: int) -> type:
    """Tests of a notebook: right answers by exercise, wrong ones with the advice they deserve."""
    each = pytest.mark.parametrize("name", solutions)

    class TestLesson:
        @each
        def test_the_solution_is_accepted_every_time(self, name):
            assert all(check(name, solutions[name]).ok for _ in range(5))  # instances are fresh

        @each
        @pytest.mark.parametrize("junk", JUNK, ids=range(len(JUNK)))
        def test_junk_is_answered_and_never_accepted(self, name, junk):
            verdict = check(name, junk)
            assert not verdict.ok
            assert len(verdict.message) > 10

        @each
        def test_a_blank_is_not_tried_yet(self, name):
            assert "Not tried yet" in repr(check(name, None))

        @pytest.mark.parametrize(("name", "answer", "advice"), near)
        def test_near_misses_are_named(self, name, answer, advice):
            verdict = check(name, answer)
            assert not verdict.ok
            assert advice in verdict.message

        @each
        def test_hints_and_solutions_exist(self, name):
            assert all(f"Hint {i} of 3" in repr(hint(name)) for i in (1, 2, 3))
            assert "def " in repr(solution(name))

        def test_the_quiz_can_be_won_and_says_why(self):
            card = quiz(f"{notebook}.quiz")
            card.answers = [
                next(i for i, choice in enumerate(question.choices) if choice.right)
                for question in card.questions
            ]
            assert card.score == len(card.questions) == questions
            assert all(choice.why for question in card.questions for choice in question.choices)

    return TestLesson
