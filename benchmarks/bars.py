"""What the rows must reach, as data, and what they did reach."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from benchmarks.harness import Row


@dataclass(frozen=True)
class Bar:
    """A row that must be so many times as fast as another way, or stay below seconds or bytes.

    task: the row's, with a * for all that fit; the worst of them counts. unit: "×" (the time of
    ``than`` divided by this way's, at least), "s", "bytes" of the call or "bytes in all" of the
    process that the row had to itself (at most).
    """

    suite: str
    task: str
    limit: float
    unit: str
    way: str = "hdlib"
    than: str = ""


@dataclass(frozen=True)
class Verdict:
    """What was found of the worst task, and how many of how many tasks miss the bar."""

    bar: Bar
    task: str
    found: float
    missing: int = 0
    tasks: int = 1

    @property
    def margin(self) -> float:
        """How many times better than asked; below 1 the bar is missed."""
        if self.bar.unit == "×":
            return self.found / self.bar.limit
        return self.bar.limit / self.found if self.found else math.inf

    @property
    def met(self) -> bool:
        """At the bar or better."""
        return self.margin >= 1


def faster(suite: str, task: str, than: str, ratio: float, way: str = "hdlib") -> Bar:
    """So many times as fast as another way."""
    return Bar(suite, task, ratio, "×", way, than)


def within(suite: str, task: str, seconds: float, way: str = "hdlib") -> Bar:
    """Done in so many seconds."""
    return Bar(suite, task, seconds, "s", way)


def below(suite: str, task: str, memory: float, unit: str = "bytes") -> Bar:
    """Done in so many bytes."""
    return Bar(suite, task, memory, unit)


BARS = (
    faster("search", "BSC similarity 100 x 10,000", "torchhd", 45),
    faster("search", "MAPB similarity 100 x 10,000", "torchhd", 15),
    faster("search", "Hamming 100 x 10,000", "faiss", 1 / 1.2),
    faster("search", "BSC top-10 of 10,000, 100 queries", "faiss", 1 / 1.2),
    faster("search", "BSC Hamming similarity 2 x 10,000", "torchhd", 1000),
    faster("models", "BSC bind 1,000", "torchhd", 8),
    faster("models", "BSC bundle of 1,001", "torchhd", 60),
    faster("models", "BSC random 1,000", "torchhd", 100),
    faster("models", "MAPI random 1,000", "torchhd", 30),
    faster("models", "MAPB random 1,000", "torchhd", 30),
    faster("models", "VTB bind 1,000", "torchhd", 30),
    faster("models", "HRR bind 1,000", "torchhd", 1.8),
    faster("search", "SBC similarity 10 x 10,000", "torchhd", 20),
    faster("search", "BSC 10,000 bundles of 20", "gather", 100),
    faster("search", "MAPI 10,000 bundles of 20", "gather", 10),
    faster("search", "BSC top-1 of 10,000, 1 queries", "torchhd", 100),
    faster("search", "MAPI top-1 of 10,000, 1 queries", "torchhd", 8),
    faster("models", "*", "torchhd", 1),
    faster("dimensions", "*", "torchhd", 1),
    faster("many", "*", "torchhd", 1),
    faster("search", "*", "torchhd", 1),
    below("long", "make 1,000,000 BSC atoms", 1.29e9),
    below("long", "BSC top-10 of 1,000,000, 100 queries", 0.1e9),
    below("long", "BSC top-1 of 100,000,000 made, 1 query", 1e9, "bytes in all"),
    within("schlegel", "Schlegel's whole grid, MAPB", 20),
    within("schlegel", "Schlegel's whole grid, BSC", 20),
    faster("schlegel", "Schlegel's bundles, *", "torchhd", 20),
    within("sets", "add 10,000,000 integers", 10 / 20),
    within("sets", "find 10,000,000 integers", 10 / 15),
    within("sets", "refuse 10,000,000 integers", 10 / 15),
    within("sets", "add 1,000,000 texts", 1 / 4),
    within("sets", "find 1,000,000 texts", 1 / 4),
    within("sets", "refuse 1,000,000 texts", 1 / 4),
    faster("sets", "* integers", "rbloom", 1),
    faster("sets", "* texts", "rbloom", 1 / 3),
    within("documents", "encode 10,224 records", 10_224 / 30_000),
    within("documents", "encode 1 record", 1 / 2_000),
    within("documents", "100,000 vectors, 1 queries", 8e-3, "hdlib, float32"),
    within("documents", "100,000 vectors, 1 queries", 8e-3, "hdlib, int8"),
    within("documents", "100,000 vectors, 10 queries", 80e-3, "hdlib, float32"),
    faster("documents", "20 binds, D = 4,096", "hdlib, orthogonal", 300, "hdlib, permutation"),
    faster("segment", "segment 611 dialogues", "published", 40),
    faster("segment", "segment 611 dialogues", "published", 12, "hdlib, and learning"),
    within("segment", "learn and segment lines, N = 100,000", 15),
    below("segment", "learn and segment lines, N = 100,000", 1e9, "bytes in all"),
    faster("cuda", "xor of 1,000,000 pairs", "copy", 0.7),
    faster("cuda", "50,000 majorities of 20", "copy", 0.7),
    faster("cuda", "1,000,000 random rows", "copy", 0.7),
    faster("cuda", "1 query, 1,000,000 rows", "copy", 0.7),
    faster("cuda", "1,000 x 100,000 rows", "bf16", 1),
)


def check(measured: dict[str, list[Row]]) -> list[Verdict]:
    """Every bar of the suites that ran; a bar whose row is missing is a mistake."""
    found = [verdict(bar, measured[bar.suite]) for bar in BARS if bar.suite in measured]
    return [one for one in found if one]


def verdict(bar: Bar, rows: list[Row]) -> Verdict | None:
    """The worst of the rows that a bar names; None where its memory could not be measured."""
    mine = [row for row in rows if row.way == bar.way and fnmatchcase(row.task, bar.task)]
    theirs = {row.task: row.seconds for row in rows if row.way == bar.than}
    if bar.unit == "×":
        mine = [row for row in mine if row.task in theirs]
    if not mine:
        beside = f" beside {bar.than!r}" if bar.than else ""
        raise LookupError(f"bars: {bar.suite} has no row {bar.task!r} of {bar.way!r}{beside}")
    figures = {
        "×": lambda row: theirs[row.task] / row.seconds,
        "s": lambda row: row.seconds,
        "bytes": lambda row: row.peak,
        "bytes in all": lambda row: row.process,
    }
    values = {row.task: figures[bar.unit](row) for row in mine}
    found = [Verdict(bar, task, value) for task, value in values.items() if value is not None]
    if not found:
        return None
    worst = min(found, key=lambda one: one.margin)
    return replace(worst, missing=sum(not one.met for one in found), tasks=len(found))


def asked(bar: Bar) -> str:
    """A bar in words.

    >>> asked(faster("models", "*", "torchhd", 1))
    'at least 1× as fast as torchhd'
    """
    if bar.unit == "×" and bar.limit < 1:
        return f"at most {1 / bar.limit:.3g}× the time of {bar.than}"
    if bar.unit == "×":
        return f"at least {shown(bar.limit, bar.unit)} as fast as {bar.than}"
    return f"at most {shown(bar.limit, bar.unit)}"


def shown(value: float, unit: str) -> str:
    """A figure with its unit, three digits of it."""
    if unit == "s" and value < 1:
        return f"{1e3 * value:.3g} ms"
    if unit.startswith("bytes"):
        return f"{value / 1e9:.3g} GB{unit.removeprefix('bytes')}"
    return (
        f"{value:,.0f}{unit}" if value >= 100 else f"{value:.3g}{'' if unit == '×' else ' '}{unit}"
    )


def table(found: list[Verdict]) -> str:
    """One line a bar; those that are missed say by how much."""
    lines = [("bar", "asked", "found", "")]
    for one in found:
        bar = one.bar
        name = bar.task if one.task == bar.task else f"{bar.task}: worst is {one.task}"
        name += "" if bar.way == "hdlib" else f" ({bar.way})"
        said = "met" if one.met else f"MISSED by {1 / one.margin:.2f}×"
        said += f", {one.missing} of {one.tasks} rows" if one.missing and one.tasks > 1 else ""
        lines.append((f"{bar.suite}: {name}", asked(bar), shown(one.found, bar.unit), said))
    wide = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        f"{a:{wide[0]}}  {b:{wide[1]}}  {c:>{wide[2]}}  {d}".rstrip() for a, b, c, d in lines
    )
