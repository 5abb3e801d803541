"""Explorers answer at once, measure behind, say what fails, and save the same words every time."""

import asyncio
import threading
import time
from typing import Any

import plotly.graph_objects as go
import pytest

from hdlib.workbook import Button, Explorer, Select, Slider, Text, Toggle, drive, style
from hdlib.workbook.behind import StaleError


def update(k: int, model: str = "BSC", **_: Any) -> Any:
    if k == 7:
        raise ValueError("k = 7 is forbidden.")
    x = list(range(200))
    return {"line": {"y": [k * v for v in x]}}, f"It climbs by {k}", f"{model}: the slope is {k}."


def card(update: Any = update, slow: Any = None, **more: Any) -> Explorer:
    figure = go.Figure([style.exact(list(range(200)), [0] * 200, "line"), go.Scatter(name="dots")])
    return Explorer(
        "move k", {"k": Slider("k", 1, min=0, max=9), **more}, figure, update, slow=slow
    )


def fail() -> None:
    raise ValueError("too far")


def test_a_control_moves_figure_and_words(wire: Any) -> None:
    explorer = card(model=Select("model", ["BSC", "MAPI"]))
    assert explorer.words == explorer.figure.alt == "BSC: the slope is 1."
    wire.clear()
    explorer.controls["k"].value = 3
    assert explorer.figure.figure.data[0].y[2] == 6
    assert explorer.figure.figure.layout.title.text == "It climbs by 3"
    assert explorer.words == "BSC: the slope is 3."
    assert sum(wire.sizes) < 10_000  # figure, words and the control itself
    explorer.controls["model"].value = "MAPI"
    assert explorer.words == "MAPI: the slope is 3."


def test_drive_finds_what_works_and_what_does_not() -> None:
    def all_controls(k: int, **values: Any) -> Any:
        return {"line": {"y": [k, k]}}, f"k = {k}", f"{k} with {sorted(values.items())}."

    controls = {
        "model": Select("model", ["BSC", "MAPI"]),
        "name": Text("name", "a"),
        "bound": Toggle("bound"),
        "again": Button("again"),
    }
    steps = drive(card(all_controls, **controls))
    assert {step.control for step in steps} == {"k", *controls}
    assert all(step.seconds < 0.3 for step in steps)
    with pytest.raises(AssertionError, match="idle changes neither"):
        drive(card(idle=Slider("idle", 1, min=1, max=3)))
    with pytest.raises(AssertionError, match=r"k = 9.*too far"):
        drive(card(lambda k: fail() if k == 9 else update(k)))
    with pytest.raises(AssertionError, match=r"over 0\.0 s"):
        drive(card(), limit=0.0)


def test_an_error_is_said_in_the_card_and_changes_nothing() -> None:
    explorer = card()
    before = explorer.figure.figure.to_json()
    explorer.controls["k"].value = 7
    assert "k = 7 is forbidden." in explorer.words
    assert isinstance(explorer.error, ValueError)
    assert explorer.figure.figure.to_json() == before
    explorer.controls["k"].value = 8
    assert (explorer.words, explorer.error) == ("BSC: the slope is 8.", None)


@pytest.mark.parametrize(
    "bad",
    [
        lambda k: ({"nobody": {"y": [1]}}, "title", "words"),
        lambda k: ({"line": {"why": [1]}}, "title", "words"),
        lambda k: ({"line": {"y": [1]}}, {"nonsense": 1}, "words"),
        lambda k: ({"line": {"y": [1]}}, "title"),
        lambda k: None,
    ],
)
def test_a_broken_update_is_raised_at_the_start_and_said_later(bad: Any) -> None:
    with pytest.raises((KeyError, ValueError, TypeError)):
        card(bad)
    explorer = card(lambda k: bad(k) if k == 2 else update(k))
    before = explorer.figure.figure.to_json()
    explorer.controls["k"].value = 2
    assert explorer.error is not None
    assert explorer.words.startswith("These settings do not work")
    assert explorer.figure.figure.to_json() == before


def test_two_figures_change_together_or_not_at_all() -> None:
    def both(k: int) -> Any:
        second: Any = {"nonsense": k} if k == 2 else {"y": [k, k]}
        return [{"line": {"y": [k]}}, {"line": second}], ["one", {"title": "two"}], f"k = {k}."

    figures = [go.Figure(style.exact([0], [0], "line")) for _ in range(2)]
    explorer = Explorer("move k", {"k": Slider("k", 1, min=0, max=9)}, figures, both)
    explorer.controls["k"].value = 3
    assert [view.figure.layout.title.text for view in explorer.figures] == ["one", "two"]
    explorer.controls["k"].value = 2
    assert [view.figure.data[0].y[0] for view in explorer.figures] == [3, 3]


def test_too_much_for_one_card_is_refused() -> None:
    with pytest.raises(ValueError, match="6 controls"):
        card(**{name: Toggle(name) for name in "abcde"})
    with pytest.raises(ValueError, match="3 figures"):
        Explorer("move", {}, [go.Figure()] * 3, update)


def measure(progress: Any, k: int) -> Any:
    for step in range(10):
        progress(step / 10)
        time.sleep(0.005)
    if k == 5:
        raise ValueError("nothing to measure at 5.")
    return {"dots": {"x": [0], "y": [k]}}, {}, f"measured {k}."


def test_slow_work_fills_in_behind() -> None:
    explorer = card(slow=measure)
    dots = explorer.figure.figure.data[1]
    assert explorer.words == "BSC: the slope is 1."  # at once
    explorer.wait()
    assert (explorer.words, dots.y[0]) == ("measured 1.", 1)
    explorer.controls["k"].value = 2
    assert dots.visible is False  # old points never stand beside a new curve
    explorer.controls["k"].value = 3
    explorer.wait()
    assert (explorer.words, dots.y[0], dots.visible) == ("measured 3.", 3, True)
    explorer.controls["k"].value = 5
    explorer.wait()
    assert "nothing to measure at 5." in explorer.words
    explorer.controls["k"].value = 1  # remembered: no waiting
    assert (explorer.words, explorer.error) == ("measured 1.", None)


def test_only_the_newest_question_is_answered() -> None:
    gate, begun, ended = threading.Event(), [], []

    def gated(progress: Any, k: int) -> Any:
        begun.append(k)
        gate.wait(5)
        try:
            progress(0.5)
        except StaleError:
            ended.append(k)
            raise
        return {}, {}, f"measured {k}."

    explorer = card(slow=gated)
    for k in (2, 3, 4):
        explorer.controls["k"].value = k
    gate.set()
    explorer.wait()
    assert explorer.words == "measured 4."
    assert (begun, ended) == ([1, 4], [1])


def test_in_an_event_loop_answers_come_by_themselves() -> None:
    async def main() -> Explorer:
        explorer = card(slow=measure)
        explorer.controls["k"].value = 4
        moved = []
        explorer._line.observe(lambda change: moved.append(change["new"]), "progress")
        for _ in range(200):
            await asyncio.sleep(0.01)
            if explorer.words == "measured 4.":
                break
        assert moved[-1] is None
        return explorer

    assert asyncio.run(main()).words == "measured 4."


def test_waiting_has_an_end() -> None:
    gate = threading.Event()
    explorer = card(slow=lambda progress, k: gate.wait(5) and ({}, {}, "done."))
    with pytest.raises(TimeoutError, match=r"0\.01 s"):
        explorer.wait(0.01)
    gate.set()
    assert explorer.wait().words == "done."


def test_the_saved_words_do_not_depend_on_measuring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HDLIB_PICTURES", raising=False)
    explorer = card(slow=measure)
    first, _ = explorer._repr_mimebundle_()
    explorer.wait()
    second, _ = explorer._repr_mimebundle_()
    assert first == second  # and showing it twice works
    assert first["text/plain"] == "BSC: the slope is 1."
    assert "application/vnd.jupyter.widget-view+json" in first
