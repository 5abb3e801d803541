"""The saved measurements as a page of the site: bars, growth, tables, a roofline to hover over."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

import plotly.graph_objects as go

from benchmarks.bars import BARS, Bar, Verdict, asked, shown
from benchmarks.growth import LINEAR, Fit
from benchmarks.harness import Row, own, row_of
from hdlib.workbook.colours import ACCENT, COLOURS, INK, SYMBOLS
from hdlib.workbook.style import TEMPLATE

RESULTS = Path(__file__).with_name("results")
SCRIPT = "../_static/plotly.min.js"  # where docs/build.py puts plotly's own copy
INTRODUCTION = """# Speed

How long hdlib takes, beside its peers and beside the least that the machine could take. `make
bench` measures all of this on yours; notebook 08 explains why it comes out so.

**How it was measured.** Results are compared before anything is timed. Then all ways to do one
piece of work take turns in one process, and a time is the median of its turns. Where another
package bears our import name (cumbof's hdlib, on PyPI), it runs in a process of its own, right
after ours.

- *Ratio* is the time of a way divided by ours: **below 1 that way is faster than ours**.
- *Floor* is what this machine needs at least for the bytes, bits and multiplications that the work
  cannot do without: a copy of as many bytes, a popcount loop in the first-level cache, a product of
  float32 matrices, all measured beside it.
- *Memory* is the most that one call took beside its input; room that was there from earlier calls
  is not seen, so 0 means "no more than before".
- *Made* means that atoms are made anew instead of being read.
"""
MISSING = "\nNo measurement has been saved yet: `python -m benchmarks --save` writes one.\n"
ROOFLINE = (
    "Each point is one of our rows that compares bits or multiplies. Left of a ridge memory is the "
    "bound, right of it arithmetic; the height is what was done in a second. The slope holds for "
    "bytes that come from memory: what fits a cache may lie above it."
)
GROWTH = f"""The exponent *p* with which time grows: as *N*ᵖ along the number of vectors (pairs,
items of a bundle, items compared; *D* = 10,000) and as *D*ᵖ along the dimension; 1 is linear. The
first number is the slope of a line through all sizes, in logarithms; the second that of the last
step, how it goes on. *Copy* is a plain copy of the vectors: where they leave the caches, a step is
dearer, once, whatever is done with them. **Bold** is a last step that is steeper than linear and
than the copy's, by more than {LINEAR}. (VTB multiplies √*D* × √*D* matrices: 1.5 is its own.
Results above 512 MB lie in fresh pages of memory.) Below 1 a part comes free, such as a second
thread that joins only much work. What the smallest size takes is overhead and taken off; where all
is overhead, there is no exponent.
"""
ABOUT = {
    "kernels": "The packed kernels beside the plain torch that defines them, and numpy.",
    "models": "Every verb of every model at *D* = 10,000, beside torchhd where it has the model.",
    "dimensions": "The same at two other dimensions.",
    "many": "Many vectors and many bundles in every model, at *D* = 1,024.",
    "growth": "The points of the table above.",
    "search": "Distances, similarities, clean-up and bundles by the ten thousand.",
    "cumbof": "Beside cumbof's hdlib 2.1.0, which works on one pair at a time.",
    "sets": "Bloom filters at 1 % error, beside rbloom (Rust) and pybloom_live; one thread.",
    "documents": "JSON records: encoding, search, binding; what the vectors find stands beside.",
    "segment": "Topic segmentation, beside HyperSeg as published; one thread.",
    "schlegel": "The bundling experiment of Schlegel et al., beside a loop with torchhd.",
    "long": "Millions of items; each task in a process of its own, whose whole memory counts.",
}


def page() -> str:
    """The whole page, from the files in benchmarks/results that `make bench` made."""
    saved = [json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))]
    parts = [section(kept) if "suites" in kept else gpu(kept) for kept in saved]
    return INTRODUCTION + ("\n".join(parts) or MISSING)


def section(kept: dict[str, Any]) -> str:
    """One machine: what it is, what was reached, how cost grows, its roofline, every row."""
    machine = kept["machine"]
    suites = {name: [row_of(row) for row in rows] for name, rows in kept["suites"].items()}
    verdicts = [Verdict(Bar(**one["bar"]), one["task"], one["found"]) for one in kept["bars"]]
    fits = [Fit(**fit) for fit in kept["growth"]]
    rows = [row for suite in suites.values() for row in suite]
    parts = [
        f"\n## {machine['processor'].split(',')[0]}, {machine['threads']} threads\n",
        described(machine, kept["versions"]),
        f"\n### Bars\n\n{reached(verdicts, suites)}",
        f"\n### Roofline\n\n{ROOFLINE}\n\n```{{raw}} html\n{roofline(kept, rows)}\n```\n",
        f"\n### Growth\n\n{grown(fits)}",
        f"\n### Where a peer is faster\n\n{slower(rows)}",
        "\n### All rows\n",
    ]
    return "\n".join(parts + [suite(name, found) for name, found in suites.items()])


def gpu(kept: dict[str, Any]) -> str:
    """What `make bench-cuda` saved: each way beside the first, which is what the GPU could do."""
    lines, floors = [], {}
    for row in map(row_of, kept["rows"]):
        least = floors.setdefault(row.task, row.seconds)
        lines.append((row.task, row.way, milliseconds(row), times(row.seconds / least)))
    versions = ", ".join(f"{name} {number}" for name, number in kept["versions"].items())
    table = grid(("work", "way", "ms", "of the first way"), "llrr", lines)
    return f"\n## {kept['gpu']}\n\n{versions}.\n\n{table}"


def described(machine: dict[str, Any], versions: dict[str, str]) -> str:
    """What was measured on."""
    copies = ", ".join(
        f"{rate / 1e9:,.0f} GB/s ({int(size) >> 10:,} KiB)"
        for size, rate in machine["copies"].items()
    )
    cores, memory = machine["cores"], machine["memory_gb"]
    return "\n".join(
        (
            f"- **Machine:** {machine['processor']}; {cores} cores, {memory} GB of memory",
            f"- **Copies** of so many bytes: {copies}",
            f"- **Popcounts:** {machine['popcounts'] / 1e12:.2f} Tbit/s; "
            f"**products** of float32: {machine['flops'] / 1e9:,.0f} Gflop/s",
            f"- **Versions:** {', '.join(f'{name} {it}' for name, it in versions.items())}\n",
        )
    )


def reached(verdicts: list[Verdict], suites: Iterable[str]) -> str:
    """What was asked and found, and by how much a bar was missed."""
    lines = []
    for one in verdicts:
        bar = one.bar
        task = bar.task if one.task == bar.task else f"{words(bar)}; worst: {one.task}"
        task += "" if bar.way == "hdlib" else f" ({how(bar.way)})"
        said = f"met, {one.margin:,.3g}×" if one.met else f"**missed by {1 / one.margin:,.3g}×**"
        said += f", {one.missing} of {one.tasks} rows" if one.missing and one.tasks > 1 else ""
        lines.append((task, asked(bar), shown(one.found, bar.unit), said))
    met = sum(one.met for one in verdicts)
    left = sorted({bar.suite for bar in BARS} - set(suites) - {"cuda"})
    text = f"What hdlib is meant to reach: {met} of {len(verdicts)} bars are met"
    text += f", and those of {', '.join(left)} were not measured.\n\n" if left else ".\n\n"
    return text + grid(("work", "asked", "found", ""), "llrl", lines)


def words(bar: Bar) -> str:
    """A pattern of tasks in words."""
    if bar.task == "*":
        return f"everything in “{bar.suite}”"
    return f"all of “{bar.task.replace('*', '…')}”"


def how(way: str) -> str:
    """Which of our ways it is."""
    return way.removeprefix("hdlib, ")


def grown(fits: list[Fit]) -> str:
    """Exponents, an axis after the other: a line a model, a column a verb."""
    text = [GROWTH]
    for along in ("N", "D"):
        found: dict[str, dict[str, str]] = {}
        for fit in fits:
            model, _, verb = fit.task.partition(" ")
            if fit.along == along and model in COLOURS:
                found.setdefault(model, {})[f"{verb}, *{along}*"] = exponents(fit)
        titles = list(dict.fromkeys(title for cells in found.values() for title in cells))
        lines = [(name, *(cells.get(t, "") for t in titles)) for name, cells in found.items()]
        text.append(grid(("model", *titles), "l" + "r" * len(titles), lines) if lines else "")
    others = [fit for fit in fits if fit.task.split()[0] not in COLOURS]
    text += [f"- {fit.task}, *{fit.along}*: {exponents(fit)}" for fit in others]
    return "\n".join(text) + "\n"


def exponents(fit: Fit) -> str:
    """Both, in bold where growth is not linear."""
    if fit.exponent is None:
        return "overhead"
    both = f"{fit.exponent:.2f} → {fit.last:.2f}"
    return both if fit.linear else f"**{both}**"


def slower(rows: list[Row]) -> str:
    """What is to be improved, worst first."""
    ours = {row.task: row for row in reversed(rows) if own(row.way)}
    ahead = sorted((r for r in rows if r.ratio < 1 and not own(r.way)), key=lambda r: r.ratio)
    if not ahead:
        return "Nowhere.\n"
    lines = [
        (row.task, milliseconds(ours[row.task]), row.way, milliseconds(row), times(1 / row.ratio))
        for row in ahead
    ]
    tasks = len({row.task for row in rows if not own(row.way)})
    text = f"In {len({row.task for row in ahead})} of the {tasks} tasks that a peer has, too.\n\n"
    return folded(
        text + grid(("work", "ours, ms", "peer", "its, ms", "faster"), "lrlrr", lines),
        f"{len(ahead)} rows, the worst first",
    )


def suite(name: str, rows: list[Row]) -> str:
    """A folded table: a line a task, a column for ours, the floor, and the others beside it."""
    lines = []
    for task, ways in groupby(rows, key=lambda row: row.task):
        ours, *others = ways
        mine = milliseconds(ours) + ("" if ours.way == "hdlib" else f" ({how(ours.way)})")
        least = "" if ours.floor is None else f"{1e3 * ours.floor:.4g}"
        beside = [f"{how(r.way)} {milliseconds(r)} ({beaten(r)}){noted(r)}" for r in others]
        lines.append((task, mine + noted(ours), least, room(ours), "; ".join(beside)))
    table = grid(
        ("work", "ours, ms", "floor, ms", "memory, MB", "other ways, ms (ratio)"), "lrrrl", lines
    )
    about = ABOUT.get(name, "")
    return folded(f"{about}\n\n{table}", f"{name}: {len(lines)} tasks")


def noted(row: Row) -> str:
    """What belongs to a time."""
    return f", {row.note}" if row.note else ""


def room(row: Row) -> str:
    """Megabytes of a call, or of the whole process that it had."""
    if row.process is not None:
        return f"{row.process / 1e6:,.0f} (process)"
    return "" if row.peak is None else f"{row.peak / 1e6:,.1f}"


def milliseconds(row: Row) -> str:
    """Four digits of a time."""
    return f"{1e3 * row.seconds:,.4g}" if row.seconds < 1 else f"{1e3 * row.seconds:,.0f}"


def times(ratio: float) -> str:
    """A ratio with two digits."""
    return f"{ratio:,.0f}×" if ratio >= 10 else f"{ratio:.2g}×"


def beaten(row: Row) -> str:
    """The ratio, in bold where a peer is faster."""
    return f"**{times(row.ratio)}**" if row.ratio < 1 and not own(row.way) else times(row.ratio)


def grid(titles: tuple[str, ...], sides: str, lines: list[tuple[str, ...]]) -> str:
    """A Markdown table."""
    marks = [{"l": ":--", "r": "--:"}[side] for side in sides]
    return "\n".join(f"| {' | '.join(line)} |" for line in (titles, tuple(marks), *lines)) + "\n"


def folded(text: str, title: str) -> str:
    """Text behind a line that opens it."""
    return f"\n:::{{dropdown}} {title}\n{text}\n:::\n"


def roofline(kept: dict[str, Any], rows: list[Row]) -> str:
    """Bits or flops a byte against bits or flops a second, under the roofs of the machine: HTML."""
    machine = kept["machine"]
    copy = min(machine["copies"].values())
    figure = go.Figure()
    for unit, roof, dash in (
        ("bits", machine["popcounts"], "solid"),
        ("flops", machine["flops"], "dot"),
    ):
        x = [0.3, roof / copy, 1e4]
        y = [min(roof, copy * place) for place in x]
        line = {"color": INK, "dash": dash}
        figure.add_scatter(x=x, y=y, mode="lines", name=f"roof of {unit}", line=line)
        ours = [row for row in rows if row.way == "hdlib" and row.work and row.work.bytes]
        ours = sorted((row for row in ours if getattr(row.work, unit)), key=kind)
        for name, group in groupby(ours, key=kind):
            points = [(row.task, getattr(row.work, unit), row) for row in group]
            figure.add_scatter(
                x=[amount / row.work.bytes for _, amount, row in points],  # type: ignore[union-attr]
                y=[amount / row.seconds for _, amount, row in points],
                text=[task for task, _, _ in points],
                name=f"{name}, {unit}",
                mode="markers",
                marker={
                    "color": COLOURS.get(name, ACCENT),
                    "symbol": SYMBOLS.get(name, "x"),
                    "size": 9,
                },
                hovertemplate="%{text}<br>%{y:.3s} a second<extra></extra>",
            )
    figure.update_layout(template=TEMPLATE, height=460, showlegend=True, paper_bgcolor="white")
    figure.update_layout(
        plot_bgcolor="white",
        legend={"x": 1.02, "y": 1, "xanchor": "left", "yanchor": "top", "orientation": "v"},
    )
    figure.update_xaxes(type="log", dtick=1, title="bits compared, or flops, for each byte moved")
    figure.update_yaxes(type="log", dtick=1, tickformat="~s", title="bits or flops a second")
    return figure.to_html(full_html=False, include_plotlyjs=SCRIPT, div_id=f"roof-{kept['host']}")


def kind(row: Row) -> str:
    """What a point is coloured by: the model, or the kernel."""
    return row.task.split()[0]
