"""Notebook 05: the same set in five memories, each with the same number of bits."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
import torch

from hdlib import theory
from hdlib.memory import Hopfield
from hdlib.sets import BloomFilter, CountingBloomFilter, membership
from hdlib.vsa import MAPB, MAPI
from hdlib.workbook import style
from hdlib.workbook.colours import for_words
from hdlib.workbook.controls import Select, Slider
from hdlib.workbook.explorer import Explorer
from hdlib.workbook.explorers.filters import LOG, rate
from hdlib.workbook.explorers.similarity import note
from hdlib.workbook.figure import LiveFigure
from hdlib.workbook.rounding import rounded

MARKS = {  # colour, mark, and on which side of its line a memory is named
    "Bloom": (style.COLOURS["BSDC"], "square-open", "left"),
    "counting": (for_words(style.COLOURS["BSDC"]), "square", "right"),
    "MAP-I": (style.COLOURS["MAPI"], "circle", "left"),
    "MAP-B": (style.COLOURS["MAPB"], "circle-open", "left"),
    "Hopfield": (style.INK, "diamond-open", "left"),
}
BITS = tuple(int(x) for x in np.unique(np.geomspace(64, 32_768, 37).round()))
TICKS = (64, 256, 1024, 4096, 16_384)
RANGE = (-6.2, -0.2)
FLOOR = 1e-7
SOME = 4  # sizes computed at once: one by one is slow, and far below the floor slower still
NAMED = 1e-5  # where lines are named
DRAWS, KEYS = 20, 40


def explore_bridge(n: int = 20) -> Explorer:
    """Wrong answers over bits, for five memories of one set. Taught in notebook 05.

    >>> explore_bridge().words.split(":")[0]
    '20 keys in 512 bits, wrong answers'
    """
    controls = {
        "n": Slider("keys n", n, values=(5, 10, 20, 40)),
        "bits": Slider("bits", 512, values=(128, 256, 512, 1024, 2048, 4096, 8192, 16_384)),
        "shown": Select("follow", list(MARKS)),
    }
    return Explorer(
        "how many bits does each memory need for one wrong answer in a thousand? Then add keys.",
        controls,
        figure(),
        update,
        slow=measure,
    )


def figure() -> LiveFigure:
    """A line and points for each memory."""
    traces = []
    for name, (colour, symbol, _) in MARKS.items():
        line = style.exact(BITS, [0.5] * len(BITS), name)
        points = style.measured([], [], [], f"{name}, measured").update(visible=False)
        line.line.color = colour
        points.update(
            error_y={"color": colour},
            marker={"color": colour, "symbol": symbol, "line": {"color": colour}},
        )
        traces += [line, points]
    layout = {
        "xaxis": style.log_axis(
            "bits of the whole memory (all lines: exact)", TICKS, math.log10(60), math.log10(45_000)
        ),
        "yaxis": {**LOG, "title": {"text": "wrong answers"}, "range": RANGE},
    }
    return LiveFigure(go.Figure([*traces, style.here(64, 0.5)], layout))


def width(n: int) -> int:
    """Bits of a sum of n signs, which takes n + 1 values."""
    return math.ceil(math.log2(n + 1))


def size(name: str, n: int, bits: int) -> int:
    """Places, counters or dimensions that so many bits pay for."""
    if name == "counting":
        return bits // 4
    if name == "MAP-I":
        return bits // width(n)
    if name == "Hopfield":  # D (D - 1) / 2 weights, each a sum of n signs
        return int((1 + math.sqrt(1 + 8 * (bits // width(n)))) / 2)
    return bits


def hashes(n: int, places: int) -> int:
    """The best number of hashes."""
    return max(1, round(float(theory.bloom_hashes(n, bits=places))))


def errors(name: str, n: int, bits: tuple[int, ...]) -> list[float]:
    """The share of wrong answers when half of the questions are about members. Exact."""
    m = np.array([size(name, n, each) for each in bits])
    if name in ("Bloom", "counting"):
        best = [hashes(n, each) for each in m]
        wrong = theory.bloom_false_positive(n, bits=m, hashes=best)
    elif name == "Hopfield":
        wrong = theory.hopfield_false_positive(n, dim=m) + theory.hopfield_false_negative(n, dim=m)
    else:
        model = name.replace("-", "")
        wrong = theory.false_positive(model, n, dim=m) + theory.false_negative(model, n, dim=m)
    return [float(each) / 2 for each in wrong]


@lru_cache(maxsize=4096)
def error(name: str, n: int, bits: int) -> float:
    """The same for one size."""
    return errors(name, n, (bits,))[0]


@lru_cache(maxsize=64)
def curve(name: str, n: int) -> tuple[list[int], list[float]]:
    """Bits and wrong answers, as far down as the figure goes."""
    found: list[float] = []
    for first in range(0, len(BITS), SOME):
        found += errors(name, n, BITS[first : first + SOME])
        if found[-1] < FLOOR:
            break
    shown = sum(each >= FLOOR for each in found) + 1  # the line leaves the figure
    return list(BITS[:shown]), found[:shown]


@lru_cache(maxsize=64)
def needed(name: str, n: int, wrong: float = 0.001) -> float:
    """Bits at which so few answers are wrong, read from the line."""
    bits, found = curve(name, n)
    logs = -np.log(np.minimum.accumulate(found))
    return float(np.exp(np.interp(-math.log(wrong), logs, np.log(bits))))


def update(n: int, bits: int, shown: str) -> Any:
    """What the figure shows for these settings."""
    change: dict[str, Any] = {}
    labels = []
    for name, (colour, _, side) in MARKS.items():
        x, y = curve(name, n)
        change[name] = {"x": x, "y": y, "line": {"width": 4 if name == shown else 2}}
        height = NAMED if side == "left" else 10 * NAMED
        at = math.log10(needed(name, n, height))
        label = note(at, math.log10(height), name, side, xshift=7 if side == "left" else -7)
        labels.append({**label, "font": {"size": 12, "color": for_words(colour)}})
    at = max(error(shown, n, bits), 10 ** RANGE[0])
    change["you are here"] = {"x": [bits], "y": [at]}
    first, worst = (each(MARKS, key=lambda m: needed(m, n)) for each in (min, max))
    ratio = needed(worst, n) / needed(first, n)
    layout = {
        "title": f"{first} needs least; {worst} needs {ratio:.0f} times as many bits",
        "annotations": labels,
    }
    return change, layout, in_words(n, bits, shown)


def in_words(n: int, bits: int, shown: str) -> str:
    """What the figure shows, in one line."""
    parts = [f"{name} {rate(error(name, n, bits))}" for name in MARKS]
    wants = [f"{name} {float(f'{needed(name, n):.2g}'):,.0f}" for name in MARKS]
    return (
        f"{n} keys in {bits:,} bits, wrong answers: {', '.join(parts)} (exact). Bits for one wrong "
        f"answer in a thousand: {', '.join(wants)}."
    )


@lru_cache(maxsize=512)
def drawn(name: str, n: int, bits: int) -> tuple[float, float]:
    """The share of wrong answers of memories that hdlib builds, with its standard error."""
    m, wrong = size(name, n, bits), []
    for seed in range(DRAWS):
        own, other = range(n), range(n, n + KEYS)
        if name in ("Bloom", "counting"):
            kind = BloomFilter if name == "Bloom" else CountingBloomFilter
            filter_ = kind.with_size(m, hashes(n, m), seed=seed).add(own)
            said = [filter_.contains(keys).double().mean() for keys in (own, other)]
        else:
            vsa = MAPI(m, seed=seed) if name == "MAP-I" else MAPB(m, seed=seed)
            x, y = vsa.atoms(list(own)), vsa.atoms(list(other))
            if name == "Hopfield":
                network = Hopfield(vsa).add(x)
                said = [network.contains(each).double().mean() for each in (x, y)]
            else:
                total = vsa.bundle(x)
                at = 0.5 if name == "MAP-I" else float(theory.majority_agreement(n)) / 2
                answers = [membership(vsa, total, each, n=n, threshold=at) for each in (x, y)]
                said = [each.member.double().mean() for each in answers]
        wrong.append((1 - said[0] + said[1]) / 2)
    found = torch.stack(wrong)
    return float(found.mean()), float(found.std()) / DRAWS**0.5


def measure(progress: Any, n: int, bits: int, shown: str) -> Any:
    """All memories, where errors are frequent enough to be seen."""
    change: dict[str, Any] = {}
    for done, name in enumerate(MARKS):
        progress(done / len(MARKS))
        x, y = curve(name, n)
        often = [b for b, value in zip(x, y, strict=True) if value > 0.004]
        some = often[done % 2 :: max(1, len(often) // 3)]
        cells = [(b, *drawn(name, n, b)) for b in some]
        seen = [cell for cell in cells if cell[1]]
        change[f"{name}, measured"] = {
            "x": [cell[0] for cell in seen],
            "y": [cell[1] for cell in seen],
            "error_y": {"array": [cell[2] for cell in seen]},
        }
    mean, stderr = drawn(shown, n, bits)
    found = (
        f"{rounded(100 * mean, 100 * stderr)} %" if stderr else f"none of {DRAWS * (n + KEYS):,}"
    )
    return change, {}, f"{in_words(n, bits, shown)} Measured, {shown}: {found}."
