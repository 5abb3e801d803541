"""Binder reads binder/ and starts JupyterLab on the first notebook."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOT_SOURCE = shutil.ignore_patterns(".venv", ".git", ".*_cache", "__pycache__", "_build")


def test_repo2docker_reads_the_binder_folder(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    shutil.copytree(ROOT, clone, ignore=NOT_SOURCE)
    tool = Path(sys.executable).with_name("jupyter-repo2docker")
    run = subprocess.run(
        [tool, "--no-build", "--debug", clone], capture_output=True, text=True, timeout=120
    )
    dockerfile = run.stdout + run.stderr
    assert run.returncode == 0, dockerfile
    for line in (
        "binder/environment.yml",
        "./binder/postBuild",
        'R2D_ENTRYPOINT="${REPO_DIR}/binder/start"',
        "python=3.11",
    ):
        assert line in dockerfile


def test_the_start_script_hands_over_to_jupyter() -> None:
    out = subprocess.run(
        ["bash", ROOT / "binder/start", "sh", "-c", "echo $OMP_NUM_THREADS $NUMBA_NUM_THREADS"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert out.stdout == "1 1\n"


def test_the_badge_opens_the_first_notebook_in_lab() -> None:
    badges = re.findall(r"https://mybinder\.org/v2/\S+?(?=\))", (ROOT / "README.md").read_text())
    assert badges
    assert all(url.endswith("?urlpath=lab/tree/notebooks/00_start.ipynb") for url in badges)
