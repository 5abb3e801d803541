"""Write the notebooks: the only way one is made.

Each notebook is written by hand as ``src/NN_name.md`` (MyST Markdown, a readable diff) and shipped
as ``NN_name.ipynb``, executed and with its outputs, because that is what readers open, GitHub shows
and ``pytest --nbval`` compares.

    python notebooks/build.py            execute and write every notebook
    python notebooks/build.py 00 04      only these
    python notebooks/build.py --check    execute nothing, compare notebooks with sources
"""

import argparse
import hashlib
import os
import sys
from collections import Counter
from pathlib import Path

import jupytext
import nbclient
import nbformat
from nbformat import NotebookNode

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "src"

MAX_LINES = 20  # of code in a cell: more does not fit on a projector
MAX_BYTES = 300_000  # of a notebook: beyond that GitHub refuses to show it
TIMEOUT = 120  # seconds a cell, as in the tests

WIDGET = "application/vnd.jupyter.widget-view+json"
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def sources(numbers: list[str] | None = None) -> list[Path]:
    """The hand-written files, all or those with the given numbers."""
    paths = sorted(SOURCES.glob("[0-9][0-9]_*.md"))
    unknown = set(numbers or []) - {path.name[:2] for path in paths}
    if unknown:
        raise SystemExit(f"no source notebooks/src/{min(unknown)}_*.md")
    return [path for path in paths if not numbers or path.name[:2] in numbers]


def target(source: Path) -> Path:
    """Where the executed notebook of a source is kept."""
    return HERE / f"{source.stem}.ipynb"


def name_cells(nb: NotebookNode) -> None:
    """Give each cell an id made from its text, so that an edit elsewhere leaves it alone."""
    seen: Counter[str] = Counter()
    for cell in nb.cells:
        digest = hashlib.blake2b(cell.source.encode(), digest_size=4).hexdigest()
        seen[digest] += 1
        cell.id = digest if seen[digest] == 1 else f"{digest}-{seen[digest]}"


def read(source: Path) -> NotebookNode:
    """The notebook that a source describes, not executed yet."""
    nb = jupytext.read(source, fmt="md:myst")
    nb.metadata = NotebookNode(kernelspec=KERNEL, language_info={"name": "python"})
    nb.nbformat, nb.nbformat_minor = 4, 5
    name_cells(nb)
    return nb


def execute(nb: NotebookNode, level: str) -> None:
    """Run every cell in this environment, with each live figure leaving a picture of itself."""
    os.environ["HDLIB_PICTURES"] = level
    nbclient.NotebookClient(
        nb, timeout=TIMEOUT, kernel_name="python3", resources={"metadata": {"path": str(HERE)}}
    ).execute()


def clean(nb: NotebookNode) -> None:
    """Remove what differs from run to run, and widgets, which nothing can revive from a file."""
    nb.metadata = NotebookNode(kernelspec=KERNEL, language_info={"name": "python"})
    for cell in nb.cells:
        cell.metadata.pop("execution", None)  # timestamps
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET, None)


def faults(nb: NotebookNode) -> list[str]:
    """What keeps an executed notebook from being shipped, one sentence each."""
    found = []
    if "widgets" in nb.metadata:
        found.append("the notebook holds the state of its widgets")
    for number, cell in enumerate(nb.cells):
        where = f"cell {number} ({cell.source.splitlines()[0] if cell.source else 'empty'})"
        if cell.cell_type != "code":
            continue
        if len(cell.source.splitlines()) > MAX_LINES:
            found.append(f"{where} has more than {MAX_LINES} lines")
        if cell.execution_count is None:
            found.append(f"{where} was not executed")
        for output in cell.outputs:
            if output.output_type == "error":
                found.append(f"{where} ends in an error")
            if output.get("name") == "stderr":
                found.append(f"{where} warns: {output.text.strip()}")
            if WIDGET in output.get("data", {}):
                found.append(f"{where} refers to a widget that is not there")
    size = len(nbformat.writes(nb).encode())
    if size >= MAX_BYTES:
        found.append(f"it takes {size:,} bytes, more than {MAX_BYTES:,}")
    return found


def differences(source: Path) -> list[str]:
    """Where a notebook is not what its source says, one sentence each."""
    path = target(source)
    if not path.exists():
        return ["it was never built"]
    wanted, kept = read(source).cells, nbformat.read(path, 4).cells
    if len(wanted) != len(kept):
        return [f"it has {len(kept)} cells, its source {len(wanted)}"]
    return [
        f"cell {number} differs from its source ({want.source.splitlines()[:1]})"
        for number, (want, have) in enumerate(zip(wanted, kept, strict=True))
        if any(want[key] != have[key] for key in ("id", "cell_type", "source", "metadata"))
    ]


def build(source: Path) -> list[str]:
    """Execute a source and write its notebook; a notebook with faults is not written."""
    for level in ("1", "2", "3"):
        nb = read(source)
        try:
            execute(nb, level)
        except nbclient.exceptions.CellExecutionError as error:
            return [str(error)]
        clean(nb)
        found = faults(nb)
        if not any("bytes" in fault for fault in found):  # smaller pictures would not help
            break
    if not found:
        nbformat.write(nb, target(source))
    return found


def main() -> int:
    """Build or check, say what is wrong, and return the number of notebooks that are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("numbers", nargs="*", metavar="NN", help="two digits; default: all")
    parser.add_argument("--check", action="store_true", help="compare with the sources only")
    arguments = parser.parse_args()
    failed = 0
    for source in sources(arguments.numbers):
        found = differences(source) if arguments.check else build(source)
        failed += bool(found)
        print(f"{target(source).name}: {'; '.join(found) or 'ok'}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
