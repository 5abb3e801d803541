"""Every notebook of the course in JupyterLab: it runs, its sliders answer, it stays offline."""

import os
import re
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from tests.browser.lab import CELL, SECONDS, Notebook
from tests.browser.server import ROOT, TOKEN, Server

pytestmark = pytest.mark.browser
NAMES = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))


def sliders(notebook: Notebook) -> list[Any]:
    """Every slider but those of guesses, which move nothing but themselves; in CI one a card.

    All controls of all cards are driven without a browser, where a move takes no second.
    """
    found = []
    for card in notebook.page.locator(".hdlib-card:not(.hdlib-predict)").all():
        own = card.get_by_role("slider").all()
        found += own[:1] if os.environ.get("CI") else own
    return found


def test_the_address_of_make_lab_opens_the_first_notebook(browser: Any, server: Server) -> None:
    (place,) = re.findall(r"--LabApp\.default_url=(\S+)", (ROOT / "Makefile").read_text())
    with closing(browser.new_context()) as context:
        page = context.new_page()
        page.goto(f"{server.url}{place}?token={TOKEN}&reset")
        page.locator(CELL).get_by_role("heading", level=1).wait_for(timeout=SECONDS)
        assert page.title().startswith("00_start")


@pytest.mark.claim("light-figures")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.timeout(600)
def test_notebook_in_jupyterlab(open_notebook: Callable[[str], Notebook], name: str) -> None:
    notebook = open_notebook(name)
    notebook.run_all()
    short = name.removesuffix(".ipynb")

    moves = 0
    for slider in sliders(notebook):
        at_end = slider.input_value() == slider.get_attribute("max")
        notebook.move(slider, "ArrowLeft" if at_end else "ArrowRight")
        moves += 1
    # every move is a dozen messages of two figures and their measurement, most of it headers
    assert notebook.wire.received < 1_000_000 + 40_000 * moves
    notebook.assert_sound(short)
