"""A control for longer text, such as JSON: typed, pasted, or read from a file."""

from collections.abc import Sequence
from typing import Any

import traitlets as t

from hdlib.workbook.controls import Control, ControlError
from hdlib.workbook.widget import HERE


class Area(Control):
    """Several lines of text: typed or pasted, passed on when typing pauses, or read from a file.

    A text or a file that is too long is refused beside the box, and what was there stays in use.
    All line ends become line feeds. `accept`, such as ``".txt,.vtt"``, adds a button that opens a
    file, offering such names first; the page reads it into the box. `examples` are other texts that
    the box may hold, for tests to try.

    >>> box = Area("records", "[]", max_length=4)
    >>> box.value = "[1, 2]"
    Traceback (most recent call last):
    hdlib.workbook.controls.ControlError: records: 6 characters do not fit; take at most 4

    Raises:
        ControlError: the value is not text, or longer than `max_length`; the old value stays.
    """

    _esm = HERE / "boxes.js"
    max_length = t.Int().tag(sync=True)
    lines = t.Int().tag(sync=True)
    accept = t.Unicode().tag(sync=True)

    def __init__(
        self,
        label: str,
        value: str = "",
        *,
        max_length: int = 2_000,
        lines: int = 4,
        accept: str = "",
        examples: Sequence[str] = (),
    ) -> None:
        self.examples = list(examples)
        super().__init__(
            kind="area", label=label, max_length=max_length, lines=lines, accept=accept, value=value
        )

    def valid(self, value: Any) -> str:
        """Give back `value` if it is text and fits."""
        if not isinstance(value, str):
            raise self.refuse(value, "take text")
        if len(value) > self.max_length:
            many = f"{len(value):,} characters do not fit"
            raise ControlError(f"{self.label}: {many}; take at most {self.max_length:,}")
        return value.replace("\r\n", "\n").replace("\r", "\n")

    def choices(self) -> list[str]:
        """The examples, and the text of now."""
        return [*self.examples, self.value]

    def __repr__(self) -> str:
        return f"Area({self.label!r}, {len(self.value):,} characters)"
