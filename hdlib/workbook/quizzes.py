"""Quizzes: single-choice questions that explain every answer at once.

>>> sky = Question("What colour is the sky?", [
...     Choice("blue", "Short waves scatter most.", right=True), Choice("green", "Look up.")])
>>> card = quiz([sky])
>>> card.answers = [0]
>>> card.score
1
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import traitlets as t

from hdlib.workbook.controls import ControlError
from hdlib.workbook.registry import Registry
from hdlib.workbook.widget import HERE, Widget


@dataclass(frozen=True)
class Choice:
    """One answer to a question, and why it is right or wrong."""

    text: str
    why: str
    right: bool = False


@dataclass(frozen=True)
class Question:
    """A question with at least two choices, exactly one of them right.

    Raises:
        ValueError: fewer choices, or not one right.
    """

    text: str
    choices: Sequence[Choice]

    def __post_init__(self) -> None:
        right = sum(choice.right for choice in self.choices)
        if len(self.choices) < 2 or right != 1:
            raise ValueError(
                f"Question: {len(self.choices)} choices, {right} of them right; "
                "give two or more and mark one as right"
            )


_QUIZZES: Registry[Sequence[Question]] = Registry("quiz")


def register_quiz(name: str, questions: Sequence[Question]) -> None:
    """Make `questions` known by a name, such as "00.quiz"."""
    _QUIZZES.add(name, questions)


def quiz(questions: str | Sequence[Question]) -> "Quiz":
    """Ask `questions`, or those of a quiz of the course by its name.

    Raises:
        KeyError: there is no quiz of this name.
    """
    return Quiz(_QUIZZES[questions] if isinstance(questions, str) else questions)


class Quiz(Widget):
    """The questions on the page; `answers` holds the number of each choice made, None before."""

    _esm = HERE / "quizzes.js"
    _questions: t.List[Any] = t.List().tag(sync=True)
    answers: t.List[Any] = t.List().tag(sync=True)

    def __init__(self, questions: Sequence[Question]) -> None:
        self.questions = list(questions)
        plain = [
            {
                "text": question.text,
                "choices": [
                    {"text": choice.text, "why": choice.why, "right": choice.right}
                    for choice in question.choices
                ],
            }
            for question in self.questions
        ]
        super().__init__(_questions=plain, answers=[None] * len(plain))

    @t.validate("answers")
    def _check(self, proposal: Any) -> Any:
        answers = proposal["value"]
        sizes = [len(question.choices) for question in self.questions]
        if len(answers) != len(sizes) or not all(
            answer is None or (isinstance(answer, int) and 0 <= answer < size)
            for answer, size in zip(answers, sizes, strict=False)
        ):
            raise ControlError(f"answers: {answers} do not fit questions with {sizes} choices")
        return answers

    @property
    def score(self) -> int:
        """How many answers are right."""
        return sum(
            answer is not None and question.choices[answer].right
            for question, answer in zip(self.questions, self.answers, strict=True)
        )

    def __repr__(self) -> str:
        lines: list[str] = []
        for number, question in enumerate(self.questions, 1):
            lines.append(f"{number}. {question.text}")
            lines += [
                f"   {letter}) {choice.text}"
                for letter, choice in zip("abcdefgh", question.choices, strict=False)
            ]
        return "\n".join(lines)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle, *_ = super()._repr_mimebundle_(**kwargs) or ({},)
        saved = {"text/plain": repr(self), "text/html": "".join(map(_html, self.questions))}
        return bundle | saved


def _html(question: Question) -> str:
    """The question for a page without a kernel, its answer folded."""
    items = "".join(f"<li>{escape(choice.text)}</li>" for choice in question.choices)
    right = next(choice for choice in question.choices if choice.right)
    return (
        f'<p><strong>{escape(question.text)}</strong></p><ol type="a">{items}</ol>'
        f"<details><summary>Answer</summary>{escape(right.text)}: {escape(right.why)}</details>"
    )
