"""The saved measurements as a page of the site: tables, and a roofline to hover over."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path
from typing import Any

import plotly.graph_objects as go

from benchmarks.harness import OWN
from hdlib.workbook.colours import ACCENT, COLOURS, INK, SYMBOLS
from hdlib.workbook.style import TEMPLATE

RESULTS = Path(__file__).with_name("results")
SCRIPT = "../_static/plotly.min.js"  # where docs/build.py puts plotly's own copy
INTRODUCTION = """# Speed

Each row is one piece of work, done in several ways: `hdlib` is ours, the others are its peers and
plain torch or numpy. Results were compared before anything was timed; ways took turns in one
process, and times are medians. The *floor* is what this machine needs at least for the bytes, bits
and multiplications that the work cannot do without: a copy of as many bytes, a popcount loop in the
first-level cache, a product of float32 matrices, measured beside it. *Ratio* is the time of a way
divided by ours: **below 1 that way is faster than ours**. `made` regenerates every atom instead of
reading it. `make bench` measures all of it on your machine.
"""
MISSING = "\nNo measurement has been saved yet: `python -m benchmarks --save` writes one.\n"


def page() -> str:
    """The whole page, from the files in benchmarks/results that `make bench` made."""
    saved = [json.loads(path.read_text()) for path in sorted(RESULTS.glob("*.json"))]
    parts = [section(kept) for kept in saved if "suites" in kept]
    return INTRODUCTION + ("\n".join(parts) or MISSING)


def section(kept: dict[str, Any]) -> str:
    """One machine: what it is, its roofline, a table a suite."""
    machine = kept["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in kept["versions"].items())
    rates = ", ".join(
        f"{rate / 1e9:,.0f} GB/s ({int(size) >> 10:,} KiB)"
        for size, rate in machine["copies"].items()
    )
    rows = [row for suite in kept["suites"].values() for row in suite]
    slower = sorted({row["task"] for row in rows if row["ratio"] < 1 and row["way"] not in OWN})
    lines = [
        f"\n## {machine['processor'].split(',')[0]}, {machine['threads']} threads\n",
        f"{machine['processor']}; {machine['cores']} cores, {machine['memory_gb']} GB. {versions}.",
        f"Copies: {rates}. Popcounts: {machine['popcounts'] / 1e12:.2f} Tbit/s. "
        f"Products: {machine['flops'] / 1e9:,.0f} Gflop/s.\n",
        f"Slower than a peer: {'; '.join(slower) or 'nothing'}.\n",
        "```{raw} html\n" + roofline(kept) + "\n```\n",
    ]
    return "\n".join(lines + [suite(name, kept["suites"][name]) for name in kept["suites"]])


def suite(name: str, rows: list[dict[str, Any]]) -> str:
    """A table: a line a task, a column for ours, the floor, and the others beside it."""
    lines = [
        f"\n### {name}\n",
        "| work | hdlib, ms | floor, ms | memory, MB | others, ms (ratio) |",
    ]
    lines.append("|:--|--:|--:|--:|:--|")
    for task, ways in groupby(rows, key=lambda row: row["task"]):
        ours, *others = ways
        least = "" if ours["floor"] is None else f"{1e3 * ours['floor']:.4g}"
        room = "" if ours["peak"] is None else f"{ours['peak'] / 1e6:.1f}"
        beside = "; ".join(
            f"{row['way']} {1e3 * row['seconds']:.4g} ({times(row['ratio'])})" for row in others
        )
        lines.append(f"| {task} | {1e3 * ours['seconds']:.4g} | {least} | {room} | {beside} |")
    return "\n".join(lines)


def times(ratio: float) -> str:
    """A ratio with two digits, in bold where the other way is faster."""
    shown = f"{ratio:,.0f}×" if ratio >= 10 else f"{ratio:.2g}×"
    return f"**{shown}**" if ratio < 1 else shown


def roofline(kept: dict[str, Any]) -> str:
    """Bits or flops a byte against bits or flops a second, under the roofs of the machine: HTML."""
    machine = kept["machine"]
    copy = min(machine["copies"].values())
    figure = go.Figure()
    for unit, roof, colour in (
        ("bits", machine["popcounts"], COLOURS["BSC"]),
        ("flops", machine["flops"], ACCENT),
    ):
        x = [0.01, roof / copy, 1e5]
        y = [min(roof, copy * place) for place in x]
        line = {"color": colour}
        figure.add_scatter(x=x, y=y, mode="lines", name=f"floor: {unit}", line=line)
        rows = [
            row
            for suite in kept["suites"].values()
            for row in suite
            if row["work"] and row["work"][unit] and row["work"]["bytes"] and row["way"] == "hdlib"
        ]
        names = [row["task"].split()[0] for row in rows]
        figure.add_scatter(
            x=[row["work"][unit] / row["work"]["bytes"] for row in rows],
            y=[row["work"][unit] / row["seconds"] for row in rows],
            text=[row["task"] for row in rows],
            name=f"measured: {unit}",
            mode="markers",
            marker={
                "color": [COLOURS.get(name, INK) for name in names],
                "symbol": [SYMBOLS.get(name, "x") for name in names],
                "size": 9,
            },
            hovertemplate="%{text}<br>%{y:.3s} a second<extra></extra>",
        )
    figure.update_layout(template=TEMPLATE, height=420, showlegend=True, paper_bgcolor="white")
    figure.update_layout(plot_bgcolor="white")
    figure.update_xaxes(type="log", title="bits compared, or flops, for each byte moved")
    figure.update_yaxes(type="log", title="bits compared, or flops, a second")
    return figure.to_html(full_html=False, include_plotlyjs=SCRIPT, div_id=f"roof-{kept['host']}")
