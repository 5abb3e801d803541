"""hdlib.workbook offers its names and loads nothing before they are asked for."""

import subprocess
import sys

from hdlib import workbook


def test_every_name_is_there() -> None:
    for name in workbook.__all__:
        value = getattr(workbook, name)
        assert callable(value), name
        assert name in dir(workbook)


def test_loading_is_lazy() -> None:
    code = (
        "import sys, hdlib.workbook; "
        "print([m for m in ('plotly', 'ipywidgets', 'anywidget', 'IPython') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
