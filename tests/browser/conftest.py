"""Fixtures of the browser tests: one page for all of them, notebooks opened by name or written."""

import os
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from tests.browser.lab import Lab, Notebook
from tests.browser.server import Server, serve

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """Chromium; its absence is an error where CI is set, and said loudly elsewhere."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        message = "NO CHROMIUM: the browser tests did not run; install your system's chromium"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        chrome = driver.chromium.launch(executable_path=path, args=FLAGS)
        yield chrome
        chrome.close()


@pytest.fixture(scope="package")
def server(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """JupyterLab's server on a copy of the notebooks."""
    with serve(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture(scope="package")
def lab(browser: Any, server: Server) -> Iterator[Lab]:
    """The page of JupyterLab in which one notebook after the other is opened."""
    page = Lab(browser, server.url)
    yield page
    page.close()


@pytest.fixture
def open_notebook(lab: Lab) -> Iterator[Callable[[str], Notebook]]:
    """Open a notebook by its file name."""
    yield partial(Notebook, lab)
    lab.tidy()
