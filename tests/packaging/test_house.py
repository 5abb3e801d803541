"""Rules of the house that no other tool checks."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "hdlib"
MEANING = [PACKAGE / "kernels" / name for name in ("__init__.py", "reference.py")]
CORE = [PACKAGE / "bits.py", *MEANING, *(PACKAGE / "vsa").glob("*.py")]
CORE += (PACKAGE / "memory").glob("item*.py")
COURSE = {f"{number:02}" for number in range(12)}

# Spelled so that this file does not break its own rule.
FOLDERS = ["work", "home", "root", "tmp", "opt", "mnt", "Users"]
MACHINE = re.compile(rf"(?<![\w.+/~$}}-])/({'|'.join(FOLDERS)})/")
HOSTS = [".".join(name) for name in (("pypi", "org"), ("pythonhosted", "org"), ("anaconda", "org"))]


def kept() -> list[Path]:
    """Every file that git keeps or would keep."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if listing.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def texts() -> Iterator[tuple[str, str]]:
    """Name and text of every file that git keeps, pictures and the like left out."""
    for path in kept():
        try:
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def code_lines(path: Path) -> int:
    """Lines that are neither blank nor a docstring nor a comment."""
    text = path.read_text(encoding="utf-8")
    said = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(
            node
        ):
            said |= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    lines = enumerate(map(str.strip, text.splitlines()), 1)
    return sum(bool(line) and not line.startswith("#") and n not in said for n, line in lines)


@pytest.mark.claim("one-evening")
def test_the_core_can_be_read_in_one_evening() -> None:
    assert sum(map(code_lines, CORE)) < 1600


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    assert [(name, found[0]) for name, text in texts() if (found := MACHINE.search(text))] == []


def test_no_file_names_a_package_index() -> None:
    # Where packages come from is the reader's own configuration.
    assert [(name, host) for name, text in texts() for host in HOSTS if host in text] == []


def test_taught_in_names_a_notebook_of_the_course() -> None:
    for path in PACKAGE.rglob("*.py"):
        for number in re.findall(r"Taught\s+in\s+notebook\W+(\w*)", path.read_text()):
            assert number in COURSE, f"{path.name}: there is no notebook {number}"


def test_every_shell_script_stops_at_its_first_error() -> None:
    for path in (ROOT / ".ci/run", ROOT / ".ci/chromium", ROOT / "binder/postBuild"):
        assert "\nset -euo pipefail\n" in path.read_text()
    assert (ROOT / "binder/start").read_text().endswith('exec "$@"\n')


def test_continuous_integration_runs_everything() -> None:
    assert "make test" in (ROOT / ".ci/run").read_text()


def public(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    """The public functions and classes at the top of a module."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node


def test_every_public_name_has_a_docstring() -> None:
    bare = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in PACKAGE.rglob("*.py")
        if path.parent.name != "exercises"  # shown to readers as they stand, beside their task
        for node in public(ast.parse(path.read_text(encoding="utf-8")))
        if not ast.get_docstring(node)
    ]
    assert bare == []
