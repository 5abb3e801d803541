"""One environment, written down four times: pyproject, constraints, conda and Binder agree."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
CONDA_NAMES = {"pytorch-cpu": "torch"}


def normal(name: str) -> str:
    """A distribution's name as every tool spells it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def pins(lines: list[str]) -> dict[str, str]:
    """The exact versions in lines such as ``name==1.2``, with or without a marker after `` ;``."""
    pairs = [line.split(" ;")[0].split("==") for line in lines if line and line[0] != "#"]
    assert len(pairs) == len({normal(name) for name, _ in pairs}), "a package is pinned twice"
    return {normal(name): version for name, version in pairs}


CONSTRAINTS = pins((ROOT / "constraints.txt").read_text().splitlines())


def direct(*extras: str) -> list[Requirement]:
    """What the library and the given extras ask for."""
    lines = PROJECT["dependencies"] + [line for extra in extras for line in EXTRAS[extra]]
    return [Requirement(line) for line in lines]


def conda(path: str) -> tuple[str, dict[str, str]]:
    """The Python version of a conda environment, and its pins under the names that pip uses."""
    *system, pip = yaml.safe_load((ROOT / path).read_text())["dependencies"]
    versions = dict(line.split("=") for line in system if "=" in line)
    python = versions.pop("python")
    return python, pins(pip["pip"]) | {CONDA_NAMES[name]: v for name, v in versions.items()}


@pytest.mark.parametrize("requirement", direct(*EXTRAS), ids=str)
def test_every_direct_dependency_is_pinned_within_its_bounds(requirement: Requirement) -> None:
    assert CONSTRAINTS[normal(requirement.name)] in requirement.specifier


@pytest.mark.parametrize(
    ("path", "extras"),
    [("environment.yml", ("workbook", "test")), ("binder/environment.yml", ("workbook",))],
)
def test_conda_environments_repeat_the_pins(path: str, extras: tuple[str, ...]) -> None:
    python, here = conda(path)
    assert python in SpecifierSet(PROJECT["requires-python"])
    assert {normal(requirement.name) for requirement in direct(*extras)} <= here.keys()
    assert here.items() <= CONSTRAINTS.items()
    assert "hdlib" not in here  # that name belongs to somebody else's package


def test_binder_has_a_subset_of_the_conda_environment() -> None:
    (python, small), (same, whole) = conda("binder/environment.yml"), conda("environment.yml")
    assert python == same
    assert small.items() <= whole.items()


def test_what_is_installed_is_what_was_pinned() -> None:
    installed = {normal(d.name): d.version.split("+")[0] for d in metadata.distributions()}
    found = {name: installed[name] for name in CONSTRAINTS if name in installed}
    assert found == {name: CONSTRAINTS[name] for name in found}


def test_the_version_is_the_same_everywhere() -> None:
    import hdlib

    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert hdlib.__version__ == PROJECT["version"] == citation["version"]
    assert metadata.version("hdlib-workbook") == PROJECT["version"]
