"""Controls take what they can show, refuse the rest, and never lose the old value."""

import math
from typing import Any

import pytest

from hdlib.workbook import Area, Button, Select, Slider, Text, Toggle

DIMENSIONS = [64, 256, 1024, 16384]


@pytest.mark.parametrize(
    ("control", "bad"),
    [
        (Slider("items", 3, min=1, max=9), [0, 10, 2.5, "3", None, math.nan, math.inf, True]),
        (Slider("noise", 0.1, min=0, max=0.5, step=0.05), [0.12, -0.05, 0.55, [], 1j]),
        (Slider("dimension", 256, values=DIMENSIONS), [65, 128, 0, "256", {}]),
        (Select("model", ["MAPI", "BSC"], "BSC"), ["bsc", "", None, 0, ["BSC"]]),
        (Text("name", "a", max_length=3), ["abcd", None, 3]),
        (Area("records", "[]", max_length=3), ["[1, 2]", None, 3, ["[]"]]),
        (Toggle("bound"), [1, "yes", None]),
        (Button("again"), [-1, 0.5, True, None]),
    ],
)
def test_bad_values_leave_the_old_one(control: Any, bad: list[Any]) -> None:
    old = control.value
    for value in bad:
        with pytest.raises(ValueError, match=control.label):
            control.value = value
        assert control.value == old
        with pytest.raises(ValueError, match=control.label):  # from the page
            control.set_state({"value": value})
        assert control.value == old


def test_good_values_reach_observers() -> None:
    slider, seen = Slider("items", 3, min=1, max=9), []
    slider.observe(lambda change: seen.append(change["new"]), "value")
    slider.value = 4
    slider.value = 5.0
    slider.set_state({"value": 6})
    assert seen == [4, 5, 6]
    assert all(isinstance(value, int) for value in seen)


def test_steps_have_no_rounding_dust() -> None:
    slider = Slider("noise", 0, min=0, max=1, step=0.1)
    slider.value = 0.1 * 3
    assert slider.value == 0.3
    slider.value = 1
    assert (slider.value, type(slider.value)) == (1.0, float)


def test_numbers_are_shown_with_separators_and_unit() -> None:
    assert Slider("D", 16384, values=DIMENSIONS, unit="bits").text == "16,384\u202fbits"
    assert Slider("noise", 0.1, min=0, max=0.5, step=0.05).text == "0.10"
    assert Slider("rate", 0.001, values=[0.001, 0.01, 0.5]).text == "0.001"
    assert Slider("rate", 0.5, values=[0.001, 0.01, 0.5]).text == "0.5"


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ((1,), {"min": 1, "max": 1}),
        ((1,), {"min": 0, "max": 5, "step": 0}),
        ((1,), {"min": 0, "max": 5, "step": 6}),
        ((1,), {}),
        ((9,), {"min": 0, "max": 5}),
        ((3,), {"values": [1, 2]}),
        ((1,), {"values": [1, 2, 2]}),
        ((1,), {"values": [1]}),
    ],
)
def test_impossible_sliders_are_refused(arguments: Any, options: Any) -> None:
    with pytest.raises(ValueError, match="items"):
        Slider("items", *arguments, **options)
    with pytest.raises(ValueError, match="no options"):
        Select("model", [])


def test_choices_are_ends_middle_and_options() -> None:
    assert Slider("items", 3, min=1, max=9).choices() == [1, 5, 9]
    assert Slider("half steps", 0, min=0, max=1.2, step=0.5).choices() == [0, 0.5, 1]
    assert Slider("D", 256, values=DIMENSIONS).choices() == [64, 1024, 16384]
    assert Select("model", {"a": "A", "b": "B"}).choices() == ["a", "b"]
    assert Toggle("bound").choices() == [False, True]


def test_a_button_counts() -> None:
    again = Button("Draw again")
    again.press()
    again.press()
    assert again.value == 2


def test_lines_of_an_area_have_one_kind_of_end() -> None:
    lines = Area("lines", "a", examples=["b"])
    lines.value = "one\r\ntwo\rthree\n"
    assert lines.value == "one\ntwo\nthree\n"
    assert "14 characters" in repr(lines)
    assert lines.choices() == ["b", lines.value]
