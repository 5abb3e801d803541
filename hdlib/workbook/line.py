"""A line of the card: the sentence that says what to try, and the words below the figure."""

import traitlets as t

from hdlib.workbook.widget import HERE, Widget


class Line(Widget):
    """One sentence, led by a word in colour; live lines are read out when they change.

    >>> Line("move the slider", lead="Try").text
    'move the slider'
    """

    _esm = HERE / "line.js"
    text = t.Unicode().tag(sync=True)
    lead = t.Unicode().tag(sync=True)
    live = t.Bool(False).tag(sync=True)
    error = t.Bool(False).tag(sync=True)
    progress = t.Float(None, allow_none=True).tag(sync=True)  # 0 to 1 while something is measured

    def __init__(self, text: str, *, lead: str = "", live: bool = False) -> None:
        super().__init__(text=text, lead=lead, live=live)
