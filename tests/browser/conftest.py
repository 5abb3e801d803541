"""Fixtures of the browser tests: one Chromium for a module, notebooks opened by name."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.lab import ROOT, Notebook, chromium, serve

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium; its absence is an error where CI is set, and said loudly elsewhere."""
    path = chromium()
    if path is None:
        message = "NO CHROMIUM: the browser tests did not run; install your system's chromium"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        chrome = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield chrome
        chrome.close()


@pytest.fixture(scope="module")
def notebooks() -> Path:
    """The folder that is served; a module may put its own in this place."""
    return ROOT / "notebooks"


@pytest.fixture(scope="module")
def lab(browser: Any, notebooks: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a JupyterLab on a copy of the notebooks."""
    with serve(tmp_path_factory.mktemp("lab"), notebooks) as url:
        yield url


@pytest.fixture
def open_notebook(browser: Any, lab: str) -> Iterator[Callable[..., Notebook]]:
    """Open a notebook by its file name; the test may run it, look at it and press keys."""
    opened: list[Notebook] = []

    def open_(name: str, **options: Any) -> Notebook:
        opened.append(Notebook(browser, lab, name, **options))
        return opened[-1]

    yield open_
    for notebook in opened:
        notebook.close()
