"""The site builds without a warning, and neither building nor reading it needs a network."""

import importlib
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("encode", "kernels", "memory", "theory", "vsa", "workbook")

pytestmark = pytest.mark.skipif(
    find_spec("myst_nb") is None and not os.environ.get("CI"), reason="needs the extra `docs`"
)


class Resources(HTMLParser):
    """Collects the addresses that a browser fetches to show a page; links to follow are others."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        key = {"link": "href", "object": "data"}.get(tag, "src")
        if tag != "link" or given.get("rel") not in ("canonical", "author"):
            self.found.append(given.get(key) or "")
        self.found.extend((given.get("srcset") or "").split())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    run = subprocess.run(
        [sys.executable, ROOT / "docs/build.py", folder], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return folder / "html"


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert pages
    remote = []
    for page in pages:
        resources = Resources()
        resources.feed(page.read_text(encoding="utf-8"))
        remote += [(page.name, url) for url in resources.found if re.match(r"(https?:)?//", url)]
    assert remote == []


def test_no_style_loads_anything_from_elsewhere(site: Path) -> None:
    remote = re.compile(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//")
    assert [path.name for path in site.rglob("*.css") if remote.search(path.read_text())] == []


def test_the_readme_is_the_landing_page_and_every_notebook_a_page(site: Path) -> None:
    title = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
    assert f"<h1>{title}" in (site / "index.html").read_text(encoding="utf-8")
    notebooks = [path.stem for path in (ROOT / "notebooks").glob("*.ipynb")]
    assert "00_start" in notebooks
    for name in notebooks:
        assert "cell_output" in (site / "notebooks" / f"{name}.html").read_text(encoding="utf-8")


def test_every_picture_says_what_it_shows(site: Path) -> None:
    for page in (site / "notebooks").glob("*.html"):
        for image in re.findall(r"<img[^>]*>", page.read_text(encoding="utf-8")):
            assert re.search(r'alt="[^"]*\w+ \w+[^"]*"', image), image


@pytest.mark.parametrize("part", PARTS)
def test_every_public_name_is_in_the_reference(site: Path, part: str) -> None:
    pages = (site / "docs" / "api").glob("*.html")  # a part of a part may have a page of its own
    text = "".join(page.read_text(encoding="utf-8") for page in pages)
    module = importlib.import_module(f"hdlib.{part}")
    names = [name for name in module.__all__ if callable(getattr(module, name))]
    missing = [n for n in names if not re.search(rf'id="hdlib\.{part}\.(\w+\.)?{n}"', text)]
    assert missing == []
