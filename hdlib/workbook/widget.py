"""What all widgets of the workbook share: one style sheet, sent once for the whole page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anywidget

HERE = Path(__file__).parent
# anywidget puts a sheet into the page's head as soon as its model is there, also after a reload, so
# the first widget of a kernel styles all others; one in each was a quarter of a notebook's traffic.
_sheet: Iterator[str] = iter([(HERE / "style.css").read_text(encoding="utf-8")])


class Widget(anywidget.AnyWidget):
    """A widget in the house style."""

    def __init__(self, **traits: Any) -> None:
        self._css = next(_sheet, "")
        super().__init__(**traits)
