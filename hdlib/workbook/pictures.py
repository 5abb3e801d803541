"""Pictures for the saved notebook, where no kernel runs: made only while notebooks are being built.

GitHub draws no widgets, and an untrusted notebook shows neither widgets nor SVG; a PNG it does
show. Building is `HDLIB_PICTURES=1` (to 3, smaller) in the environment and needs kaleido and
chromium. A reader needs neither.
"""

import base64
import io
import os
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import plotly.graph_objects as go

from hdlib.workbook.colours import QUIET
from hdlib.workbook.style import TEMPLATE

WIDTHS = (640, 880)  # of one figure, and of two side by side, as on the page
# The scale of one figure and of each of two, and the colours that are left: sharp as far as 40 KB
# allow (eleven models, and anti-aliased lines need some of each hue), or smaller where many cards
# share a notebook.
LEVELS = {"1": (2, 1.5, 128), "2": (1.4, 1.1, 64), "3": (1.25, 1, 48)}


def building() -> bool:
    """Whether notebooks are being built now."""
    return os.environ.get("HDLIB_PICTURES") in LEVELS


def with_picture(
    bundle: Mapping[str, Any], text: str, figures: Sequence[go.Figure], words: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Add `text` to what Jupyter shows, and while notebooks are being built the picture."""
    shown = {**bundle, "text/plain": text}
    if not building():
        return shown, {}
    image = base64.b64encode(picture(figures, words)).decode()
    width = WIDTHS[len(figures) - 1]
    return {**shown, "image/png": image}, {"image/png": {"width": width}}


def picture(figures: Sequence[go.Figure], words: str) -> bytes:
    """Draw figures side by side with the words below, in the house style: a PNG of 20 to 50 KB.

    Raises:
        ImportError: kaleido or Pillow is missing; both are in the extra `test`.
    """
    from PIL import Image

    *scales, colours = LEVELS[os.environ.get("HDLIB_PICTURES", "1")]
    width, scale = WIDTHS[len(figures) - 1], scales[len(figures) - 1]
    each = width // len(figures)
    pages = [Image.open(io.BytesIO(_png(figure, each, scale))) for figure in figures]
    below = Image.open(io.BytesIO(_png(_words(words, width), width, scale)))
    height = max(page.height for page in pages)
    whole = Image.new("RGB", (round(scale * width), height + below.height), "white")
    for index, page in enumerate(pages):
        whole.paste(page, (round(scale * each) * index, 0))
    whole.paste(below, (0, height))
    small = io.BytesIO()
    whole.quantize(colours, dither=Image.Dither.NONE).save(small, "PNG", optimize=True)
    return small.getvalue()


def _png(figure: go.Figure, width: int, scale: float) -> bytes:
    kaleido = import_module("kaleido")

    os.environ.setdefault("BROWSER_PATH", shutil.which("chromium") or "")
    # One browser for all pictures of this kernel; starting it takes longer than drawing.
    kaleido.start_sync_server(silence_warnings=True, mathjax=False)
    figure = _dressed(figure, width)
    options = {"format": "png", "width": width, "height": figure.layout.height, "scale": scale}
    image: bytes = kaleido.calc_fig_sync(figure, opts=options)
    return image


def _dressed(figure: go.Figure, width: int) -> go.Figure:
    """`figure` in the house style on white, its title wrapped into the margin above it."""
    house: dict[str, Any] = TEMPLATE["layout"]
    template = {**TEMPLATE, "layout": {**house, "paper_bgcolor": "#fff"}}
    lines = textwrap.wrap(figure.layout.title.text or "", width // 9)
    head = 22 * len(lines) + 12 * bool(lines)
    dressed = go.Figure(figure)
    dressed.update_layout(
        template=template,
        font_family="DejaVu Sans, sans-serif",
        title={
            "text": "<br>".join(lines),
            "font": {"size": 16, "weight": 600},
            "x": 0,
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"l": 12, "t": 10},
        },
    )
    layout = dressed.layout
    top = layout.margin.t if layout.margin.t is not None else house["margin"]["t"]
    dressed.update_layout(height=(layout.height or house["height"]) + head, margin_t=top + head)
    return dressed


def _words(words: str, width: int) -> go.Figure:
    """Only the words, wrapped, as a figure of their own: the same fonts in the same browser."""
    lines = textwrap.wrap(words, width // 7)
    figure = go.Figure(
        layout={
            "height": 20 * len(lines) + 10,
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
            "xaxis": {"visible": False},
            "yaxis": {"visible": False},
        }
    )
    return figure.add_annotation(
        text="<br>".join(lines),
        font={"size": 12, "color": QUIET},
        showarrow=False,
        align="left",
        xref="paper",
        yref="paper",
        x=0,
        y=1,
        xshift=12,
        xanchor="left",
        yanchor="top",
    )
