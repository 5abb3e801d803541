"""The workbook's parts in JupyterLab: drawn, moved by keyboard, readable by all, offline."""

from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.lab import Lab, Notebook
from tests.browser.server import Server

pytestmark = pytest.mark.browser

EXPLORER = """
import time
import numpy as np, plotly.graph_objects as go
from hdlib.workbook import Explorer, Select, Slider, Text, Toggle, style
from hdlib.workbook.labels import end_labels

D = np.geomspace(64, 16384, 60).round()

def recall(D, n):
    return 1 - np.exp(-D / (40 * n))

def update(model, D_, n, name, bound):
    y = recall(D, n)
    curves = [style.exact(D, y, "theory"), style.sufficient(D, y**2, "bound")]
    here = float(recall(D_, n))
    traces = {
        "theory": {"y": y, "line.color": style.colour_of(model)},
        "bound": {"y": y**2, "visible": bound},
        "you are here": {"x": [D_], "y": [here]},
        "± 1 sd": {"x": [*D, *D[::-1]], "y": [*(y + .04), *(y - .04)[::-1]]},
    }
    layout = {
        "title": f"{here:.0%} of {n} items come back at D = {D_:,}",
        "annotations": end_labels(curves[: 1 + bound], (0, 1.05), log_x=True),
    }
    return traces, layout, f"{name}: at D = {D_:,}, {model} brings back {here:.1%} of {n} items."

def measure(progress, model, D_, n, name, bound):
    rng = np.random.default_rng(0)
    x = D[::8]
    for i in range(5):
        progress(i / 5)
        time.sleep(.1)
    y = rng.binomial(200, recall(x, n)) / 200
    stderr = np.sqrt(y * (1 - y) / 200)
    words = update(model, D_, n, name, bound)[2] + " Measured in 200 trials for each point."
    return {"measured": {"x": x, "y": y, "error_y": {"array": stderr}}}, {}, words

y = recall(D, 21)
figure = go.Figure(
    [
        style.band([*D], [*y], [*y], "± 1 sd", "BSC"),
        style.exact(D, y, "theory", "BSC"),
        style.sufficient(D, y, "bound", "BSC"),
        style.measured([], [], [], "measured", "BSC"),
        style.here(0, 0),
    ],
    {
        "xaxis": {"type": "log", "title": {"text": "dimension D"}, "range": [1.75, 4.25],
                  "tickvals": [64, 256, 1024, 4096, 16384]},
        "yaxis": {"title": {"text": "items that come back"}, "range": [0, 1.05],
                  "tickformat": ".0%"},
        "margin": {"r": 130},
    },
)
explorer = Explorer(
    "raise the dimension until nearly every item comes back, then double the items.",
    {
        "model": Select("model", {"MAPI": "MAP, integer", "BSC": "binary spatter code"}, "BSC"),
        "D_": Slider("dimension", 1024, values=[2**k for k in range(6, 15)], unit="bits"),
        "n": Slider("items", 21, min=1, max=99),
        "name": Text("name", "Run 1"),
        "bound": Toggle("show the bound", True),
    },
    figure, update, slow=measure,
)
explorer
"""
PAIR = """
figures = [
    go.Figure(style.samples([0, 1, 2, 3], [1, 4, 5, 2], "drawn", model),
              {"xaxis": {"title": {"text": "similarity"}}})
    for model in ("MAPB", "BSDC")
]
def both(k):
    traces = [{"drawn": {"y": [k, 4, 5, 2]}}, {"drawn": {"y": [1, k, 2, k]}}]
    return traces, [f"Left has {k} at 0", f"Right has {k} at 1 and at 3"], f"k is {k} in both."
Explorer("move k.", {"k": Slider("k", 1, min=0, max=9)}, figures, both)
"""
QUIZ = """
from hdlib.workbook import Choice, Question, quiz
quiz([
    Question("What does binding two hypervectors give?", [
        Choice("A vector that resembles both", "That is what bundling gives."),
        Choice("A vector that resembles neither", "It hides both, and unbinding with one "
               "gives back the other.", right=True),
        Choice("The longer of the two", "All hypervectors of a space have the same length."),
    ]),
    Question("Which of these forgets the order?", [
        Choice("bundling", "A sum does not know its order.", right=True),
        Choice("permuting", "It is what keeps order."),
    ]),
])
"""
CHECK = """
from hdlib.workbook import Exercise, check, hint, predict, solution
from hdlib.workbook.exercise import register

def half(D):
    \"\"\"Half of the bits agree by chance.\"\"\"
    return D / 2  # on average

register(Exercise("99.half", "How many of 1,000 bits agree?", lambda answer:
    None if answer == 500 else f"`{answer}` is not it.", ("Think.", "A coin.", "500"), half,
    praise="Two random vectors agree in half of their bits."))
display(check("99.half", None), check("99.half", 3), check("99.half", 500), hint("99.half"))
solution("99.half")
"""
PREDICT = """
predict("How similar are two random hypervectors?", value=.5, min=0, max=1, step=.05)
"""


@pytest.fixture
def demo(server: Server, request: pytest.FixtureRequest) -> str:
    """The file name of a notebook of all parts, written for this test alone."""
    name = f"{request.node.name}.ipynb"
    server.write(name, [EXPLORER, PAIR, QUIZ, CHECK, PREDICT])
    return name


def test_the_parts(open_notebook: Callable[[str], Notebook], demo: str) -> None:
    notebook = open_notebook(demo)
    page = notebook.page
    notebook.run_all()
    assert page.evaluate("() => window.Plotly.hdlibSource") == "page"
    page.wait_for_selector("text=Measured in 200 trials")

    title = page.locator(".hdlib-title").first
    curve = "() => document.querySelector('.scatterlayer path.js-line').getAttribute('d')"
    before = page.evaluate(curve)
    notebook.move("dimension", "ArrowRight")
    expect(title).to_contain_text("D = 2,048")  # a measurement that arrives is a change as well
    assert notebook.slider("dimension").get_attribute("aria-valuetext") == "2,048\u202fbits"
    notebook.move("items", "End")
    expect(title).to_contain_text("99 items")
    page.wait_for_function(f"before => ({curve})() !== before", arg=before)

    page.get_by_role("combobox", name="model").select_option("MAPI")
    page.wait_for_selector("text=MAPI brings back")
    page.get_by_role("textbox", name="name").fill("Lauf")
    page.wait_for_selector("text=Lauf: at D")
    page.get_by_role("checkbox", name="show the bound").focus()
    page.keyboard.press("Space")
    page.wait_for_function(
        "() => document.querySelector('.js-plotly-plot')._fullData[2].visible === false"
    )

    page.get_by_role("radio", name="A vector that resembles both").check()
    page.wait_for_selector("text=That is what bundling gives.")
    page.keyboard.press("ArrowDown")
    page.wait_for_selector("text=unbinding with one gives back the other")
    page.wait_for_selector("text=1 of 2 right")
    page.get_by_role("button", name="Log my guess").click()
    page.wait_for_selector("text=Your guess is 0.50")
    page.get_by_text("Solution of 99.half").click()

    notebook.assert_sound("demo")
    assert notebook.wire.received < 1_000_000


def test_the_arrow_keys_answer_soon(open_notebook: Callable[[str], Notebook], demo: str) -> None:
    notebook = open_notebook(demo)
    notebook.run_all()
    times = sorted(notebook.move("items", "ArrowRight") for _ in range(9))
    assert times[4] < 300, times  # a tenth of a second where the machine is not busy


def test_plotly_comes_from_the_kernel_where_the_page_has_none(
    browser: Any, server: Server, demo: str
) -> None:
    without = "**/extensions/jupyterlab-plotly/static/**"
    with closing(Lab(browser, server.url, abort=without)) as lab:
        notebook = Notebook(lab, demo)
        notebook.run_all()
        assert notebook.page.evaluate("() => window.Plotly.hdlibSource") == "kernel"
        notebook.move("k", "ArrowRight")
        assert notebook.wire.elsewhere == []
        assert notebook.wire.received < 3_000_000  # one copy of plotly for all figures


def test_a_narrow_window_wraps_the_card(
    open_notebook: Callable[[str], Notebook], demo: str
) -> None:
    notebook = open_notebook(demo)
    notebook.run_all()
    notebook.page.set_viewport_size({"width": 800, "height": 1400})
    notebook.page.wait_for_timeout(500)
    notebook.shoot("demo-narrow", width=800)
    overflow = "card => card.scrollWidth - card.clientWidth"
    for card in notebook.page.locator(".hdlib-card").all():
        assert card.evaluate(overflow) <= 0
