"""What holds for every test: which outputs of a notebook are compared, and where to look."""

from importlib.util import find_spec
from typing import Any

collect_ignore = ["docs", "notebooks/src", "notebooks/build.py"]
if find_spec("triton") is None:  # it is made for Linux
    collect_ignore += ["hdlib/kernels/cuda.py"]

# Floats differ in their last bits between processors, so pictures are not compared: each notebook
# prints one line in words under each figure, and that line is. Standard error holds the progress
# bars of tqdm and the kernel's own remarks.
SKIP = ("application/vnd.plotly.v1+json", "text/html", "stderr")


def pytest_collectstart(collector: Any) -> None:
    if type(collector).__name__ == "IPyNbFile":  # by name, so that nbval stays optional
        collector.skip_compare += SKIP
