"""A short answer to the reader: in words everywhere, set in the house style where there is HTML."""

from dataclasses import dataclass
from html import escape
from typing import Literal

_MARKS = {"right": "✓", "wrong": "✗", "open": "○"}
_NAMES = {"right": "Right.", "wrong": "Not yet.", "open": ""}
# Inline, because this is saved in the notebook and must look right without any widget. The colours
# have a contrast of 4.5 or more on white and on JupyterLab's dark page.
_COLOURS = {"right": "#1a8763", "wrong": "#c75a12", "open": "#7b7b7b"}


@dataclass(frozen=True)
class Verdict:
    """What is said about an answer: whether it is right, why, and what to do next.

    >>> Verdict("wrong", "0.5 is too small.", "hint('00.peso') helps.")
    ✗ Not yet. 0.5 is too small. hint('00.peso') helps.
    """

    state: Literal["right", "wrong", "open"]
    message: str
    more: str = ""

    @property
    def ok(self) -> bool:
        """Whether the answer is right."""
        return self.state == "right"

    def __repr__(self) -> str:
        parts = (_MARKS[self.state], _NAMES[self.state], self.message, self.more)
        return " ".join(part for part in parts if part)

    def _repr_html_(self) -> str:
        colour = _COLOURS[self.state]
        head = f"{_MARKS[self.state]} {_NAMES[self.state]}".strip()
        more = f' <span style="opacity:.75">{_code(self.more)}</span>' if self.more else ""
        return (
            f'<div style="border-left:4px solid {colour};padding:4px 14px;margin:6px 0;'
            f'max-width:44em;line-height:1.5"><strong style="color:{colour}">{head}</strong> '
            f"{_code(self.message)}{more}</div>"
        )


def _code(text: str) -> str:
    """Escape, and set what stands between backticks as code."""
    parts = escape(text, quote=False).split("`")
    return "".join(f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts))
