"""Every notebook is executed, small, in step with its source, and built like the others."""

import re
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from notebooks import build

ROOT = Path(__file__).parents[2]
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
every = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def read(path: Path) -> NotebookNode:
    """A notebook, checked against Jupyter's own schema."""
    nb = nbformat.read(path, 4)
    nbformat.validate(nb)
    return nb


def words(path: Path) -> str:
    """All Markdown of a notebook."""
    return "\n\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")


def code(path: Path) -> str:
    """All code of a notebook."""
    return "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "code")


def headings(path: Path) -> list[tuple[int, str]]:
    """Level and text of each heading, in order."""
    prose = re.sub(r"^```.*?^```", "", words(path), flags=re.MULTILINE | re.DOTALL)
    return [(len(m[1]), m[2]) for m in re.finditer(r"^(#+) +(.+)$", prose, re.MULTILINE)]


def test_the_course_has_begun() -> None:
    assert ROOT / "notebooks/00_start.ipynb" in PATHS


def test_each_notebook_has_a_source_and_the_reverse() -> None:
    assert [build.target(source) for source in build.sources()] == PATHS


@every
def test_it_is_what_its_source_says(path: Path) -> None:
    assert build.differences(build.SOURCES / f"{path.stem}.md") == []


@every
def test_it_is_executed_small_and_without_fault(path: Path) -> None:
    assert build.faults(read(path)) == []
    assert path.stat().st_size < build.MAX_BYTES


@every
def test_it_has_one_title_and_ordered_headings(path: Path) -> None:
    levels = [level for level, _ in headings(path)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    jumps = [later - earlier for earlier, later in pairwise(levels)]
    assert max(jumps, default=0) <= 1


@every
def test_every_picture_has_words(path: Path) -> None:
    shown = [output.data for cell in read(path).cells for output in cell.get("outputs", [])
             if "data" in output]  # fmt: skip
    for data in shown:
        if any(kind.startswith("image/") or "plotly" in kind for kind in data):
            text = data.get("text/plain", "")
            assert len(re.findall(r"\w+", text)) >= 4, f"not words: {text!r}"
            assert not re.match(r"<|\w+\(", text), f"a repr, not words: {text[:40]!r}"


@every
def test_its_links_lead_somewhere(path: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", words(path)):
        if not re.match(r"https?:|#|attachment:", link):
            assert (path.parent / link.split("#")[0]).exists(), f"{link} leads nowhere"


@every
def test_it_fetches_nothing(path: Path) -> None:
    images = re.findall(r"!\[[^\]]*\]\(https?:|<img[^>]*src=.https?:", words(path))
    assert images == [], "keep a copy of the picture in docs/images"
    assert not re.search(r"^\s*[!%]\s*(pip|conda|wget|curl)", code(path), re.MULTILINE)


@every
def test_it_says_what_it_takes_and_gives(path: Path) -> None:
    first = read(path).cells[0].source
    assert f"?urlpath=lab/tree/notebooks/{path.name}" in first, "a Binder link"
    opening = words(path).split("\n## ")[0]
    assert re.search(r"\b\d+ min", opening), "the time it takes"
    assert re.search(r"\bneed\b|\bbefore\b|Prerequisite", opening), "what to know before"
    goals = re.search(r"Afterwards you can.*\n\n?((?:(?:- |  ).+\n?)+)", words(path))
    assert goals, "a list of what the reader will be able to do"
    assert 3 <= len(re.findall(r"^- ", goals[1], re.MULTILINE)) <= 5


@every
def test_it_has_every_part_of_a_lesson(path: Path) -> None:
    titles = " / ".join(text for _, text in headings(path))
    for title in ("Predict first", "Your turn", "What to take along", "Further reading"):
        assert title in titles
    assert re.search(r"\bexplore_\w+\(", code(path)), "an explorer"
    assert re.search(r"^assert ", code(path), re.MULTILINE), "by hand and by hdlib agree"
    assert len(set(re.findall(r"\bcheck\(\s*\"([\w.-]+)\"", code(path)))) >= 3, "three exercises"
    for help_ in ("hint(", "solution("):
        assert help_ in words(path) + code(path), f"the reader learns of {help_}...)"
    assert re.search(r"\bquiz\(", code(path)), "a quiz"
    assert re.search(r"doi\.org/|arxiv\.org/abs/", words(path)), "further reading, by DOI"


@every
def test_it_leads_to_its_neighbours(path: Path) -> None:
    last = [cell for cell in read(path).cells if cell.cell_type == "markdown"][-1].source
    here = PATHS.index(path)
    for neighbour in PATHS[max(here - 1, 0) : here] + PATHS[here + 1 : here + 2]:
        assert f"({neighbour.name})" in last
