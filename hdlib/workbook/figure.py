"""Live plotly figures that do not carry plotly.js.

The page draws with JupyterLab's own copy of plotly; elsewhere it asks the kernel for one, once.

>>> import plotly.graph_objects as go
>>> view = LiveFigure(go.Figure(go.Scatter(y=[1, 2], name="signal")), alt="a rising line")
>>> view.update({"signal": {"y": [3, 4]}}, title="Twice as high", alt="a higher line")
>>> view.figure.data[0].y, view.figure.layout.title.text
((3, 4), 'Twice as high')
"""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import traitlets as t

from hdlib.workbook import plotly_js
from hdlib.workbook.colours import DARK
from hdlib.workbook.pack import pack
from hdlib.workbook.pictures import with_picture
from hdlib.workbook.style import TEMPLATE
from hdlib.workbook.widget import HERE, Widget

Changes = Mapping[str | int, Mapping[str, Any]]


class LiveFigure(Widget):
    """Show a plotly figure and redraw it on `update`.

    `figure` is the state, the only one: read it in tests, and change it through `update` alone. The
    number of traces is fixed from the start. The title, which states the finding, is set as a
    heading of the page, so that it wraps and can be read out; `alt` says in words what the figure
    shows.
    """

    _esm = HERE / "figure.js"
    _theme = t.Dict({"template": TEMPLATE, "dark": DARK}).tag(sync=True)
    alt = t.Unicode().tag(sync=True)
    caption = t.Bool(True).tag(sync=True)  # shows `alt` below the plot as well

    def __init__(self, figure: Any, alt: str = "A plot", *, caption: bool = True) -> None:
        self.figure = go.Figure(figure)
        self.figure.layout.template = None  # plotly's own; the page has the house style
        # One synced trait for each trace: an update sends only what it changed, and nothing is lost
        # when it comes before the page has loaded the widget. The trait stores nothing: its value
        # is read from `figure` at the moment of sending, so that a reloaded page or a second view
        # is always right.
        parts = ["_layout", *(f"_trace{index}" for index in range(len(self.figure.data)))]
        self.add_traits(**{name: self._trait(name) for name in parts})
        self.add_traits(_count=t.Int(len(parts) - 1).tag(sync=True))
        super().__init__(alt=alt, caption=caption)
        self.on_msg(self._answer)

    def update(
        self, traces: Changes | None = None, *, alt: str | None = None, **layout: Any
    ) -> None:
        """Change traces (by name or index), the layout and the words, all in one message.

        Lists in the layout, such as `annotations`, are replaced as a whole.

        Raises:
            KeyError: there is no such trace.
            ValueError: plotly refuses a value. Either way the figure stays as it was.
        """
        changes = self.checked(traces, layout)
        for index, change in changes.items():
            self.figure.data[index].update(change)
        for key, value in layout.items():
            _set(self.figure.layout, key, value)
        names = [f"_trace{index}" for index in changes] + ["_layout"] * bool(layout)
        with self.hold_sync():
            self._states_to_send.update(names)
            if alt is not None:
                self.alt = alt

    def checked(
        self, traces: Changes | None, layout: Mapping[str, Any]
    ) -> dict[int, Mapping[str, Any]]:
        """Raise what `update` would raise and change nothing; give back the changes by index."""
        changes = {self._index(key): change for key, change in (traces or {}).items()}
        for index, change in changes.items():
            type(self.figure.data[index])().update(
                change
            )  # plotly validates; a fresh trace is cheap
        for key, value in layout.items():
            _set(go.Layout(), key, value)
        return changes

    def _index(self, key: str | int) -> int:
        names = [trace.name or index for index, trace in enumerate(self.figure.data)]
        if key in names:
            return names.index(key)
        if isinstance(key, int) and 0 <= key < len(names):
            return key
        raise KeyError(f"update: no trace {key!r}; this figure has {names}")

    def _trait(self, name: str) -> t.Any:
        return t.Any().tag(sync=True, to_json=lambda _, view: view._part(name))

    def _part(self, name: str) -> Any:
        part = self.figure.layout if name == "_layout" else self.figure.data[int(name[6:])]
        return pack(part.to_plotly_json())

    def _answer(self, _: Any, message: Any, buffers: Any) -> None:
        if message == "plotly.js?":
            self.send({"plotly.js": True}, [plotly_js.zipped()])

    def __repr__(self) -> str:
        return self.alt

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle, *_ = super()._repr_mimebundle_(**kwargs) or ({},)
        return with_picture(bundle, self.alt, [self.figure], self.alt)


def _set(layout: go.Layout, key: str, value: Any) -> None:
    if isinstance(value, list | tuple):  # plotly would merge the new list into the old one
        layout[key] = value
    else:
        layout.update({key: value})
