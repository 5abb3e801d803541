"""The source of a function, folded away until the reader opens it."""

import inspect
from collections.abc import Callable
from html import escape
from importlib import import_module
from typing import Any

_STYLE = """<style>
.hdlib-source summary { cursor: pointer; padding: 6px 2px; }
.hdlib-source pre { background: transparent; border-left: 3px solid #8a8a8a;
  margin: 4px 0 0; padding: 4px 14px; }
.hdlib-source .k, .hdlib-source .kn, .hdlib-source .ow, .hdlib-source .kc
  { color: var(--jp-mirror-editor-keyword-color, inherit); font-weight: 600; }
.hdlib-source :is(.s1, .s2, .sd, .sa, .si) { color: var(--jp-mirror-editor-string-color, inherit); }
.hdlib-source :is(.mi, .mf) { color: var(--jp-mirror-editor-number-color, inherit); }
.hdlib-source .c1 { color: var(--jp-mirror-editor-comment-color, inherit); font-style: italic; }
</style>"""


class Source:
    """Shows a function's code in a fold; as text, the code itself.

    >>> from hdlib.workbook.rounding import _at
    >>> print(Source(_at, "How"))
    def _at(value: float, places: int) -> str:
        return f"{round(value, places):,.{max(places, 0)}f}"
    """

    def __init__(self, function: Callable[..., Any], title: str) -> None:
        self.code = inspect.getsource(function).rstrip()
        self.title = title

    def __repr__(self) -> str:
        return self.code

    def _repr_html_(self) -> str:
        return (
            f'{_STYLE}<details class="hdlib-source"><summary>{escape(self.title)}</summary>'
            f"<pre><code>{_coloured(self.code)}</code></pre></details>"
        )


def _coloured(code: str) -> str:
    pygments = import_module("pygments")  # comes with IPython

    lexer = import_module("pygments.lexers").PythonLexer()
    formatter = import_module("pygments.formatters").HtmlFormatter(nowrap=True)
    return str(pygments.highlight(code, lexer, formatter))
