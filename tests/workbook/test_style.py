"""The house style can be told apart without colour and read on light and dark pages."""

from itertools import combinations

import numpy as np
import plotly.graph_objects as go
import pytest

from hdlib.workbook import rounded, style
from hdlib.workbook.colours import COLOURS, DARK, SYMBOLS, contrast, for_words
from hdlib.workbook.labels import end_labels

# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
SIGHT = {
    "full": np.eye(3),
    "protan": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
    "deutan": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    "tritan": [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def lab(colour: str, sight: str) -> np.ndarray:
    rgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(SIGHT[sight]) @ linear, 0, 1)
    xyz = XYZ @ seen / [0.9505, 1, 1.089]
    f = np.where(xyz > 0.008856, np.cbrt(np.maximum(xyz, 1e-9)), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("sight", SIGHT)
def test_models_differ_for_every_eye(sight: str) -> None:
    for one, other in combinations(COLOURS.values(), 2):
        assert np.linalg.norm(lab(one, sight) - lab(other, sight)) > 10, (one, other)


def test_models_differ_without_colour() -> None:
    assert len(set(SYMBOLS.values())) == len(SYMBOLS) == len(COLOURS) == 11
    x = [1.0, 2.0]
    lines = [make(x, x, "a") for make in (style.exact, style.sufficient, style.approximate)]
    assert [(line.line.dash, line.meta) for line in lines] == [
        ("solid", "exact"),
        ("dash", "sufficient"),
        ("dot", "approximate"),
    ]
    assert style.measured(x, x, x, "a").mode == "markers"
    assert isinstance(style.samples(x, x, "a"), go.Bar)


def test_colours_are_legible_on_light_and_dark() -> None:
    for colour in COLOURS.values():
        assert contrast(colour, "#FFFFFF") > 2.2
        assert contrast(for_words(colour), "#FFFFFF") >= 4.5
        assert contrast(DARK[colour], "#181818") >= 4.5
        assert contrast(DARK[for_words(colour)], "#181818") >= 4.5


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(ValueError, match="no model 'MAP'"):
        style.exact([1], [1], "a", model="MAP")


def test_end_labels_keep_apart() -> None:
    curves = [style.exact([1, 10], [0, y], f"curve {y}") for y in (0.5, 0.51, 0.52, 0.1)]
    labels = end_labels(curves, (0, 1), log_x=True, height=200, gap=15)
    assert [label["text"] for label in labels] == [f"{curve.name}, exact" for curve in curves]
    places = sorted(200 * label["y"] + label["yshift"] for label in labels)
    assert min(np.diff(places)) >= 15 - 1e-9
    assert {label["x"] for label in labels} == {1.0}
    go.Layout(annotations=labels)  # plotly takes them


@pytest.mark.parametrize(
    ("value", "stderr", "text"),
    [
        (0.31234, 0.0042, "0.312 ± 0.004"),
        (0.31234, 0.00142, "0.3123 ± 0.0014"),
        (0.99, 0.0996, "0.99 ± 0.10"),
        (123456.0, 2345, "123,000 ± 2,000"),
        (-0.5, 0.25, "-0.5 ± 0.2"),
        (0.25, 0, "0.25"),
    ],
)
def test_numbers_are_rounded_to_their_error(value: float, stderr: float, text: str) -> None:
    assert rounded(value, stderr) == text


def test_impossible_errors_are_refused() -> None:
    for stderr in (-1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="stderr"):
            rounded(1, stderr)
