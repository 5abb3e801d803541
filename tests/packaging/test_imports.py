"""What `import hdlib` costs, and that imports run one way only."""

import ast
import importlib
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "hdlib"

# From the ground up: a part may import those before it, never those after it.
ORDER = "bits devices storage files kernels vsa theory memory sets capacity encode segment learn "
ORDER += "workbook"
RANK = {part: rank for rank, part in enumerate(ORDER.split())}
HEAVY = {"plotly", "ipywidgets", "anywidget", "triton", "scipy", "pandas", "IPython"}
FLOOR = "import torch, numba"


def fresh(code: str, folder: Path) -> str:
    """What code prints in a new process, away from the repository."""
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True
    )
    return run.stdout.strip()


def test_the_package_comes_from_this_repository(tmp_path: Path) -> None:
    assert Path(fresh("import hdlib; print(hdlib.__file__)", tmp_path)).parent == PACKAGE


def test_importing_loads_nothing_heavy(tmp_path: Path) -> None:
    loaded = "; import sys; print(*{name.split('.')[0] for name in sys.modules})"
    floor = set(fresh(FLOOR + loaded, tmp_path).split())
    ours = set(fresh("import hdlib" + loaded, tmp_path).split())
    assert (ours - floor) & HEAVY == set()


def slowdown(folder: Path, repeats: int) -> float:
    """How much longer than PyTorch and numba alone it takes: the median of new processes."""
    clock = (
        f"from time import perf_counter as now; t = now(); {FLOOR}; floor = now() - t; "
        "import hdlib; print((now() - t) / floor)"
    )
    return statistics.median(float(fresh(clock, folder)) for _ in range(repeats))


@pytest.mark.claim("import-time")
@pytest.mark.alone
def test_importing_is_quick(tmp_path: Path) -> None:
    # the first process may have to write bytecode; a median does not mind
    assert slowdown(tmp_path, 3) < 1.3 or slowdown(tmp_path, 9) < 1.3


def imported(path: Path) -> Iterator[str]:
    """The full names of the modules of hdlib that a file imports, wherever in the file."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join((*above, *filter(None, [node.module])))
            yield from (f"{base}.{alias.name}" for alias in node.names)


def part(name: str) -> str | None:
    """The part of hdlib that a module belongs to, or None for any other package."""
    first, _, rest = name.partition(".")
    return rest.split(".")[0] if first == "hdlib" else None


INIT = PACKAGE / "__init__.py"
TOP = PACKAGE / "workbook"  # may import everything
FILES = [p for p in sorted(PACKAGE.rglob("*.py")) if p != INIT and TOP not in p.parents]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_one_way(path: Path) -> None:
    own = path.relative_to(PACKAGE).with_suffix("").parts[0]
    others = {other for name in imported(path) if (other := part(name)) not in (None, own)}
    if own == "theory":
        assert not others, "theory is pure mathematics on numbers"
    upward = {other for other in others if RANK.get(other, len(RANK)) > RANK[own]}
    assert not upward, f"{own} must not import {upward}"


def test_the_package_itself_does_not_import_the_workbook() -> None:
    assert "workbook" not in {part(name) for name in imported(INIT)}


def test_no_submodule_hides_a_public_name() -> None:
    workbook = importlib.import_module("hdlib.workbook")
    for _ in range(2):  # the first access imports a submodule, which then is an attribute as well
        hidden = [n for n in workbook.__all__ if isinstance(getattr(workbook, n), ModuleType)]
        assert not hidden
