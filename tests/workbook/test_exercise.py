"""Checks help and never raise, hints go from mild to plain, solutions show their code."""

import sys
from typing import Any

import numpy as np
import pytest
import torch

from hdlib.workbook import Exercise, check, hint, solution
from hdlib.workbook.exercise import register


def double(x: int) -> int:
    """Twice x."""
    return 2 * x  # <b> & "quotes"


def complaint(answer: Any) -> str | None:
    assert callable(answer), "Give a function."
    return None if answer(4) == 8 else f"f(4) is {answer(4)}, not 8."


def scalar(answer: Any) -> str | None:
    return None if abs(answer - 0.5) < 0.01 else "Half of them."


@pytest.fixture(autouse=True)
def exercises() -> None:
    hints = ("Think.", "Twice.", "`2 * x`")
    register(Exercise("98.double", "Write f.", complaint, hints, double, "It doubles.", points=2))
    register(Exercise("98.scalar", "How many?", scalar, hints, double))


def test_right_wrong_and_not_yet() -> None:
    assert repr(check("98.double", None)) == "○ Not tried yet: Write f."
    assert repr(check("98.double", double)) == "✓ Right. It doubles. 2 points."
    assert check("98.double", double).ok
    wrong = check("98.double", lambda x: x)
    assert not wrong.ok
    assert repr(wrong) == '✗ Not yet. f(4) is 4, not 8. `hint("98.double")` helps.'
    assert "Give a function." in repr(check("98.double", 3))


@pytest.mark.parametrize(
    "answer",
    [
        "half",
        float("nan"),
        np.nan,
        np.zeros((2, 3)),
        torch.zeros(0),
        [],
        {},
        object(),
        lambda: 1 / 0,
        lambda x: sys.exit(1),
        lambda x: undefined,  # noqa: F821
        type("Odd", (), {"__eq__": lambda self, other: 1 / 0})(),
        type("Odd", (), {"shape": property(lambda self: 1 / 0)})(),
        type("Odd", (), {"__repr__": lambda self: 1 / 0, "__call__": lambda self, x: self})(),
    ],
)
@pytest.mark.parametrize("name", ["98.double", "98.scalar"])
def test_no_answer_breaks_the_check(name: str, answer: Any) -> None:
    verdict = check(name, answer)
    assert not verdict.ok
    assert len(repr(verdict)) < 400
    assert verdict._repr_html_().startswith("<div")


def test_the_same_answer_gets_the_same_words() -> None:
    assert repr(check("98.scalar", np.zeros((2, 3)))) == repr(check("98.scalar", np.zeros((2, 3))))
    assert "0x" not in repr(check("98.scalar", object()))


def test_hints_climb_and_stay_on_the_last() -> None:
    said = [repr(hint("98.double")) for _ in range(4)]
    assert ["Think." in said[0], "Twice." in said[1], "`2 * x`" in said[2]] == [True] * 3
    assert said[3] == said[2]
    assert "solution" in said[2]


def test_solutions_are_folded_code() -> None:
    shown = solution("98.double")
    assert repr(shown).startswith("def double(x: int) -> int:")
    html = shown._repr_html_()
    assert "<details" in html
    assert "<details open" not in html
    assert "<b>" not in html


def test_unknown_names_are_met_with_near_ones() -> None:
    for function in (lambda name: check(name, 1), hint, solution):
        with pytest.raises(KeyError, match=r"98\.double"):
            function("98.duble")
    with pytest.raises(KeyError, match="no exercise"):
        check("97.nothing", 1)
    with pytest.raises(KeyError, match="no exercise"):
        check("../etc", 1)


def test_html_is_escaped() -> None:
    register(Exercise("98.html", "<script>", lambda a: "<i>`a < b`</i>", ("", "", ""), double))
    assert "<script>" not in check("98.html", None)._repr_html_()
    assert "&lt;i&gt;<code>a &lt; b</code>" in check("98.html", 1)._repr_html_()
