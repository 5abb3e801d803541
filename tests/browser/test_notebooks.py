"""Every notebook of the course in JupyterLab: it runs, its sliders answer, it stays offline."""

from collections.abc import Callable

import pytest

from tests.browser.lab import ROOT, Notebook

pytestmark = pytest.mark.browser
NAMES = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.claim("light-figures")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.timeout(600)
def test_notebook_in_jupyterlab(open_notebook: Callable[..., Notebook], name: str) -> None:
    notebook = open_notebook(name)
    notebook.run_all()
    short = name.removesuffix(".ipynb")

    for slider in notebook.page.get_by_role("slider").all():
        if slider.locator("xpath=ancestor::*[contains(@class, 'hdlib-predict')]").count():
            continue  # a guess moves nothing but itself
        at_end = slider.input_value() == slider.get_attribute("max")
        notebook.move(slider, "ArrowLeft" if at_end else "ArrowRight")
    figures = notebook.page.locator(".js-plotly-plot").count()
    assert notebook.received < max(1_000_000, 100_000 * figures)
    assert notebook.violations() == []
    notebook.shoot(f"{short}-light")
    notebook.theme("Dark")
    assert notebook.violations() == []
    notebook.shoot(f"{short}-dark")
    assert notebook.elsewhere == []
    assert notebook.errors == []
