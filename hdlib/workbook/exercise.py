"""Exercises that answer: check what the reader found, give a hint, show a tested solution.

>>> def six_times_seven():
...     return 6 * 7
>>> def complaint(answer):
...     if answer != 42:
...         return f"{answer} is not six times seven."
>>> register(Exercise("99.product", "What is six times seven?", complaint,
...                   hints=("Count.", "Use *.", "6 * 7"), solution=six_times_seven))
>>> check("99.product", None)
○ Not tried yet: What is six times seven?
>>> check("99.product", 41)
✗ Not yet. 41 is not six times seven. `hint("99.product")` helps.
>>> check("99.product", 42)
✓ Right.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from hdlib.workbook.registry import Registry
from hdlib.workbook.source import Source
from hdlib.workbook.verdict import Verdict


@dataclass(frozen=True)
class Exercise:
    """A question, what is wrong with an answer, three hints, and a tested solution.

    `complaint(answer)` gives None for a right answer and otherwise a sentence that helps; an
    AssertionError that it raises counts as that sentence. It may assume that the answer is of the
    right kind: whatever else it raises is told to the reader as an answer that could not be used.
    `praise` is said when the answer is right: what it shows.
    """

    name: str
    question: str
    complaint: Callable[[Any], str | None]
    hints: tuple[str, str, str]
    solution: Callable[..., Any]
    praise: str = ""
    points: int = 1


_EXERCISES: Registry[Exercise] = Registry("exercise")
_hints_given: dict[str, int] = {}


def register(exercise: Exercise) -> None:
    """Make `exercise` known by its name, and begin its hints anew."""
    _EXERCISES.add(exercise.name, exercise)
    _hints_given.pop(exercise.name, None)


def check(name: str, answer: Any) -> Verdict:
    """Say whether `answer` is right, and if not, why; never raise because of an answer.

    Raises:
        KeyError: there is no such exercise.
    """
    exercise = _EXERCISES[name]
    if answer is None:
        return Verdict("open", f"Not tried yet: {exercise.question}")
    try:
        complaint = exercise.complaint(answer)
    except AssertionError as error:
        complaint = str(error) or "This is not it."
    except (Exception, SystemExit) as error:
        complaint = f"{_kind(answer)} could not be used here ({_reason(error)})."
    if complaint is None:
        points = f"{exercise.points} points." if exercise.points > 1 else ""
        return Verdict("right", exercise.praise, points)
    return Verdict("wrong", complaint, f'`hint("{name}")` helps.')


def hint(name: str) -> Verdict:
    """Give the next of three hints, from mild to plain; a new kernel begins with the first.

    Raises:
        KeyError: there is no such exercise.
    """
    exercise = _EXERCISES[name]
    given = min(_hints_given.get(name, 0) + 1, len(exercise.hints))
    _hints_given[name] = given
    last = given == len(exercise.hints)
    more = f'That was the last; `solution("{name}")` shows the way.' if last else ""
    return Verdict(
        "open", f"Hint {given} of {len(exercise.hints)}: {exercise.hints[given - 1]}", more
    )


def solution(name: str) -> Source:
    """Show the solution, folded until it is opened: the code that the tests run.

    Raises:
        KeyError: there is no such exercise.
    """
    return Source(_EXERCISES[name].solution, f"Solution of {name}")


def _kind(answer: Any) -> str:
    shape = None
    with suppress(Exception):  # an attribute can raise as well
        shape = answer.shape
    kind = type(answer).__name__
    if callable(answer):
        return "The function"
    return f"A {kind}" + (f" of shape {tuple(shape)}" if isinstance(shape, tuple) else "")


def _reason(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:160]}" if lines else type(error).__name__
