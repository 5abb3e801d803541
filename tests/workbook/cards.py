"""What holds for the cards of every notebook, as one class of tests."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from hdlib.workbook.driving import drive
from hdlib.workbook.explorer import Explorer

DASHES = {"exact": "solid", "approximate": "dot", "sufficient": "dash"}
KINDS = (*DASHES, "measured", "samples", "band", "here")


def trace(view: Any, name: str) -> Any:
    """The trace of a live figure that bears this name."""
    return next(each for each in view.figure.data if each.name == name)


def deck(makers: Sequence[Callable[..., Explorer]], drawings: Sequence[str] = ()) -> type:
    """Tests of a notebook's cards: they answer at once, and each trace says what it is.

    drawings: names of traces that are neither theory nor measurement, such as a graph's nodes.
    """
    each = pytest.mark.parametrize("make", makers, ids=lambda make: make.__name__)

    class TestDeck:
        @pytest.mark.alone
        @each
        def test_every_control_answers_at_once_and_changes_something(self, make):
            assert np.median([step.seconds for step in drive(make())]) < 0.1

        @each
        def test_every_trace_says_what_it_is(self, make):
            for view in make().wait().figures:
                for one in view.figure.data:
                    assert one.meta in KINDS or one.name in drawings, one.name
                    if one.meta in DASHES and one.type == "scatter" and one.line.width:
                        assert one.line.dash == DASHES[one.meta], one.name

    return TestDeck
