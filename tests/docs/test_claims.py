"""The claims ledger and what it refers to stay in step."""

import ast
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest

ROOT = Path(__file__).parents[2]


class Claim(NamedTuple):
    """One row of docs/claims.md."""

    id: str
    claim: str
    source: str
    reproduced_by: str
    measured: str

    @property
    def references(self) -> list[tuple[str, str]]:
        """File, and the test or the text in it, of everything that reproduces the claim."""
        return re.findall(r"`([^`]+?)::([^`]+)`", self.reproduced_by)


def ledger() -> list[Claim]:
    """The rows of the table; a pipe within a cell is written with a backslash."""
    lines = (ROOT / "docs/claims.md").read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.startswith("|")][2:]
    return [Claim(*map(str.strip, re.split(r"(?<!\\)\|", line)[1:-1])) for line in table]


@cache
def marks(path: Path) -> dict[str, set[str]]:
    """The tests of a file, and the claims that each is marked with."""
    found = {}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            calls = [d for d in node.decorator_list if isinstance(d, ast.Call)]
            claims = [call for call in calls if ast.unparse(call.func) == "pytest.mark.claim"]
            found[node.name] = {ast.literal_eval(arg) for call in claims for arg in call.args}
    return found


@cache
def printed(path: Path) -> str:
    """All text that a saved notebook shows below its code."""
    cells = nbformat.read(path, 4).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    return "\n".join(o.get("text") or o.get("data", {}).get("text/plain", "") for o in outputs)


def marked() -> set[tuple[str, str]]:
    """Every claim that a test is marked with, and the file of that test."""
    return {
        (claim, path.relative_to(ROOT).as_posix())
        for path in (ROOT / "tests").rglob("test_*.py")
        for claims in marks(path).values()
        for claim in claims
    }


def test_ids_are_unique() -> None:
    ids = [claim.id for claim in ledger()]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("claim", ledger(), ids=lambda claim: claim.id)
def test_a_row_is_complete_and_what_it_names_exists(claim: Claim) -> None:
    assert all(claim), "a cell is empty"
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", claim.id)
    assert claim.references, "reproduced by: `file::test` or `notebook::text`"
    for name, what in claim.references:
        path = ROOT / name
        assert path.is_file(), f"there is no {name}"
        if path.suffix == ".ipynb":
            assert what in printed(path), f"{name} does not print {what!r}"
        else:
            test = what.split("::")[-1].split("[")[0]
            assert test in marks(path), f"{name} has no {test}"
            assert claim.id in marks(path)[test], f"{test} is not marked claim({claim.id!r})"


def test_every_marked_test_has_a_row_that_names_its_file() -> None:
    named = {(claim.id, name) for claim in ledger() for name, _ in claim.references}
    assert marked() - named == set()
