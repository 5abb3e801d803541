"""Quizzes count, refuse what does not fit, and can be read without a kernel."""

import pytest

from hdlib.workbook import Choice, Question, predict, quiz
from hdlib.workbook.quizzes import register_quiz

BLUE = Question("What <colour> is the sky?", [Choice("green", "No."), Choice("blue", "Yes.", True)])
TWO = Question("One and one?", [Choice("two", "Count.", True), Choice("three", "Too many.")])


def test_answers_are_scored() -> None:
    card = quiz([BLUE, TWO])
    assert (card.answers, card.score) == ([None, None], 0)
    card.answers = [1, 1]
    assert card.score == 1
    card.set_state({"answers": [1, 0]})
    assert card.score == 2


@pytest.mark.parametrize("bad", [[0], [0, 2], [0, -1], ["a", 0], [0, 0, 0]])
def test_impossible_answers_leave_the_old_ones(bad: list[object]) -> None:
    card = quiz([BLUE, TWO])
    card.answers = [1, None]
    with pytest.raises(ValueError, match="do not fit"):
        card.answers = bad
    assert card.answers == [1, None]


def test_a_question_has_one_right_choice() -> None:
    for choices in ([], [Choice("a", "", True)], [Choice("a", ""), Choice("b", "")],
                    [Choice("a", "", True), Choice("b", "", True)]):  # fmt: skip
        with pytest.raises(ValueError, match="mark one as right"):
            Question("?", choices)


def test_it_can_be_read_without_a_kernel() -> None:
    bundle = quiz([BLUE])._repr_mimebundle_()
    assert bundle["text/plain"] == "1. What <colour> is the sky?\n   a) green\n   b) blue"
    assert "&lt;colour&gt;" in bundle["text/html"]
    assert "<details>" in bundle["text/html"]


def test_quizzes_have_names() -> None:
    register_quiz("98.quiz", [BLUE])
    assert quiz("98.quiz").questions == [BLUE]
    with pytest.raises(KeyError, match=r"98\.quiz"):
        quiz("98.quizz")


def test_a_guess_is_logged_before_the_answer() -> None:
    card = predict("How similar?", value=0.5, min=0, max=1, step=0.05)
    assert card.guess is None
    assert repr(card.compare(0)) == "○ No guess was logged. The answer is 0.00."
    card.slider.value = 0.25
    card.log.press()
    assert card.guess == 0.25
    assert "off by 0.25" in repr(card.compare(0))
    assert "exactly" in repr(card.compare(0.25))
    assert card._repr_mimebundle_()["text/plain"] == "Predict: How similar?"
