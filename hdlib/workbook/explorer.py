"""An explorer: controls, one figure that answers at once, and one line that says what it shows.

>>> import plotly.graph_objects as go
>>> from hdlib.workbook.controls import Slider
>>> def update(k):
...     words = f"At k = {k} the line ends at {k}."
...     return {"line": {"y": [0, k]}}, f"The line climbs by {k}", words
>>> figure = go.Figure(go.Scatter(x=[0, 1], name="line"))
>>> explorer = Explorer("move k", {"k": Slider("k", 1, min=1, max=9)}, figure, update)
>>> explorer.controls["k"].value = 3
>>> explorer.words
'At k = 3 the line ends at 3.'
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import ipywidgets

from hdlib.workbook.behind import Behind
from hdlib.workbook.controls import Control
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.line import Line
from hdlib.workbook.pictures import building, with_picture

MOST_CONTROLS, MOST_FIGURES = 5, 2


class Explorer:
    """One card: what to try, at most five controls, one figure or two, and the figure in words.

    `update(**values)` gets the value of each control by its name and gives `(traces, layout,
    words)`: changes for each trace by name, the title (the finding) or a dict of layout, and one
    line that states what the figure shows. It has a tenth of a second. With two figures, `traces`
    and `layout` are pairs.

    `slow(progress, **values)` is for what takes longer, a measurement. It runs behind, gives the
    same triple and is laid over what `update` shows; `progress(fraction)` moves its bar. Until it
    is done, the traces that it measured before are hidden: old points never stand beside a new
    curve.

    What `update` raises at the start is raised; later it is said in the card, and the figure stays.

    Raises:
        ValueError: too many controls or figures.
    """

    def __init__(
        self,
        try_: str,
        controls: Mapping[str, Control],
        figure: Any,
        update: Callable[..., Any],
        *,
        slow: Callable[..., Any] | None = None,
    ) -> None:
        figures = figure if isinstance(figure, list | tuple) else [figure]
        if len(controls) > MOST_CONTROLS or not 1 <= len(figures) <= MOST_FIGURES:
            raise ValueError(
                f"Explorer: {len(controls)} controls and {len(figures)} figures; a card has "
                f"at most {MOST_CONTROLS} controls and {MOST_FIGURES} figures: make two explorers"
            )
        self.controls = dict(controls)
        self.figures = tuple(_live(each) for each in figures)
        self.figure = self.figures[0]
        self.error: Exception | None = None
        self._update = update
        self._line = Line("", live=True)
        self._exact_words = ""  # those of `update` alone: the same in every run
        self._measured: list[set[str | int]] = [set() for _ in self.figures]
        self._behind = slow and Behind(
            slow, self._show_measured, failed=self._show_error, progress=self._show_progress
        )
        self.ui = self._card(try_)
        self._show(update(**self.values))
        if self._behind:
            self._behind.ask(self.values)
        for control in self.controls.values():
            control.observe(self._changed, "value")

    @property
    def values(self) -> dict[str, Any]:
        """The value of each control by name."""
        return {name: control.value for name, control in self.controls.items()}

    @property
    def words(self) -> str:
        """What the card says now."""
        return str(self._line.text)

    def wait(self, timeout: float | None = 60) -> "Explorer":
        """Wait until the measurement for the settings of now is shown.

        Raises:
            TimeoutError: it did not come within `timeout` seconds.
        """
        if self._behind:
            self._behind.wait(timeout)
        return self

    def _changed(self, _: Any) -> None:
        values = self.values
        try:
            self._show(self._update(**values), hide=True)
        except Exception as error:
            if self._behind:  # what was asked before must not hide what went wrong now
                self._behind.drop()
            self._show_error(error)
            return
        if self._behind:
            self._behind.ask(values)

    def _show(self, result: Any, hide: bool = False) -> None:
        traces, layouts, words = self._apart(result)
        if hide:
            traces = [
                {**{name: {"visible": False} for name in measured}, **change}
                for measured, change in zip(self._measured, traces, strict=True)
            ]
        self._draw(traces, layouts, words)
        self._exact_words = words

    def _show_measured(self, result: Any) -> None:
        traces, layouts, words = self._apart(result)
        self._measured = [set(change) for change in traces]
        traces = [
            {name: {"visible": True, **change} for name, change in changes.items()}
            for changes in traces
        ]
        self._draw(traces, layouts, words)

    def _draw(self, traces: Sequence[Any], layouts: Sequence[Any], words: str) -> None:
        parts = list(zip(self.figures, traces, layouts, strict=True))
        for figure, changes, layout in parts:  # all are checked before the first one changes
            figure.checked(changes, layout)
        for figure, changes, layout in parts:
            figure.update(changes, alt=words, **layout)
        self.error = None
        with self._line.hold_sync():
            self._line.error = False
            self._line.text = words

    def _show_error(self, error: Exception) -> None:
        self.error = error
        reason = str(error) or type(error).__name__
        with self._line.hold_sync():
            self._line.progress = None
            self._line.error = True
            self._line.text = (
                f"These settings do not work: {reason} The figure shows the last that did."
            )

    def _show_progress(self, fraction: float | None) -> None:
        self._line.progress = fraction

    def _apart(self, result: Any) -> tuple[list[Any], list[dict[str, Any]], str]:
        try:
            traces, layout, words = result
        except (TypeError, ValueError):
            raise TypeError("update must give (traces, layout, words)") from None
        alone = len(self.figures) == 1
        traces, layouts = ([traces], [layout]) if alone else (list(traces), list(layout))
        return traces, [{"title": x} if isinstance(x, str) else dict(x) for x in layouts], words

    def _card(self, try_: str) -> ipywidgets.VBox:
        row = ipywidgets.Layout(flex_flow="row wrap")
        controls = ipywidgets.HBox(list(self.controls.values()), layout=row)
        figures = ipywidgets.HBox(self.figures, layout=row)
        card = ipywidgets.VBox([Line(try_, lead="Try"), controls, figures, self._line])
        for box, name in ((card, "card"), (controls, "controls"), (figures, "figures")):
            box.add_class(f"hdlib-{name}")
        return card

    def __repr__(self) -> str:
        return self.words

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if building():
            self.wait(None)  # the picture shows what was measured as well
        return with_picture(
            self.ui._repr_mimebundle_(**kwargs),
            self._exact_words,
            [view.figure for view in self.figures],
            self.words,
        )


def _live(figure: Any) -> LiveFigure:
    view = figure if isinstance(figure, LiveFigure) else LiveFigure(figure)
    view.caption = False  # the card says the words once, below all figures
    return view
