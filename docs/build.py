"""Build the site: ``python docs/build.py FOLDER`` writes FOLDER/html; every warning is an error.

Sphinx reads one folder, but our pages stand where a reader of the repository looks for them: the
README at the top, the course in notebooks/, the rest in docs/. So they are gathered first, in the
same layout, which keeps every link between them good. The README becomes the landing page.
"""

import shutil
import sys
from pathlib import Path

import nbformat
import plotly
from sphinx.cmd.build import main as sphinx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.page import page as speed  # noqa: E402 - it stands at the top, uninstalled

TOP = ("CONTRIBUTING.md", "CHANGELOG.md", "CITATION.cff", "LICENSE", "environment.yml")


def page(path: Path) -> str:
    """The text of a Markdown page, with links to the README led to the landing page."""
    return path.read_text(encoding="utf-8").replace("../README.md", "../index.md")


def notebook(path: Path) -> str:
    """A notebook whose pictures have the words below them as their alternative text."""
    nb = nbformat.read(path, 4)
    for cell in nb.cells:
        cell.source = cell.source.replace("../README.md", "../index.md")
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data and "text/plain" in data:
                cell.metadata["mystnb"] = {"image": {"alt": data["text/plain"]}}
    return nbformat.writes(nb)


def gather(into: Path) -> None:
    """Copy every page into one folder, in the layout of the repository."""
    for folder in ("docs", "notebooks"):
        (into / folder).mkdir(parents=True)
    for name in TOP:
        shutil.copy(ROOT / name, into / name)
    for path in (ROOT / "docs").rglob("*.md"):
        if "_build" not in path.parts:
            copy = into / path.relative_to(ROOT)
            copy.parent.mkdir(exist_ok=True)
            copy.write_text(page(path), encoding="utf-8")
    shutil.copytree(ROOT / "docs" / "images", into / "docs" / "images")
    (into / "docs" / "speed.md").write_text(speed(), encoding="utf-8")
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        (into / "notebooks" / path.name).write_text(notebook(path), encoding="utf-8")
    landing = page(ROOT / "README.md") + "\n" + page(ROOT / "docs" / "index.md")
    (into / "index.md").write_text(landing, encoding="utf-8")


def build(folder: Path) -> int:
    """Gather, then build; returns Sphinx's exit status."""
    source = folder / "source"
    shutil.rmtree(folder, ignore_errors=True)
    gather(source)
    options = ["-q", "-W", "--keep-going", "-b", "html", "-c", str(ROOT / "docs")]
    status = sphinx([*options, "-d", str(folder / "trees"), str(source), str(folder / "html")])
    script = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    shutil.copy(script, folder / "html" / "_static")
    return status


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    target = Path(sys.argv[1]).resolve()
    status = build(target)
    print(f"see {target / 'html' / 'index.html'}" if status == 0 else "the site has errors")
    sys.exit(status)
