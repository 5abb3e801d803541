"""Notebook 08: the carry-save majority, adder by adder, and how many adders n rows need."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import plotly.graph_objects as go

from hdlib.vsa import BSC
from hdlib.workbook import style
from hdlib.workbook.controls import Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.figure import LiveFigure

MOST, SHOWN = 33, 24  # rows of a bundle, and columns of it that are drawn


def explore_adders(rows: int = 7) -> Explorer:
    """Rows of bits become planes of counts, one adder at a time. Taught in notebook 08.

    >>> explore_adders(7).words.split(";")[0]
    '7 rows of bits: 4 adders = 7 - 3 ones in 111'
    """
    controls = {
        "rows": Slider("rows n", rows, min=1, max=MOST, unit="vectors"),
        "step": Slider("adders done", 0, min=0, max=MOST, step=1),
    }
    ones = go.Scatter(x=[], y=[], name="bits", mode="markers", meta="exact")
    ones.update(marker={"symbol": "square", "size": 10, "color": style.colour_of("BSC")})
    sizes = list(range(1, MOST + 1))
    theory = style.exact(sizes, [expected(n) for n in sizes], "n - ones of n", "BSC")
    done = style.measured([], [], [], "adders that ran", "BSC")
    done.update(x=sizes, y=[len(history(n)) - 1 for n in sizes], marker={"size": 5})
    columns = {"title": {"text": f"the first {SHOWN} columns"}, "range": [-1, SHOWN]}
    lines = {"title": {"text": "rows, and what their ones are worth"}, "showgrid": False}
    counts = {"title": {"text": "adders, of 5 word operations at most"}, "range": [-1, MOST]}
    return Explorer(
        "move “adders done” to the right; then double the rows.",
        controls,
        (
            LiveFigure(go.Figure([ones], {"xaxis": columns, "yaxis": lines})),
            LiveFigure(
                go.Figure(
                    [theory, done, style.here(1, 1)],
                    {"xaxis": {"title": {"text": "rows n"}}, "yaxis": counts},
                )
            ),
        ),
        update,
    )


def expected(n: int) -> int:
    """Adders that n rows need: each but one bit of every weight goes (Legendre)."""
    return n - n.bit_count()


@lru_cache(maxsize=64)
def history(n: int) -> list[list[tuple[int, int]]]:
    """After each adder, all rows of bits as (exponent of their weight, bits as one whole number).

    Three rows of one weight become their sum's low and high bit (full adder); the last two of a
    weight as well (half adder). In the end one row of each weight is left.
    """
    rows = [(0, int(word) & ((1 << 63) - 1)) for word in BSC(512, seed=8).random(n)[:, 0]]
    steps = [list(rows)]
    weight = 0
    while any(w >= weight for w, _ in rows):
        same = [bits for w, bits in rows if w == weight]
        if len(same) < 2:
            weight += 1
            continue
        a, b, c = same[0], same[1], same[2] if len(same) > 2 else 0
        odd = a ^ b
        low, high = odd ^ c, (a & b) | (odd & c)
        left = [*same[3:], low]
        rows = [(w, bits) for w, bits in rows if w < weight]
        rows += [(weight, bits) for bits in left]
        rows += [(w, bits) for w, bits in steps[-1] if w > weight] + [(weight + 1, high)]
        steps.append(list(rows))
    return steps


def update(rows: int, step: int) -> Any:
    """Bits before the next adder, and the adders of all sizes."""
    steps = history(rows)
    last = len(steps) - 1
    at = min(step, last)
    drawn = steps[at]
    weights = [w for w, _ in drawn]
    places = [
        (i, row) for row, (_, bits) in enumerate(drawn) for i in range(SHOWN) if bits >> i & 1
    ]
    x, y = ([place[axis] for place in places] for axis in (0, 1))
    ticks = {
        "tickvals": list(range(len(drawn))),
        "ticktext": [f"×{1 << w}" for w in weights],
        "range": [len(drawn) - 0.5, -0.5],
    }
    finished = at == last
    state = "done" if finished else f"{last - at} to go"
    ones, are = rows.bit_count(), "is" if len(drawn) == 1 else "are"
    words = (
        f"{counted(rows)} of bits: {last} adders = {rows} - {ones} ones in {rows:b}; after {at} of "
        f"them {counted(len(drawn))} of bits {are} left ({state}), worth "
        f"{', '.join(f'{1 << w}' for w in weights)}. All 64 columns of a word are counted at once: "
        f"{5 * last} word operations at most, where adding the bits up one by one takes "
        f"{64 * rows}."
    )
    title = f"{counted(len(drawn))} of bits, after {at} of {last} adders"
    return (
        ({"bits": {"x": x, "y": y}}, {"you are here": {"x": [rows], "y": [last]}}),
        ({"title": title, "yaxis": ticks}, {"title": f"{counted(rows)}: {last} adders"}),
        words,
    )


def counted(rows: int) -> str:
    """So many rows, in words."""
    return "1 row" if rows == 1 else f"{rows} rows"
