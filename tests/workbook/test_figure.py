"""Live figures: checked before anything changes, small on the wire, and saved with words."""

import base64
import shutil
import struct
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from hdlib.workbook import LiveFigure, style
from hdlib.workbook.pack import pack


def line_figure(points: int = 200) -> LiveFigure:
    x = np.linspace(0, 1, points)
    traces = [
        style.exact(x, x, "theory", "BSC"),
        style.measured(x[::20], x[::20], None, "measured"),
    ]
    return LiveFigure(go.Figure(traces, {"title": {"text": "A line"}}), alt="A line rises.")


def test_update_changes_traces_layout_and_words_in_one_small_message(wire: Any) -> None:
    view = line_figure()
    assert wire.sizes[-1] < 30_000  # the opening, with script and style
    wire.clear()
    view.update({"theory": {"y": np.linspace(0, 2, 200)}}, title="Steeper", alt="Twice as steep.")
    assert len(wire.messages) == 1
    assert wire.sizes[0] < 10_000
    state = wire.messages[0][1]["state"]
    assert set(state) == {"_trace0", "_layout", "alt"}
    assert state["_layout"]["title"]["text"] == "Steeper"
    assert view.figure.data[0].y[-1] == 2


@pytest.mark.parametrize(
    ("traces", "layout"),
    [
        ({"theory": {"y": [1, 2]}, "nobody": {"y": [1]}}, {}),
        ({"theory": {"y": [1, 2]}, "measured": {"line": {"dash": 7}}}, {}),
        ({"theory": {"y": [1, 2], "colour": "red"}}, {}),
        ({"theory": {"y": [1, 2]}, 2: {"y": [1]}}, {}),
        ({"theory": {"y": [1, 2]}}, {"height": "tall"}),
        ({"theory": {"y": [1, 2]}}, {"title": "new", "nonsense": 1}),
        ({"theory": {"y": [1, 2]}}, {"annotations": [{"text": "a", "where": 1}]}),
    ],
)
def test_a_failed_update_changes_nothing(wire: Any, traces: Any, layout: Any) -> None:
    view = line_figure()
    before = view.figure.to_json()
    wire.clear()
    with pytest.raises((KeyError, ValueError)):
        view.update(traces, alt="new", **layout)
    assert view.figure.to_json() == before
    assert view.alt == "A line rises."
    assert wire.messages == []


def test_lists_in_the_layout_are_replaced() -> None:
    view = line_figure()
    view.update(annotations=[{"text": "a", "showarrow": False}, {"text": "b"}])
    view.update(annotations=[{"text": "c"}])
    assert [(note.text, note.showarrow) for note in view.figure.layout.annotations] == [("c", None)]


def test_number_arrays_travel_as_binary() -> None:
    for values, kind in [
        (np.arange(9), "i4"),
        (np.arange(9) * 2**40, "f8"),
        (np.zeros(9, np.float32), "f4"),
        (list(range(9)), "i4"),
        (tuple(i / 7 for i in range(9)), "f8"),
    ]:
        packed = pack({"y": values})["y"]
        assert packed["dtype"] == kind
        assert np.frombuffer(packed["bdata"], kind).tolist() == list(values)
    assert pack(np.zeros((2, 3)))["shape"] == "2,3"
    assert pack({"x": ["a", "b"], "y": [1, 2], "z": np.array(["u"])}) == {
        "x": ["a", "b"],
        "y": [1, 2],
        "z": ["u"],
    }
    assert pack([True] * 9) == [True] * 9


def test_the_kernel_gives_plotly_when_asked(wire: Any) -> None:
    view = line_figure()
    wire.clear()
    view._handle_custom_msg("plotly.js?", [])
    assert 1_000_000 < wire.sizes[0] < 2_000_000


def test_what_is_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    view = line_figure()
    monkeypatch.delenv("HDLIB_PICTURES", raising=False)
    bundle, _ = view._repr_mimebundle_()
    assert bundle["text/plain"] == repr(view) == "A line rises."
    assert "image/png" not in bundle
    assert "application/vnd.jupyter.widget-view+json" in bundle


@pytest.mark.browser
@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium")
@pytest.mark.filterwarnings("ignore")  # kaleido's own
def test_the_picture_is_small_and_in_the_house_style(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("kaleido")
    monkeypatch.setenv("HDLIB_PICTURES", "1")
    bundle, metadata = line_figure()._repr_mimebundle_()
    image = base64.b64decode(bundle["image/png"])
    assert image.startswith(b"\x89PNG")
    assert 3_000 < len(image) < 30_000
    assert metadata == {"image/png": {"width": 640}}
    width, height = struct.unpack(">II", image[16:24])
    assert width == 2 * 640
    assert 600 < height < 900
