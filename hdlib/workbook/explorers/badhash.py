"""Notebook 05: the theory holds for a good hash; four others, and keys that expose them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import plotly.graph_objects as go
import torch
from torch import Tensor

from hdlib import bits as words
from hdlib import theory
from hdlib.sets.probes import Probes
from hdlib.workbook import style
from hdlib.workbook.controls import Select, Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.filters import MODEL, bare, cells, counted, mean, picture, rate, read
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.rounding import rounded

SIDE = 32
BITS, HASHES = SIDE * SIDE, 7
FILTERS, STRANGERS = 40, 150
SCHEMES = {
    "hdlib": "hdlib: a fresh word for each place",
    "double": "double: h₁ + i · h₂, of two good hashes",
    "once": "once: one good hash, used for all places",
    "next": "next: key, key + 1, key + 2, …",
    "times": "times: key · 1, key · 3, key · 5, …",
}
SERIES = {
    "row": "1, 2, 3, … as ids are",
    "step": "64, 128, 192, … as addresses are",
    "random": "random numbers",
}


def explore_bad_hash(scheme: str = "next") -> Explorer:
    """False positives under five hashes. Taught in notebook 05.

    >>> card = explore_bad_hash()
    >>> card.controls["series"].value = "step"
    >>> card.words.split(";")[0]
    'A fair hash lets 0.74 % of strangers pass (exact, 100 keys, 1,024 bits, 7 hashes)'
    """
    controls = {
        "scheme": Select("hash", SCHEMES, scheme),
        "series": Select("keys", SERIES),
        "n": Slider("keys n", 100, values=(25, 50, 100, 200)),
    }
    return Explorer(
        "look at the bits of each hash; then give all of them keys that are multiples of 64.",
        controls,
        (rows_figure(), grid_figure()),
        update,
        slow=measure,
    )


def rows_figure() -> LiveFigure:
    """A row for each hash: theory as an upright line, what was measured as a point."""
    traces = [style.exact([0, 0], [-0.5, len(SCHEMES) - 0.5], "a fair hash", MODEL)]
    at = list(SCHEMES).index("once")
    traces.append(style.exact([0, 0], [at - 0.4, at + 0.4], "one hash", MODEL))
    point = style.measured([], [], [], "measured", MODEL).update(visible=False, error_y=None)
    point.error_x = {"array": [], "thickness": 1.5, "width": 4, "color": style.COLOURS[MODEL]}
    layout = {
        "xaxis": {
            "title": {"text": "strangers that pass (upright lines: exact)"},
            "range": [-0.03, 1.05],
            "tickformat": ".0%",
        },
        "yaxis": {
            "range": [len(SCHEMES) - 0.4, -0.6],
            "tickvals": list(range(len(SCHEMES))),
            "ticktext": list(SCHEMES),
            "showgrid": False,
        },
    }
    return LiveFigure(go.Figure([*traces, point], layout))


def grid_figure() -> LiveFigure:
    """The bits of one filter under the hash that is chosen."""
    layout = {
        "xaxis": bare(constrain="domain"),
        "yaxis": bare(autorange="reversed", scaleanchor="x"),
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
    }
    return LiveFigure(go.Figure([cells(picture(torch.zeros(BITS), SIDE), "bits")], layout))


def keys(series: str, filters: int, count: int) -> Tensor:
    """Keys of some filters, shuffled; each series starts elsewhere: ``-> (filters, count)``."""
    starts = words.words(5, torch.arange(filters), 1) >> 34  # a random start
    if series == "random":
        return words.words(6, torch.arange(filters), count)
    step = 64 if series == "step" else 1
    order = words.words(7, torch.arange(filters), count).argsort(-1)
    return starts // 64 * 64 + step * order


def placed(scheme: str, ids: Tensor) -> Tensor:
    """The places of keys under a hash: ``(…,) -> (…, HASHES)``."""
    i = torch.arange(HASHES)
    if scheme == "next":
        return (ids.unsqueeze(-1) + i) % BITS
    if scheme == "times":
        return ids.unsqueeze(-1) * (2 * i + 1) % BITS
    fair = Probes(BITS, HASHES, "plain", 0).places(ids.flatten()).reshape(*ids.shape, HASHES)
    if scheme == "hdlib":
        return fair
    if scheme == "once":
        return fair[..., :1].expand(fair.shape)
    return (fair[..., :1] + i * (fair[..., 1:2] | 1)) % BITS


def filters(scheme: str, series: str, n: int, count: int) -> tuple[Tensor, Tensor]:
    """Counters of some filters, and the places of strangers from the same series."""
    where = placed(scheme, keys(series, count, n + STRANGERS))
    return counted(where[:, :n], BITS), where[:, n:]


def fair(n: int, hashes: int = HASHES) -> float:
    """The rate of a hash that is as good as random."""
    return float(theory.bloom_false_positive(n, bits=BITS, hashes=hashes))


def update(scheme: str, series: str, n: int) -> Any:
    """What both figures show for these settings."""
    counts, _ = filters(scheme, series, n, 1)
    grid = (counts[0] > 0).to(torch.int64)
    left = {"a fair hash": {"x": [fair(n)] * 2}, "one hash": {"x": [fair(n, 1)] * 2}}
    full, even = int(grid.sum()), BITS * float(theory.bloom_fill(n, bits=BITS, hashes=HASHES))
    layouts = (
        {"title": f"A fair hash lets {rate(fair(n))} pass"},
        {"title": f"“{scheme}” sets {full} bits, a fair hash about {even:.0f}"},
    )
    return (
        (left, {"bits": {"z": picture(grid, SIDE)}}),
        layouts,
        in_words(scheme, series, n),
    )


def in_words(scheme: str, series: str, n: int) -> str:
    """What the figures show, in one line."""
    full = int((filters(scheme, series, n, 1)[0] > 0).sum())
    return (
        f"A fair hash lets {rate(fair(n))} of strangers pass (exact, {n} keys, {BITS:,} bits, "
        f"{HASHES} hashes); a single hash {rate(fair(n, 1))}; with the keys {SERIES[series]} "
        f"“{scheme}” sets {full} bits."
    )


@lru_cache(maxsize=256)
def drawn(scheme: str, series: str, n: int) -> tuple[float, float]:
    """The rate of a hash with its standard error, over series that start anywhere."""
    counts, strangers = filters(scheme, series, n, FILTERS)
    return mean((read(counts, strangers) > 0).all(-1))


def measure(progress: Any, scheme: str, series: str, n: int) -> Any:
    """All hashes."""
    found = []
    for done, name in enumerate(SCHEMES):
        progress(done / len(SCHEMES))
        found.append(drawn(name, series, n))
    rates, errors = zip(*found, strict=True)
    left = {"measured": {"x": rates, "y": list(range(len(SCHEMES))), "error_x": {"array": errors}}}
    shown = [
        f"{name} {rounded(100 * share, 100 * error)} %" if error else f"{name} {rate(share)}"
        for name, (share, error) in zip(SCHEMES, found, strict=True)
    ]
    words_ = f"{in_words(scheme, series, n)} Measured: {', '.join(shown)}."
    share = found[list(SCHEMES).index(scheme)][0]
    title = f"“{scheme}” lets {rate(share)} pass, a fair hash {rate(fair(n))}"
    return (left, {}), ({"title": title}, {}), words_
